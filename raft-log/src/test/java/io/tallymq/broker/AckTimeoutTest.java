package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** x-consumer-timeout: who does not ack in time is cancelled, and what he had goes to others. */
class AckTimeoutTest extends OneNodeTest {
    private static final long MINUTE = 60_000;
    private static final long HALF_HOUR = 30 * MINUTE;

    private int channel;

    private long consume(int prefetch, Object... timeout) {
        Map<String, Object> a = timeout.length == 0 ? Map.of() : Map.of("x-consumer-timeout", timeout[0]);
        return ((Reply.Subscribed) node.consume(++channel, "q", prefetch, a)).consumer();
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", "q")));
    }

    private void settle(long consumer, Settle.Outcome how, long first, long last) {
        node.apply(new Settle(consumer, how, new long[] {first, last}));
    }

    /** Time passes, a quarter of a timeout at a time, as it does when the log goes on at least when something is due; restored each time. */
    private void pass(long millis, long steps) {
        for (int i = 0; i < steps; i++) {
            node.passed += millis / steps;
            node.apply(new Probe(false));
            restart();
        }
    }

    private List<String> handed() {
        List<String> handed = new ArrayList<>();
        for (Delivery d : node.delivered) {
            handed.add(d.holder() + ": " + d.firstSeq() + "+" + d.count() + (d.redelivered() ? " again" : ""));
        }
        node.delivered.clear();
        return handed;
    }

    @Test
    void afterHalfAnHourAMessageGoesToTheNext() {
        node.raise(3);
        node.declare("q");
        long slow = consume(1);
        publish(1);
        assertEquals(List.of(slow + ": 0+1"), handed());
        pass(HALF_HOUR - MINUTE, 4);
        assertEquals(List.of(), node.timedOut);
        assertEquals(1, node.queue("q").unacked());
        pass(HALF_HOUR / 2, 8);
        assertEquals(List.of(slow), node.timedOut);
        assertEquals(0, node.queue("q").unacked());
        assertEquals(0, node.queue("q").consumers());
        long other = consume(1);
        assertEquals(List.of(other + ": 0+1 again"), handed());
    }

    @Test
    void whatWasHeldForLessStaysTheClients() {
        node.raise(3);
        node.declare("q", Map.of("x-consumer-timeout", 1_000L, "x-queue-type", "quorum"));
        long slow = consume(10);
        publish(1);
        final long first = node.delivered.get(0).firstSeq();
        pass(500, 2);
        publish(1);
        pass(700, 7);
        assertEquals(List.of(slow), node.timedOut);
        assertEquals(1, node.queue("q").unacked());
        handed();
        settle(slow, Settle.Outcome.ACK, first + 1, first + 1);
        assertEquals(1, node.queue("q").ready());
        long other = consume(1);
        assertEquals(1, node.delivered.get(0).attempts());
        assertEquals(List.of(other + ": " + first + "+1 again"), handed());
    }

    @Test
    void whatCameBackToTheSameConsumerCountsAnew() {
        node.raise(3);
        node.declare("q");
        long c = consume(2, 1_000L);
        publish(2);
        for (int i = 0; i < 10; i++) {
            pass(300, 1);
            settle(c, Settle.Outcome.NACK_REQUEUE, 0, 1);
        }
        assertEquals(List.of(), node.timedOut);
        settle(c, Settle.Outcome.ACK, 0, 1);
        pass(5_000, 5);
        publish(1);
        pass(900, 9);
        assertEquals(List.of(), node.timedOut);
        pass(400, 4);
        assertEquals(List.of(c), node.timedOut);
    }

    @Test
    void aConsumersOwnTimeoutComesFirst() {
        node.raise(3);
        node.declare("q", Map.of("x-consumer-timeout", 1_000L));
        long patient = consume(1, 5_000L);
        long forEver = consume(1, 0L);
        publish(2);
        pass(4_500, 45);
        assertEquals(List.of(), node.timedOut);
        pass(2_000, 20);
        assertEquals(List.of(patient), node.timedOut);
        pass(24 * 60 * MINUTE, 20);
        assertEquals(List.of(patient), node.timedOut);
        assertEquals(1, node.queue("q").unacked());
        settle(forEver, Settle.Outcome.ACK, 1, 1);
    }

    @Test
    void whatIsFetchedHasATimeoutToo() {
        node.raise(3);
        node.declare("q", Map.of("x-consumer-timeout", 1_000L));
        publish(2);
        long getter = ((Reply.Got) node.apply(new Get(node.connection, 1, "/", "q", false))).holder();
        node.apply(new Get(node.connection, 2, "/", "q", true));
        pass(1_300, 13);
        assertEquals(List.of(getter), node.timedOut);
        assertEquals(1, node.queue("q").ready());
    }

