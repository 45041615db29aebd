package io.tallymq.amqp.settle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.Session;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.raft.session.RuntimeTuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The acks of one turn become few ranges (basic.ack, basic.nack, basic.reject). */
class SettleBatchTest {
    /** A holder whose acks nobody takes. */
    private static final long FAILS = 2;

    private final List<String> told = new ArrayList<>();
    private final SettleBatch batch = new SettleBatch(new Recorder());

    @Test
    void acksInOrderAreOneRange() {
        Holding a = new Holding(1);
        Holding b = new Holding(4);
        for (int seq = 0; seq < 10; seq++) {
            batch.sink(Outcome.ACK).settled(a, seq, seq);
            batch.sink(Outcome.ACK).settled(b, 100 + seq, 100 + seq);
        }
        batch.flush();
        assertEquals(List.of("ack 1 0-9", "ack 4 100-109"), told);
    }

    @Test
    void nacksAreAscendingAndMerged() {
        Holding a = new Holding(1);
        for (int seq : new int[] {5, 4, 9, 3}) {
            batch.sink(Outcome.NACK_REQUEUE).settled(a, seq, seq);
        }
        batch.sink(Outcome.DISCARD).settled(a, 7, 7);
        batch.flush();
        assertEquals(List.of("NACK_REQUEUE 1 [3, 5, 9, 9]", "DISCARD 1 [7, 7]"), told);
    }

    @Test
    void aFlushIsGivenOnce() {
        Holding a = new Holding(1);
        batch.sink(Outcome.ACK).settled(a, 1, 1);
        batch.flush();
        batch.flush();
        batch.sink(Outcome.ACK).settled(a, 2, 2);
        batch.flush();
        assertEquals(List.of("ack 1 1-1", "ack 1 2-2"), told);
    }

    /** The connection ends then, and what was not given is tried once more. */
    @Test
    void whatWasGivenBeforeAFlushFailedIsNotGivenAgain() {
        batch.sink(Outcome.NACK_REQUEUE).settled(new Holding(1), 1, 1);
        batch.sink(Outcome.ACK).settled(new Holding(FAILS), 2, 2);
        batch.sink(Outcome.ACK).settled(new Holding(3), 3, 3);
        assertThrows(OutOfMemoryError.class, batch::flush);
        assertThrows(OutOfMemoryError.class, batch::flush);
        assertEquals(List.of("NACK_REQUEUE 1 [1, 1]"), told);
        SentMessages left = new SentMessages();
        batch.giveUp(left);
        batch.flush();
        assertEquals(
                List.of(FAILS, 3L),
                left.toList(batch).stream().map(Sent::holder).toList());
    }

    /** A batch has 1 MiB, and nacks of every other message of a large prefetch are as many ranges. What goes in one entry goes in smaller parts. */
    @ParameterizedTest
    @CsvSource({"NACK_REQUEUE, 4", "REJECT_REQUEUE, 4", "DISCARD, 25", "RELEASE, 25"})
    void veryManyRangesAreSeveralCommands(Outcome how, int commands) {
        Holding a = new Holding(1);
        int ranges = 3 * SettleBatch.MOST_RANGES + 1;
        SentMessages sent = new SentMessages();
        for (int i = 0; i < ranges; i++) {
            batch.sink(how).settled(a, 2L * i, 2L * i);
            sent.settled(a, 2L * i, 2L * i);
        }
        batch.flush();
        assertEquals(commands, told.size());
        String[] numbers =
                String.join(" ", told).replaceAll("[^0-9 ]", "").trim().split(" +");
        assertEquals(commands + 2 * ranges, numbers.length);
        long[] told = sent.toList(batch).get(0).ranges();
        assertEquals(2 * SettleBatch.MOST_RANGES, told.length);
        assertEquals(2L * ranges - 2, told[told.length - 1]);
    }

    /**
     * Tags of holders that are gone, with their queues, stay the client's for as long as it does not settle them: there may be more of them than all
     * consumers that the cluster takes. A close that does not fit a batch would never be told.
     */
    @Test
    void whatWasSentByVeryManyHoldersIsToldByACloseThatFitsABatch() {
        int holders = 150_000;
        SentMessages sent = new SentMessages();
        for (int i = 0; i < holders; i++) {
            sent.settled(new Holding((1L << 35) + i), 1L << 35, 1L << 35);
        }
        List<Sent> by = sent.toList(batch);
        ByteWriter encoded = new ByteWriter(64);
        CommandCodec.write(encoded, "n", new CloseConnection(new ConnectionId("n", 1), by));
        assertTrue(encoded.size() <= RuntimeTuning.Batches.DEFAULTS.hard(), encoded.size() + " bytes");
        batch.flush();
        assertEquals(holders, told.size() + by.size());
        assertEquals("REJECT_REQUEUE " + (1L << 35) + " [" + (1L << 35) + ", " + (1L << 35) + "]", told.get(0));
    }

    private final class Recorder implements Session {
        @Override
        public ConnectionId id() {
            return new ConnectionId("n", 1);
        }

        @Override
        public void submit(Command command, Consumer<Reply> onReply) {
            throw new AssertionError("nobody waits for settles");
        }

        @Override
        public void submit(Command command) {
            Settle settle = (Settle) command;
            told.add(settle.outcome() + " " + settle.holder() + " " + Arrays.toString(settle.ranges()));
        }

        @Override
        public void commit(int channel, List<Settle> settles, List<Staged> publishes, Consumer<Reply> onReply) {
            throw new AssertionError();
        }

        @Override
        public void publish(int channel, long seq, PublishTarget target, Content content) {
            throw new AssertionError();
        }

        @Override
        public long uploadPart(long upload, Content part) {
            throw new AssertionError();
        }

        @Override
        public void publishUpload(
                int channel, long seq, PublishTarget target, Content properties, long upload, long bodyLength) {
            throw new AssertionError();
        }

        @Override
        public void ack(long holder, long firstSeq, long lastSeq) {
            if (holder == FAILS) {
                throw new OutOfMemoryError("on purpose");
            }
            told.add("ack " + holder + " " + firstSeq + "-" + lastSeq);
        }

        @Override
        public boolean isWritable(boolean publisher) {
            return true;
        }

        @Override
        public boolean mayDeliver() {
            return true;
        }

        @Override
        public void close(List<Sent> sent) {}
    }
}
