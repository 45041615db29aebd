package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.dedup.ForeseenKeys;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a queue does not remember any more does not come back, and counts until it is taken out. */
class ForgottenKeysTest extends OneNodeTest {
    private static final MachineLimits FEW = new MachineLimits(
            256,
            100_000,
            1_000,
            256 * 1024,
            512,
            4_096,
            new WorkLimits(32_768, 500, 3, 64, 4_096),
            8,
            250_000,
            StateLimits.DEFAULTS);

    ForgottenKeysTest() {
        super(FEW);
        node.raise(5);
    }

    private static void queue(OneNode n, boolean remembers, String header) {
        Map<String, Object> a = new TreeMap<>(Map.of("x-alter", true));
        if (remembers) {
            a.put("x-message-deduplication", true);
            a.put("x-deduplication-header", header);
        }
        Reply r = n.declare("q", a);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    private static void publish(OneNode n, long id, String header, Object... keys) {
        Publish p = GroupsTest.messages(id, header, List.of(keys));
        n.apply(new Publish(List.of(new Route("/", "", "q")), p.bytes(), p.offset(), p.end(), 0, p.origins()));
    }

    @Test
    void anotherHeaderIsAnotherMemory() {
        queue(node, true, "order");
        publish(node, 1, "order", "1", "2", "3", "4", "5", "6", "7", "8");
        queue(node, true, "invoice");
        publish(node, 11, "invoice", "7", "7", "8", "8");
        assertEquals(10, node.queue("q").ready(), "an invoice is no order");
        restart();
        publish(node, 21, "invoice", "7", "8");
        assertEquals(10, node.queue("q").ready());
        queue(node, true, "invoice");
        publish(node, 31, "invoice", "7", "8");
        assertEquals(10, node.queue("q").ready(), "the same again");
    }

    @Test
    void whatIsAskedForAnewIsNew() {
        queue(node, true, "order");
        publish(node, 1, "order", "1", "2", "3", "4", "5", "6", "7", "8");
        queue(node, false, "");
        publish(node, 11, "order", "1");
        queue(node, true, "order");
        publish(node, 21, "order", "8", "1", "8");
        assertEquals(11, node.queue("q").ready());
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
        node.commit();
        store().scan(Keys.of(Keys.SEEN), (k, v) -> assertNull(k));
    }

    private static void policy(OneNode n, Map<String, Object> definition) {
        Arguments a = new Arguments(new TreeMap<>(definition));
        Reply r = n.apply(new SetPolicy("/", "p", false, new PolicySpec("^[qx]$", "all", 0, a)));
        assertTrue(r instanceof Reply.PolicySet, r.toString());
        goRound(n);
    }

    /** A change of the policies is through. */
    private static void goRound(OneNode n) {
        for (int i = 0; i < 20; i++) {
            n.apply(new Probe(false));
        }
    }

    /** A policy asks for it, of queues and exchanges, of what is there and what comes; what was seen goes with it. */
    @Test
    void aPolicyAsksForIt() {
        node.declare("q");
        policy(node, Map.of("x-message-deduplication", true, "x-cache-size", 2L));
        publish(node, 1, "x-deduplication-header", "1", "1", "2", "3");
        assertEquals(3, node.queue("q").ready());
        restart();
        publish(node, 11, "x-deduplication-header", "3", "1");
        assertEquals(4, node.queue("q").ready(), "two are remembered");
        assertEquals(Reply.OK, node.apply(new ClearPolicy("/", "p", false)));
        goRound(node);
        publish(node, 21, "x-deduplication-header", "1");
        assertEquals(5, node.queue("q").ready());
        policy(node, Map.of("x-message-deduplication", true));
        publish(node, 31, "x-deduplication-header", "1", "1");
        assertEquals(6, node.queue("q").ready(), "what was seen is forgotten");
        restart();
        publish(node, 41, "x-deduplication-header", "1");
        assertEquals(6, node.queue("q").ready());
    }

    /** Below level 5 nobody knows them, and what a client of LavinMQ says is as if it was not there. */
    @Test
    void whatIsNewIsOfLevelFive() {
        OneNode old = new OneNode(new MemoryStore(0), FEW);
        old.raise(4);
        for (String key : List.of("x-message-deduplication", "x-cache-persistence", "x-cache-size")) {
            Arguments a = new Arguments(new TreeMap<>(Map.of(key, true)));
            Reply r = old.apply(new SetPolicy("/", "p", false, new PolicySpec("", "all", 0, a)));
            assertEquals(540, ((Reply.Rejected) r).code(), r.toString());
        }
        assertEquals(540, ((Reply.Rejected) exchange(old, "x", "fanout", Map.of("x-cache-size", "5"))).code());
        assertEquals(540, ((Reply.Rejected) old.declare("q", Map.of("x-name-prefix", "a"))).code());
        Map<String, Object> lavin = Map.of("x-algorithm", "another", "x-hash-on", 5L);
        assertEquals(Reply.OK, exchange(old, "hash", "x-consistent-hash", lavin));
        assertEquals(406, ((Reply.Rejected) exchange(node, "hash", "x-consistent-hash", lavin)).code());
        assertEquals(Reply.OK, exchange(node, "x", "fanout", Map.of("x-cache-size", "5")));
    }

    private static Reply exchange(OneNode n, String name, String type, Map<String, Object> arguments) {
        ExchangeSpec spec = new ExchangeSpec(type, true, false, false, new Arguments(new TreeMap<>(arguments)));
        return n.apply(new DeclareExchange("/", name, spec, false));
    }

    /** Logs of before are decided as they were. */
    @Test
    void belowLevelFiveItStays() {
        OneNode old = new OneNode(new MemoryStore(0), FEW);
        old.raise(4);
        queue(old, true, "order");
        publish(old, 1, "order", "1");
        queue(old, true, "invoice");
        publish(old, 2, "invoice", "1");
        assertEquals(1, old.queue("q").ready());
    }

    /** Whenever a replica is restored. */
    @Test
    void random() {
        for (long seed = 1; seed <= Long.getLong("tallymq.logs", 60); seed++) {
            Random r = new Random(seed);
            TwoNodes nodes = new TwoNodes("seed " + seed, FEW);
            nodes.both(n -> {
                n.raise(5);
                return Reply.OK;
            });
            String[] headers = {"a", "b"};
            for (int i = 0; i < 60; i++) {
                int kind = r.nextInt(8);
                String header = headers[r.nextInt(2)];
                Object[] keys = r.ints(1 + r.nextInt(12), 0, 30)
                        .mapToObj(k -> (Object) ("k" + k))
                        .toArray();
                long first = i * 20L;
                nodes.both(n -> {
                    if (kind == 0 || n.machine.queueNumber("/", "q") == 0) {
                        queue(n, true, header);
                    } else if (kind == 1) {
                        queue(n, false, "");
                    } else if (kind == 2) {
                        n.apply(new DeleteQueue(n.connection, "/", "q", false, false));
                    } else {
                        publish(n, first, header, keys);
                    }
                    return Reply.OK;
                });
            }
        }
    }

    @Test
    void whatIsToBeTakenOutCounts() {
        SeenKeys seen = new SeenKeys(new MemoryStore(0), () -> 5, 10);
        for (int i = 0; i < 8; i++) {
            seen.add(1, "k" + i, 0, -1, 100);
        }
        seen.add(2, "a", 0, -1, 100);
        seen.add(2, "b", 0, -1, 100);
        seen.forget(1);
        assertFalse(seen.hasRoom(1), "as many as fit are in memory");
        ForeseenKeys foreseen = new ForeseenKeys(seen);
        foreseen.add(2, "c", 0, -1, 100);
        assertFalse(foreseen.has(2, "a", 0));
        seen.add(2, "c", 0, -1, 100);
        assertEquals(2, seen.count(), "one goes for one that comes");
        assertTrue(seen.has(2, "b", 0));
        ForeseenKeys ahead = new ForeseenKeys(seen);
        assertFalse(ahead.hasRoom(1), "a transaction is told before it begins");
        assertTrue(ahead.hasRoom(2));
        seen.step(1);
        assertTrue(seen.hasRoom(1));
        ahead = new ForeseenKeys(seen);
        assertTrue(ahead.hasRoom(1));
        ahead.add(3, "a", 0, -1, 100);
        assertFalse(ahead.hasRoom(1), "one of its own took the room");
        seen.add(1, "k0", 0, -1, 100);
        seen.step(100);
        assertFalse(seen.owes());
        assertTrue(seen.has(1, "k0", 0));
        SeenKeys old = new SeenKeys(new MemoryStore(0), () -> 4, 1);
        old.add(1, "k", 0, -1, 100);
        old.forget(1);
        assertTrue(old.hasRoom(2), "as it was before");
    }
}
