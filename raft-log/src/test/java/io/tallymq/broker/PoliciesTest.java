package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicyInEffect;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Policies change what queues and exchanges go by, at run time, some of them in each entry. */
class PoliciesTest extends OneNodeTest {

    private static PolicySpec spec(String pattern, String applyTo, long priority, Map<String, Object> definition) {
        return new PolicySpec(pattern, applyTo, priority, new Arguments(new TreeMap<>(definition)));
    }

    private Reply set(String name, PolicySpec spec) {
        return node.apply(new SetPolicy("/", name, false, spec));
    }

    private Reply operator(String name, PolicySpec spec) {
        return node.apply(new SetPolicy("/", name, true, spec));
    }

    private Reply limit(String name, String pattern, long priority, long maxLength) {
        return set(name, spec(pattern, "queues", priority, Map.of("max-length", maxLength)));
    }

    private Reply clear(String name) {
        return node.apply(new ClearPolicy("/", name, false));
    }

    private void publish(String queue, int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", queue)));
    }

    /** Older nodes of the cluster would refuse them. */
    @Test
    void keysOfStreamsComeWithLevelFive() {
        OneNode older = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        older.raise(4);
        for (String key : List.of("initial-cluster-size", "stream-max-segment-size-bytes", "max-segment-size")) {
            var policy = new SetPolicy("/", "p", false, spec("", "streams", 0, Map.of(key, 3L)));
            assertInstanceOf(Reply.Rejected.class, older.apply(policy));
        }
        older.raise(5);
        var policy = new SetPolicy("/", "p", false, spec("", "streams", 0, Map.of("initial-cluster-size", 3L)));
        assertInstanceOf(Reply.PolicySet.class, older.apply(policy));
    }

    /** A definition has 4 KiB, and there may be 20,000 exchanges: a node that starts takes no more heap than one that goes on. */
    @Test
    void exchangesHaveOneCopyOfAPolicyBehindARestart() {
        set("p", spec("^x", "exchanges", 0, Map.of("alternate-exchange", "other")));
        var fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        node.apply(new DeclareExchange("/", "x1", fanout, false));
        node.apply(new DeclareExchange("/", "x2", fanout, false));
        assertSame(policyOfExchange("x1"), policyOfExchange("x2"));
        node.restart();
        assertEquals("p", policyOfExchange("x1").policy());
        assertSame(policyOfExchange("x1"), policyOfExchange("x2"));
    }

