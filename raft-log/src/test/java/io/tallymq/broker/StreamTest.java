package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.effect.StreamStart;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** x-queue-type: stream, as far as it is replicated: messages come, stay, and go by age and length; who reads costs nothing. */
class StreamTest {
    private MemoryStore store = new MemoryStore(0);
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);

    @BeforeEach
    void level() {
        node.raise(3);
    }

    @AfterEach
    void restart() {
        node.commit();
        final long digest = node.machine.digest();
        final long due = node.machine.nextDue();
        store = store.copy();
        node.machine = new BrokerMachine(store, MachineLimits.FORMAT_1);
        assertEquals(digest, node.machine.digest());
        assertEquals(due, node.machine.nextDue());
    }

    private void declare(Object... more) {
        Map<String, Object> a = new TreeMap<>(Map.of("x-queue-type", "stream"));
        for (int i = 0; i < more.length; i += 2) {
            a.put((String) more[i], more[i + 1]);
        }
        Reply r = node.declare("q", a);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", "q")));
    }

    private StreamStart read(Object... offset) {
        Map<String, Object> a = offset.length == 0 ? Map.of() : Map.of("x-stream-offset", offset[0]);
        return ((Reply.Subscribed) node.consume(1, "q", 10, a)).stream();
    }

    @Test
    void nobodyIsAssignedAnything() {
        declare();
        read("first");
        publish(50);
        assertEquals(List.of(), node.delivered);
        assertEquals(50, node.queue("q").ready());
        assertEquals(1, node.queue("q").consumers());
        assertEquals(List.of(50), node.grown);
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        publish(1);
        assertEquals(List.of(50), node.grown);
        assertEquals(51, node.queue("q").ready());
    }

    @Test
    void whereReadingBegins() {
        declare();
        assertEquals(0, read("last").offset());
        publish(10);
        long q = read().queue();
        assertEquals(new StreamStart(q, 10, false, 0), read());
        assertEquals(new StreamStart(q, 10, false, 0), read("next"));
        assertEquals(new StreamStart(q, 0, false, 0), read("first"));
        assertEquals(new StreamStart(q, 9, true, 0), read("last"));
        assertEquals(new StreamStart(q, 4, false, 0), read(4L));
        assertEquals(new StreamStart(q, 7, false, 0), read(-3L));
        assertEquals(new StreamStart(q, 0, false, 0), read(-30L));
        assertEquals(new StreamStart(q, 0, false, 12_000), read(new Arguments.Timestamp(12)));
        node.passed += 100_000;
        assertEquals(node.index + 1 + node.passed - 60_000, read("1m").time());
    }

    @Test
    void lengthAndAge() {
        declare("x-max-length", 10L, "x-max-age", "1m");
        for (int i = 0; i < 10; i++) {
            publish(4);
            node.passed += 1_000;
        }
        assertEquals(12, node.queue("q").ready());
        restart();
        node.passed += 58_500;
        node.apply(new Probe(false));
        assertEquals(4, node.queue("q").ready(), "two chunks are older than a minute");
        node.passed += 60_000;
        node.apply(new Probe(false));
        assertEquals(0, node.queue("q").ready());
        assertEquals(28, node.queue("q").counters().overflowed());
        publish(1);
        node.commit();
        Chunk kept = store.chunkNear(read().queue(), 0);
        assertEquals(40, kept.firstSeq());
    }

    @Test
    void bytes() {
        declare("x-max-length-bytes", 100L);
        for (int i = 0; i < 20; i++) {
            publish(3);
        }
        assertEquals(12, node.queue("q").ready());
    }

    @Test
    void nothingIsLeft() {
        declare();
        for (int i = 0; i < 20; i++) {
            publish(3);
        }
        read();
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.apply(new Probe(false));
        node.commit();
        store.scan(Keys.of(Keys.CHUNK), (k, v) -> assertNull(k));
        store.scan(Keys.of(Keys.HOLDER), (k, v) -> assertNull(k));
    }

    /** What is committed and kept is found, whatever is asked for. */
    @Test
    void chunksAreFound() {
        Random random = new Random(5);
        declare("x-max-length", 60L);
        for (int i = 0; i < 60; i++) {
            publish(1 + random.nextInt(6));
        }
        long queue = read().queue();
        node.commit();
        for (int i = 0; i < 10; i++) {
            publish(1 + random.nextInt(6)); // which the store does not have yet
        }
        long end = read().offset();
        long kept = node.machine.chunkNear(queue, 0).firstSeq();
        for (long seq = 0; seq < end; seq++) {
            Chunk c = node.machine.chunkNear(queue, seq);
            assertTrue(c.endSeq() > seq && (c.firstSeq() <= seq || c.firstSeq() == kept), seq + " " + c.firstSeq());
        }
        assertNull(node.machine.chunkNear(queue, end));
        node.commit();
        long tail = read().offset();
        List<Chunk> all = store.chunks(queue, 0, Long.MAX_VALUE);
        for (long seq = 0; seq <= tail; seq++) {
            long at = seq;
            Chunk expected =
                    all.stream().filter(c -> c.endSeq() > at).findFirst().orElse(null);
            Chunk found = store.chunkNear(queue, seq);
            assertEquals(expected == null ? -1 : expected.firstSeq(), found == null ? -1 : found.firstSeq());
        }
    }
}