    @Test
    void aPolicyChangesItForWhoWaitsAlready() {
        node.raise(3);
        node.declare("q");
        long c = consume(1);
        publish(1);
        pass(MINUTE, 3);
        Arguments definition = new Arguments(new TreeMap<>(Map.of("consumer-timeout", 1_000L)));
        node.apply(new SetPolicy("/", "p", false, new PolicySpec(".*", "queues", 1, definition)));
        pass(900, 9);
        assertEquals(List.of(), node.timedOut);
        pass(600, 6);
        assertEquals(List.of(c), node.timedOut);
    }

    @Test
    void whoIsAssignedAheadHasNotBeenSentIt() {
        node.raise(3);
        node.declare("q");
        final long c = consume(100, 1_000L);
        publish(3_000);
        settle(c, Settle.Outcome.ACK, 0, 99);
        assertEquals(500, node.machine.consumers().get(0).unacked());
        pass(1_300, 13);
        assertEquals(List.of(c), node.timedOut);
        assertEquals(List.of(100L), node.lost);
        // What its client was not sent, its channel gives back.
        settle(c, Settle.Outcome.RELEASE, 200, 599);
        handed();
        long next = consume(101, 0L);
        assertEquals(List.of(next + ": 100+100 again", next + ": 200+1"), handed().subList(0, 2));
    }

    /** Its channel has closed, and so much comes back that several entries are needed: nothing of it has a time any more. */
    @Test
    void whatIsBeingGivenBackHasNoTimeout() {
        node.raise(3);
        node.declare("q");
        long leaving = consume(12_000);
        publish(12_000);
        long first = node.delivered.get(0).firstSeq();
        for (int i = 0; i < 12_000; i += 2) {
            settle(leaving, Settle.Outcome.ACK, first + i, first + i);
        }
        node.apply(new CloseChannel(node.connection, channel, List.of()));
        assertTrue(node.machine.owes(), "it takes several entries");
        Arguments definition = new Arguments(new TreeMap<>(Map.of("consumer-timeout", 1_000L)));
        node.apply(new SetPolicy("/", "p", false, new PolicySpec(".*", "queues", 1, definition)));
        node.passed += 10_000;
        while (node.machine.owes()) {
            node.apply(new Probe(false));
            restart();
        }
        assertEquals(0, node.queue("q").unacked());
        assertEquals(6_000, node.queue("q").ready());
    }

    @Test
    void anAutoDeleteQueueGoesWithItsLastConsumer() {
        node.raise(3);
        Arguments a = new Arguments(new TreeMap<>(Map.of("x-consumer-timeout", 1_000L)));
        node.apply(new DeclareQueue(node.connection, "/", "q", new QueueSpec(true, false, true, a), false));
        long c = consume(1);
        publish(1);
        pass(1_300, 13);
        assertEquals(List.of(c), node.timedOut);
        assertTrue(node.machine.queues().isEmpty());
    }

    /** Others had messages of it for as long: nothing more happens to a queue that is gone. */
    @Test
    void anAutoDeleteQueueGoesOnce() {
        WorkLimits allAtOnce = new WorkLimits(5, 1, 10, 10, 2);
        OneNode tiny = new OneNode(
                new MemoryStore(0), new MachineLimits(2, 5, 3, 200, 60, 5, allAtOnce, 100, 20, StateLimits.DEFAULTS));
        tiny.raise(3);
        Arguments a = new Arguments(new TreeMap<>(Map.of("x-consumer-timeout", 1_000L)));
        tiny.apply(new DeclareQueue(tiny.connection, "/", "q", new QueueSpec(true, false, true, a), false));
        tiny.consume(1, "q", 1);
        tiny.apply(OneNode.messages(3, 10, new Route("/", "", "q")));
        tiny.apply(new Get(tiny.connection, 2, "/", "q", false));
        tiny.apply(new Get(tiny.connection, 3, "/", "q", false));
        for (int i = 0; i < 6; i++) {
            tiny.passed += 300;
            tiny.apply(new Probe(false));
            tiny.restart();
        }
        assertTrue(tiny.machine.queues().isEmpty());
        assertEquals(1, tiny.timedOut.size());
        assertEquals(3, tiny.machine.totals().published());
    }

    @Test
    void theNextOfASingleActiveQueueTakesOver() {
        node.raise(3);
        node.declare("q", Map.of("x-consumer-timeout", 1_000L, "x-single-active-consumer", true));
        final long first = consume(1);
        final long second = consume(1);
        publish(2);
        handed();
        pass(1_300, 13);
        assertEquals(List.of(first), node.timedOut.subList(0, 1));
        assertEquals(List.of(second + ": 0+1 again"), handed());
    }

