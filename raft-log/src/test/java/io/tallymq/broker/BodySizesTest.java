package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.BodySizes;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bytes of parts of chunks, whether their messages are in memory or not. */
class BodySizesTest {
    private static final Route TO_Q = new Route("/", "", "q");

    private static Publish bodies(int... lengths) {
        ByteWriter w = new ByteWriter();
        for (int length : lengths) {
            MessageRecord.writeHeader(w, 0, 0, 2, length);
            w.uint16(0);
            w.reserve(length);
        }
        return new Publish(List.of(TO_Q), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    private static void settle(OneNode node, long from, long to, Settle.Outcome how) {
        node.apply(new Settle(node.delivered.get(0).holder(), how, new long[] {from, to}));
        node.commit();
    }

    private static void assertBytes(OneNode node, long ready, long unacked) {
        BrokerView.QueueInfo q = node.queue("q");
        assertEquals(List.of(ready, unacked), List.of(q.readyBytes(), q.unackedBytes()));
    }

    @Test
    void partsOfAChunkWhoseMessagesHaveLeftMemory() {
        MemoryStore store = new MemoryStore(0);
        OneNode node = new OneNode(store, MachineLimits.FORMAT_1);
        node.declare("q");
        node.apply(bodies(10, 1_000, 100, 7));
        node.commit();
        assertBytes(node, 1_117, 0);
        node.consume("q", 2);
        node.commit();
        assertBytes(node, 107, 1_010);
        settle(node, 1, 1, Settle.Outcome.NACK_REQUEUE); // comes again at once
        assertBytes(node, 107, 1_010);
        settle(node, 0, 0, Settle.Outcome.ACK);
        assertBytes(node, 7, 1_100);
        node.machine = new BrokerMachine(store.copy());
        assertBytes(node, 7, 1_100);
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertBytes(node, 0, 1_100);
        settle(node, 2, 2, Settle.Outcome.DISCARD);
        settle(node, 1, 1, Settle.Outcome.ACK);
        assertBytes(node, 0, 0);
    }

    /** Asking a part of many chunks keeps some of their sizes only, and those of removed chunks not at all. */
    @Test
    void whatIsKeptHasABound() {
        MemoryStore store = new MemoryStore(0);
        BodySizes sizes = new BodySizes(store);
        int[] lengths = new int[4_000];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = i % 2;
        }
        MachineLimits large = MachineLimits.FORMAT_1;
        OneNode node = new OneNode(store, large);
        node.declare("q");
        for (int i = 0; i < 300; i++) {
            node.apply(bodies(lengths));
            node.commit();
        }
        List<Chunk> chunks = store.chunks(node.machine.queueNumber("/", "q"), 0, Long.MAX_VALUE);
        assertTrue(chunks.size() >= 1_200, chunks.size() + " chunks");
        for (Chunk c : chunks) {
            assertTrue(c.isMixed());
            assertEquals(1, sizes.of(c, 1, 3));
            assertTrue(sizes.kept() <= BodySizes.MOST, sizes.kept() + " are kept");
        }
        chunks.forEach(sizes::forget);
        assertEquals(0, sizes.kept());
    }
}