    private PolicyInEffect policyOfExchange(String name) {
        return node.machine.exchange("/", name).orElseThrow().policy();
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    private String policyOf(String queue) {
        PolicyInEffect p = node.queue(queue).policy();
        return p == null ? null : p.policy();
    }

    private String refused(Reply r) {
        return assertInstanceOf(Reply.Rejected.class, r).text();
    }

    @Test
    void aQueueThatIsThereGoesByIt() {
        node.declare("q");
        publish("q", 20);
        assertEquals(new Reply.PolicySet(true), limit("p", "^q", 0, 5));
        assertEquals(5, ready("q"));
        assertEquals(15, node.queue("q").counters().overflowed());
        assertEquals(
                new PolicyInEffect("p", null, new Arguments(Map.of("max-length", 5L))),
                node.queue("q").policy());
        publish("q", 3);
        assertEquals(5, ready("q"));
        assertEquals(new Reply.PolicySet(false), limit("p", "^q", 0, 7));
        publish("q", 10);
        assertEquals(7, ready("q"));
        assertEquals(Reply.OK, clear("p"));
        assertNull(node.queue("q").policy());
        publish("q", 10);
        assertEquals(17, ready("q"));
    }

    @Test
    void aQueueThatIsDeclaredGoesByItAtOnce() {
        limit("p", "^q", 0, 5);
        node.declare("q");
        assertEquals("p", policyOf("q"));
        publish("q", 20);
        assertEquals(5, ready("q"));
        assertInstanceOf(Reply.QueueDeclared.class, node.declare("q"), "it was declared without arguments");
    }

    @Test
    void theHighestPriorityActsAlone() {
        node.declare("q");
        set("low", spec("^q", "all", 1, Map.of("max-length", 3L, "overflow", "reject-publish")));
        limit("high", "^q", 2, 6);
        limit("other", "^x", 9, 1);
        assertEquals("high", policyOf("q"));
        publish("q", 10);
        assertEquals(6, ready("q"));
        assertEquals(Map.of(), node.refused, "keys of others do not come in");
        clear("high");
        assertEquals("low", policyOf("q"));
        publish("q", 1);
        assertEquals(6, ready("q"), "refused; what was there stays");
        assertEquals(1, node.refused.size());
        limit("alike", "^q", 1, 2);
        assertEquals("alike", policyOf("q"), "the first by name");
    }

    @Test
    void theLowerLimitOfArgumentPolicyAndOperatorActs() {
        node.declare("q", Map.of("x-max-length", 8L));
        publish("q", 20);
        assertEquals(8, ready("q"));
        limit("p", "", 0, 9);
        assertEquals(8, ready("q"));
        operator("o", spec("", "queues", 0, Map.of("max-length", 4L)));
        assertEquals(4, ready("q"));
        assertEquals(
                new PolicyInEffect("p", "o", new Arguments(Map.of("max-length", 4L))),
                node.queue("q").policy());
        clear("p");
        assertEquals("o", node.queue("q").policy().operatorPolicy());
        assertEquals(Reply.OK, node.apply(new ClearPolicy("/", "o", true)));
        publish("q", 20);
        assertEquals(8, ready("q"));
    }

    @Test
    void kinds() {
        node.declare("q", Map.of("x-queue-type", "quorum"));
        node.declare("c");
        set("p", spec("", "quorum_queues", 0, Map.of("max-length", 1L)));
        assertEquals("p", policyOf("q"));
        assertNull(policyOf("c"));
        set("p", spec("", "classic_queues", 0, Map.of("max-length", 1L)));
        assertNull(policyOf("q"));
        assertEquals("p", policyOf("c"));
        set("p", spec("", "exchanges", 0, Map.of("alternate-exchange", "amq.fanout")));
        assertNull(policyOf("c"));
        set("p", spec("", "streams", 0, Map.of("max-length", 1L)));
        assertNull(policyOf("c"));
        set("p", spec("", "all", 0, Map.of("target-group-size", 3L)));
        assertEquals("p", policyOf("q"));
        assertNull(policyOf("c"), "a key that only quorum queues have");
    }

    @Test
    void anExchangeGetsAnAlternate() {
        node.declare("q");
        node.bind("amq.fanout", "q");
        ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        node.apply(new DeclareExchange("/", "old", fanout, false));
        Route old = new Route("/", "old", "k");
        node.apply(OneNode.messages(1, 10, old));
        assertEquals(0, ready("q"));
        set("p", spec("old|new", "all", 0, Map.of("alternate-exchange", "amq.fanout")));
        node.apply(new DeclareExchange("/", "new", fanout, false));
        node.apply(OneNode.messages(2, 10, old, new Route("/", "new", "k")));
        assertEquals(2, ready("q"));
        assertEquals(
                List.of("new", "old"),
                node.machine.exchanges().stream()
                        .filter(x -> x.policy() != null && x.policy().policy().equals("p"))
                        .map(x -> x.name())
                        .toList());
        restart();
        node.apply(OneNode.messages(1, 10, old));
        assertEquals(3, ready("q"));
        clear("p");
        node.apply(OneNode.messages(1, 10, old));
        assertEquals(3, ready("q"));
    }

    @Test
    void whatIsWrongIsRefusedAndChangesNothing() {
        node.declare("q");
        limit("p", "^q", 0, 100);
        long before = node.machine.digest();
        final var policies = node.machine.policies(false);
        assertTrue(refused(set("p", spec("(a", "all", 0, Map.of("max-length", 1L))))
                .contains("pattern: missing closing )"));
        assertTrue(refused(set("p", spec("a", "some", 0, Map.of("max-length", 1L))))
                .contains("apply-to: 'some' is none of all, queues"));
        assertTrue(refused(set("p", spec("a", "all", 0, Map.of("nonsense", 1L))))
                .contains("'nonsense' is not a recognised"));
        assertTrue(
                refused(set("", spec("a", "all", 0, Map.of("max-length", 1L)))).contains("name: 1 to 255 bytes"));
        assertTrue(refused(set("p".repeat(256), spec("a", "all", 0, Map.of("max-length", 1L))))
                .contains("name:"));
        Map<String, Object> large = Map.of("ha-params", "x".repeat(5_000));
        assertTrue(refused(set("p", spec("a", "all", 0, large))).contains("definition: 4096 bytes at most"));
        PolicySpec good = spec("a", "all", 0, Map.of("max-length", 1L));
        assertEquals(404, ((Reply.Rejected) node.apply(new SetPolicy("none", "p", false, good))).code());
        assertEquals(404, ((Reply.Rejected) clear("none")).code());
        assertEquals(404, ((Reply.Rejected) node.apply(new ClearPolicy("/", "p", true))).code());
        assertEquals(policies, node.machine.policies(false));
        restart();
        assertNotEquals(0, before);
        assertEquals(policies, node.machine.policies(false));
    }

    /** Simple patterns are only bounded in number, costly ones by what they all cost a declare. */
    @Test
    void numberAndCostHaveLimits() {
        PolicySpec costly = spec("(.?.?.?.?){40}b", "all", 0, Map.of("max-length", 1L));
        int n = 0;
        while (set("costly" + n, costly) instanceof Reply.PolicySet) {
            n++;
        }
        assertTrue(n > 5 && n < 60, n + " of them");
        assertTrue(refused(set("more", costly)).contains("patterns of all policies together are too large"));
        assertEquals(new Reply.PolicySet(false), set("costly0", costly), "in the place of the one before");
        for (int i = 0; i < n; i++) {
            clear("costly" + i);
        }
        for (int i = 0; i < 500; i++) {
            assertEquals(new Reply.PolicySet(true), limit("p" + i, "^orders", 0, 1));
        }
        assertTrue(refused(limit("p", "^o", 0, 1)).contains("500 policies, the most it takes"));
        assertTrue(refused(operator("p", spec("^o", "all", 0, Map.of("max-length", 1L))))
                .contains("500 policies"));
        assertEquals(new Reply.PolicySet(false), limit("p7", "^o", 0, 1));
    }

    private void next() {
        node.apply(new Probe(false));
    }

    /** A replica that is restored between any two entries goes on as the others. */
    @Test
    void manyQueuesTakeSeveralEntries() {
        int queues = 3_000;
        for (int i = 0; i < queues; i++) {
            node.declare("q" + i);
        }
        publish("q" + (queues - 1), 10);
        limit("p", "", 0, 5);
        int entries = 0;
        List<Long> reached = new ArrayList<>();
        while (node.machine.owes()) {
            long with = node.machine.queues().stream()
                    .filter(q -> q.policy() != null)
                    .count();
            reached.add(with);
            assertTrue(with <= 1_000L * (entries + 1), reached.toString());
            if (entries == 1) {
                restart();
                limit("q", "", 1, 4); // goes on from here, and comes round
            }
            next();
            entries++;
        }
        assertTrue(entries >= 6, entries + " entries");
        assertTrue(entries < 40, entries + " entries");
        assertEquals(
                queues,
                node.machine.queues().stream()
                        .filter(q -> q.policy().policy().equals("q"))
                        .count());
        assertEquals(4, ready("q" + (queues - 1)));
    }

    /** Policies that change in each entry do not keep the last queues waiting for ever. */
    @Test
    void changesAllTheTimeReachEverybody() {
        int queues = 3_000;
        for (int i = 0; i < queues; i++) {
            node.declare("q" + i);
        }
        for (int i = 0; i < 20; i++) {
            limit("p", "", 0, 100 + i);
        }
        assertTrue(node.machine.queues().stream().allMatch(q -> q.policy() != null));
    }

    /** A lower limit for a queue with many chunks: so many of them go per entry, and the queue is not kept busy for long. */
    @Test
    void aLongQueueIsTrimmedInSteps() {
        node.declare("q");
        int chunks = 10_000;
        for (int i = 0; i < chunks; i++) {
            publish("q", 1);
        }
        limit("p", "", 0, 10);
        List<Long> left = new ArrayList<>(List.of((long) chunks));
        left.add(ready("q"));
        while (node.machine.owes()) {
            if (left.size() == 3) {
                restart();
            }
            next();
            left.add(ready("q"));
        }
        for (int i = 1; i < left.size(); i++) {
            assertTrue(left.get(i - 1) - left.get(i) <= (4_096 + 2_048) / 4, left.toString());
        }
        assertTrue(left.size() > 3, left.toString());
        assertEquals(10, ready("q"));
        assertEquals(chunks - 10, node.queue("q").counters().overflowed());
        publish("q", 1);
        assertEquals(10, ready("q"));
    }

    private long readyInAll() {
        return node.machine.queues().stream().mapToLong(q -> q.ready()).sum();
    }

    /** However many queues are too long: so many pieces go per entry, and each queue has its turn. */
    @Test
    void manyLongQueuesAreTrimmedInSteps() {
        int queues = 1_500;
        for (int i = 0; i < queues; i++) {
            node.declare("q" + i);
        }
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < queues; i += 50) {
                Route[] some = new Route[50];
                for (int j = 0; j < some.length; j++) {
                    some[j] = new Route("/", "", "q" + (i + j));
                }
                node.apply(OneNode.messages(some.length, 10, some));
            }
        }
        assertFalse(node.machine.owes());
        long most = 4_096 / 4 + 2 * 334 + 2_048 / 4;
        limit("p", "", 0, 1);
        long before = readyInAll();
        assertTrue(6L * queues - before <= most, (6L * queues - before) + " in the first entry");
        int entries = 0;
        while (node.machine.owes()) {
            next();
            long now = readyInAll();
            assertTrue(before - now <= most, (before - now) + " in an entry");
            before = now;
            assertTrue(++entries < 60, "it takes long");
            if (entries == 3) {
                restart();
            }
        }
        assertEquals(queues, before);
    }

    /** While it is trimmed, what is published is in its place at the end. */
    @Test
    void whatIsPublishedMeanwhileStays() {
        node.declare("q");
        for (int i = 0; i < 9_000; i++) {
            publish("q", 1);
        }
        limit("p", "", 0, 3);
        assertTrue(node.machine.owes());
        publish("q", 2);
        while (node.machine.owes()) {
            next();
        }
        node.consume("q", 10);
        assertEquals(9_002 - 3, node.delivered.get(0).firstSeq());
    }

    @Test
    void aDeletedQueueLeavesNothing() {
        limit("p", "", 0, 5);
        node.declare("q");
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        clear("p");
        assertFalse(node.machine.owes());
    }
}