    @Test
    void clustersOfALowerLevelHaveNone() {
        assertTrue(((Reply.Rejected) node.declare("q", Map.of("x-consumer-timeout", 1L)))
                .text()
                .contains("level 3"));
        node.declare("q");
        Reply refused = node.consume(1, "q", 1, Map.of("x-consumer-timeout", 1L));
        assertTrue(((Reply.Rejected) refused).text().contains("level 3"));
        consume(1);
        publish(1);
        long digest = node.machine.digest();
        pass(HALF_HOUR * 4, 20);
        assertEquals(List.of(), node.timedOut);
        assertFalse(digest == 0);
    }

    /** Random commands and times: nobody is cancelled too soon or much too late, and nothing is lost. */
    @Test
    void randomTimes() {
        for (long seed = 1; seed <= Long.getLong("tallymq.logs", 60); seed++) {
            new RandomTimes(seed).run();
        }
    }

    private static final class RandomTimes {
        private static final long TIMEOUT = 1_000;
        private final Random random;
        private final String name;
        private final TwoNodes nodes;
        private final OneNode straight;
        /** By consumer: since when it has had which message. */
        private final TreeMap<Long, TreeMap<Long, Long>> had = new TreeMap<>();

        private int published;
        private int acked;

        RandomTimes(long seed) {
            this.name = "seed " + seed;
            this.random = new Random(seed);
            this.nodes = new TwoNodes(name, MachineLimits.FORMAT_1);
            this.straight = nodes.straight;
        }

        private void both(Function<OneNode, Reply> what) {
            nodes.both(what);
            note();
        }

        private long now() {
            return straight.index + straight.passed;
        }

        private void note() {
            for (int i = 0; i < straight.timedOut.size(); i++) {
                lose(had.get(straight.timedOut.get(i)), straight.lost.get(i));
            }
            for (Delivery d : straight.delivered) {
                for (int i = 0; i < d.count(); i++) {
                    had.computeIfAbsent(d.holder(), h -> new TreeMap<>()).put(d.firstSeq() + i, now());
                }
            }
            nodes.forget();
            had.values()
                    .forEach(its -> its.values().forEach(since -> assertTrue(now() - since < TIMEOUT * 7 / 4, name)));
        }

        /** The oldest go. */
        private void lose(TreeMap<Long, Long> its, long count) {
            for (long i = 0; i < count; i++) {
                Map.Entry<Long, Long> oldest = its.entrySet().stream()
                        .min(Map.Entry.comparingByValue())
                        .orElseThrow();
                assertTrue(oldest.getValue() + TIMEOUT <= now(), name);
                its.remove(oldest.getKey());
            }
        }

        void run() {
            both(n -> {
                n.raise(3);
                return n.declare("q", Map.of("x-consumer-timeout", TIMEOUT));
            });
            for (int i = 0; i < 150; i++) {
                step();
            }
            long left = straight.queue("q").ready() + straight.queue("q").unacked();
            assertEquals(published - acked, left, name);
        }

        private void step() {
            long pass = random.nextInt((int) TIMEOUT / 4);
            both(n -> {
                n.passed += pass;
                return n.apply(new Probe(false));
            });
            switch (random.nextInt(5)) {
                case 0 -> {
                    int count = 1 + random.nextInt(4);
                    published += count;
                    both(n -> n.apply(OneNode.messages(count, 10, new Route("/", "", "q"))));
                }
                case 1 -> consume();
                default -> settle();
            }
        }

        private void consume() {
            if (straight.queue("q").consumers() < 3) {
                int prefetch = 1 + random.nextInt(3);
                both(n -> n.consume(1, "q", prefetch));
            }
        }

        private void settle() {
            List<Long> some = new ArrayList<>(had.keySet());
            some.removeIf(h -> had.get(h).isEmpty());
            if (some.isEmpty()) {
                return;
            }
            long holder = some.get(random.nextInt(some.size()));
            List<Long> its = new ArrayList<>(had.get(holder).keySet());
            long seq = its.get(random.nextInt(its.size()));
            boolean ack = random.nextInt(3) > 0;
            acked += ack ? 1 : 0;
            had.get(holder).remove(seq);
            Settle.Outcome how = ack ? Settle.Outcome.ACK : Settle.Outcome.NACK_REQUEUE;
            both(n -> n.apply(new Settle(holder, how, new long[] {seq, seq})));
        }
    }
}
