package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.Session.Content;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.EntryCheck;
import io.tallymq.raft.entry.Packer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;

class BatchTracesTest {
    private final RuntimeMetrics metrics = new RuntimeMetrics();
    private final Outbox outbox = new Outbox("n1", RuntimeTuning.DEFAULTS, System::nanoTime, () -> false);

    /** The batch after the registration, of so many messages, of which some are traced. */
    private Batch batch(int messages, List<Integer> traced, int most) {
        outbox.measure(metrics.phases(), new Tracing("n1", most, System::nanoTime, metrics));
        outbox.register(1);
        outbox.poll();
        outbox.answered(0);
        ClientSession s = outbox.connect(null, Runnable::run, session -> true);
        for (int i = 0; i < messages; i++) {
            Content content = traced.contains(i) ? Client.traced("body " + i, "m") : Client.content("body " + i);
            outbox.message(s, 1 + i % 3, i, Client.to("q"), content);
        }
        return outbox.poll();
    }

    private static int[] read(byte[] bytes) {
        return BatchTraces.of(bytes, BatchCodec.header(bytes, 0, bytes.length, new BatchCodec.Names()));
    }

    @Test
    void aBatchSaysWhichMessagesAreTraced() {
        Batch batch = batch(40, List.of(0, 7, 39), 10);
        assertArrayEquals(new int[] {0, 7, 39}, read(batch.bytes));
        assertEquals(3, batch.traced.size());
        assertEquals(3, metrics.traced());
        assertNull(EntryCheck.damage(batch.bytes, 0, batch.bytes.length));
    }

    @Test
    void aPackedBatchSaysSoAsWell() {
        Batch batch = batch(400, List.of(0, 7, 39), 10);
        byte[] packed = new Packer(true).pack(batch.bytes);
        assertTrue(BatchCodec.isPacked(packed, 0, packed.length));
        byte[] unpacked = BatchCodec.unpack(
                packed, 0, packed.length, LZ4Factory.fastestInstance().safeDecompressor());
        assertArrayEquals(new int[] {0, 7, 39}, read(unpacked));
    }

    @Test
    void othersHaveNotAByteMore() {
        Batch without = batch(40, List.of(), 10);
        assertNull(read(without.bytes));
        Batch with = new BatchTracesTest().batch(40, List.of(1), 10);
        assertEquals(without.bytes.length + 9, with.bytes.length);
    }

    @Test
    void whatIsTooMuchGoesUntraced() {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            all.add(i);
        }
        Batch batch = batch(40, all, 10);
        assertEquals(BatchTraces.MOST, read(batch.bytes).length);
        assertEquals(40, batch.messages);
        assertEquals(BatchTraces.MOST, metrics.traced());
        assertEquals(40 - BatchTraces.MOST, metrics.skippedTraces());
    }

    @Test
    void withoutRoomForAnyNoneIsTraced() {
        Batch batch = batch(3, List.of(1), 0);
        assertNull(read(batch.bytes));
        assertEquals(1, metrics.skippedTraces());
    }

    /** The last message's origin is a run of so many messages: bytes that a client has a say in. */
    @Test
    void whatEndsLikeAMarkByChanceHasNone() {
        byte[] bytes = batch(1, List.of(), 10).bytes;
        BatchCodec.Header h = BatchCodec.header(bytes, 0, bytes.length, new BatchCodec.Names());
        byte[] mark = {0x78, 0x74, 0x72, 0x63};
        // acks 0, routes 0, channels 0, two runs of these four numbers
        byte[] trailer = {0, 0, 0, 2, mark[0], mark[1], mark[2], mark[3]};
        byte[] made = Arrays.copyOf(bytes, h.trailer() + trailer.length);
        System.arraycopy(trailer, 0, made, h.trailer(), trailer.length);
        assertNull(read(made));
    }
}
