package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What ends when several times are over at once, or nobody looked for a while: x-message-ttl, expiration and x-expires. */
class ExpiryTest extends OneNodeTest {
    private static final int PREFETCH = 32;
    private static final Route Q = new Route("/", "", "q");

    ExpiryTest() {
        node.raise(5);
    }

    private void declare(String queue, Object... arguments) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        Reply r = node.declare(queue, a);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 20, Q));
    }

    private void publish(int messages, long expiration) {
        byte[] more = new Extension(List.of(), 0, expiration).encode();
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < messages; i++) {
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
            w.raw(more, 0, more.length).uint16(0).uint8('x');
        }
        node.apply(new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE));
    }

    /** Some milliseconds go by without an entry; then the log goes on as long as there is work. Returns how many entries that took. */
    private int pass(long millis) {
        node.passed += millis;
        int entries = 0;
        do {
            node.apply(new Probe(false));
            entries++;
            assertTrue(entries < 10_000, "there is no end");
        } while (node.machine.owes());
        return entries;
    }

    private boolean isThere(String queue) {
        return node.machine.queues().stream().anyMatch(q -> q.name().equals(queue));
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    /** The delay queue of many: its messages' time is over, then its own, and nobody looked in between. */
    @Test
    void whatExpiredBeforeItsQueueGoesToTheDeadLetters() {
        declare("d");
        declare(
                "q",
                "x-message-ttl",
                1_000L,
                "x-expires",
                2_000L,
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                "d");
        for (int i = 0; i < 40; i++) {
            publish(100);
        }
        node.passed += 5_000;
        node.apply(new Probe(false));
        assertTrue(isThere("q"), "its letters are on their way");
        assertTrue(ready("d") <= 2_048, "each entry does little");
        restart();
        pass(0);
        assertEquals(4_000, ready("d"));
        assertTrue(!isThere("q"), "it has gone");
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
    }

    @Test
    void whatWouldHaveExpiredLaterGoesWithItsQueue() {
        declare("d");
        declare("q", "x-expires", 2_000L, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d");
        publish(300, 1_000);
        publish(1, 3_000);
        publish(1, 60_000);
        pass(5_000);
        assertEquals(300, ready("d"));
        assertTrue(!isThere("q"));
    }

    @Test
    void lettersThatAreStuckGoWithTheirQueue() {
        declare(
                "q",
                "x-queue-type",
                "quorum",
                "x-dead-letter-strategy",
                "at-least-once",
                "x-message-ttl",
                1_000L,
                "x-expires",
                2_000L,
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                "d");
        publish(300);
        int entries = pass(5_000);
        assertTrue(!isThere("q"));
        assertTrue(entries < 20, entries + " entries");
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
    }

    @Test
    void timeWithoutAClusterDoesNotCountForQueues() {
        declare("q", "x-expires", 20_000L);
        declare("r", "x-expires", 30_000L);
        pass(3_600_000);
        assertTrue(isThere("q") && isThere("r"), "their time begins anew");
        restart();
        for (int i = 0; i < 4; i++) {
            pass(4_900);
        }
        restart();
        assertTrue(isThere("q"));
        pass(1_000);
        assertTrue(!isThere("q") && isThere("r"), "a cluster that lives says so every few seconds");
        pass(5_000);
        pass(6_000);
        assertTrue(!isThere("r"));
    }

    /** Messages are another matter: their time is the publisher's. */
    @Test
    void timeWithoutAClusterCountsForMessages() {
        declare("q", "x-expires", 20_000L, "x-message-ttl", 20_000L);
        publish(3);
        pass(3_600_000);
        assertEquals(0, ready("q"));
    }

    /** As many as a consumer has that settles its whole prefetch at once. */
    private int handedToAFastConsumer(long ttl) {
        declare("q", "x-message-ttl", ttl);
        long consumer = ((Reply.Subscribed) node.consume("q", PREFETCH)).consumer();
        publish(1_000);
        long first = node.delivered.get(0).firstSeq();
        node.apply(new Settle(consumer, Settle.Outcome.ACK, new long[] {first, first + PREFETCH - 1}));
        return node.delivered.stream().mapToInt(Delivery::count).sum();
    }

    @Test
    void nobodyIsAssignedAheadWhatEndsSoon() {
        assertEquals(2 * PREFETCH, handedToAFastConsumer(2_000));
        restart();
        pass(3_000);
        assertEquals(1_000 - 2 * PREFETCH, node.queue("q").counters().deaths().expired());
        assertEquals(0, node.machine.owed());
    }

    @Test
    void whatLivesLongIsAssignedAhead() {
        assertTrue(handedToAFastConsumer(3_600_000) > 2 * PREFETCH);
    }
}
