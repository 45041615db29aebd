package io.tallymq.raft.entry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.Commands;
import io.tallymq.broker.command.InBatch;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.UnreadableEntryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchCodecTest {
    private static byte[] batch() {
        ByteWriter w = new ByteWriter();
        BatchCodec.begin(w, Commands.utf8("n1"));
        CommandCodec.write(w, "n1", new NodeUp("n1", 5));
        int trailer = w.size();
        w.varint(0).varint(0);
        BatchCodec.finish(w, 5, 7, trailer);
        return w.toBytes();
    }

    @Test
    void anEntryOfSeveralBatchesIsTakenApartAgain() {
        byte[] joined = BatchCodec.join(List.of(batch(), new byte[0], batch()));
        byte[] shifted = new byte[joined.length + 9];
        System.arraycopy(joined, 0, shifted, 5, joined.length);
        assertTrue(BatchCodec.isJoined(shifted, 5, joined.length));
        assertFalse(BatchCodec.isJoined(batch(), 0, batch().length));
        assertFalse(BatchCodec.isPacked(shifted, 5, joined.length));
        List<byte[]> parts = new ArrayList<>();
        BatchCodec.forEach(
                shifted, 5, joined.length, (at, length) -> parts.add(Arrays.copyOfRange(shifted, at, at + length)));
        assertEquals(3, parts.size());
        assertArrayEquals(batch(), parts.get(0));
        assertEquals(0, parts.get(1).length);
        assertArrayEquals(batch(), parts.get(2));
        for (int cut = 5; cut < joined.length; cut++) {
            int length = cut;
            int inFirst = 8 + batch().length;
            if (cut != inFirst && cut != inFirst + 4) {
                assertThrows(
                        UnreadableEntryException.class,
                        () -> BatchCodec.forEach(joined, 0, length, (at, n) -> {}),
                        "cut at " + cut);
            }
        }
    }

    @Test
    void aBatchIsPatientUntilItIsStamped() {
        assertFalse(BatchCodec.isPatient(batch()));
        ByteWriter w = new ByteWriter();
        byte[] b = batch();
        w.raw(b, 0, b.length);
        BatchCodec.hint(w, true, 300);
        byte[] said = w.toBytes();
        assertTrue(BatchCodec.isPatient(said));
        assertEquals(300, BatchCodec.work(said));
        BatchCodec.stamp(said, 0, 7);
        assertFalse(BatchCodec.isPatient(said));
        BatchCodec.stamp(b, 0, 7);
        assertEquals(0, BatchCodec.work(said));
        assertArrayEquals(b, said);
        assertFalse(BatchCodec.isPatient(new byte[3]));
    }

    @Test
    void theHeaderIsReadAtAnyOffset() {
        byte[] b = batch();
        byte[] shifted = new byte[b.length + 20];
        System.arraycopy(b, 0, shifted, 13, b.length);
        BatchCodec.stamp(shifted, 13, 1_234_567_890_123L);
        BatchCodec.Header h = BatchCodec.header(shifted, 13, b.length, new BatchCodec.Names());
        assertEquals("n1", h.node());
        assertEquals(5, h.epoch());
        assertEquals(7, h.seq());
        assertEquals(1_234_567_890_123L, h.time());
        assertEquals(13 + b.length, h.end());
        assertTrue(h.nodeUp(shifted));
        ByteReader r = new ByteReader(shifted, h.commands(), h.trailer() - h.commands());
        assertEquals(new NodeUp("n1", 5), CommandCodec.read(r, new InBatch(h.node(), List.of(), Origins.NONE)));
    }

    @Test
    void namesAreOneInstance() {
        BatchCodec.Names names = new BatchCodec.Names();
        String first = BatchCodec.header(batch(), 0, batch().length, names).node();
        assertSame(first, BatchCodec.header(batch(), 0, batch().length, names).node());
    }

    @Test
    void anotherVersionIsRefused() {
        byte[] b = batch();
        b[0] = 2;
        UnreadableEntryException e = assertThrows(
                UnreadableEntryException.class, () -> BatchCodec.header(b, 0, b.length, new BatchCodec.Names()));
        assertTrue(e.getMessage().contains("format 2"), e.getMessage());
    }

    @Test
    void unknownFlagsAreRefused() {
        byte[] b = batch();
        b[1] = 4;
        assertThrows(UnreadableEntryException.class, () -> BatchCodec.header(b, 0, b.length, new BatchCodec.Names()));
    }

    @Test
    void whatNoReplicaCouldApplyIsRefusedBeforeTheLogTakesIt() {
        assertNull(BatchCodec.refusal(batch()));
        assertNull(BatchCodec.refusal(new Packer(true).pack(batch())));
        byte[] flags = batch();
        flags[1] = 2;
        assertTrue(BatchCodec.refusal(flags).contains("flags 2"), "joined batches are the leader's business");
        byte[] format = batch();
        format[0] = 2;
        assertTrue(BatchCodec.refusal(format).contains("format 2; this program reads format 1"));
        byte[] group = batch();
        group[3] = 1;
        assertTrue(
                BatchCodec.refusal(group).startsWith("no such group: this version of TallyMQ has group 0 only, not 1"));
        assertTrue(BatchCodec.refusal(Arrays.copyOf(batch(), 31)).contains("31 bytes"));
        assertTrue(BatchCodec.refusal(new byte[0]).contains("0 bytes, format -1"));
        assertEquals(
                "n1",
                BatchCodec.header(group, 0, group.length, new BatchCodec.Names())
                        .node(),
                "apply does not throw");
    }

    @Test
    void aTrailerOutsideTheEntryIsRefused() {
        byte[] b = batch();
        assertThrows(
                UnreadableEntryException.class, () -> BatchCodec.header(b, 0, b.length - 3, new BatchCodec.Names()));
        assertThrows(UnreadableEntryException.class, () -> BatchCodec.header(b, 0, 4, new BatchCodec.Names()));
        assertThrows(UnreadableEntryException.class, () -> BatchCodec.header(b, 0, 0, new BatchCodec.Names()));
    }

    @Test
    void routesAreReadOnceAndShared() {
        ByteWriter w = new ByteWriter();
        w.varint(2)
                .string("/")
                .string("logs")
                .string("a.b")
                .string("/")
                .string("")
                .string("q");
        RouteCache cache = new RouteCache();
        var first = BatchCodec.readRoutes(new ByteReader(w.toBytes()), cache);
        var second = BatchCodec.readRoutes(new ByteReader(w.toBytes()), cache);
        assertEquals("logs", first.get(0).exchange());
        assertEquals("q", first.get(1).routingKey());
        assertEquals(first, second);
        assertSame(first.get(0), second.get(0));
    }
}
