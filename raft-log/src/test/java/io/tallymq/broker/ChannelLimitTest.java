package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.queue.ChannelState;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Consumers that have a limit together: what an ack costs, who is next, and that all of it is the same after a restart. */
class ChannelLimitTest {
    private static final int CONSUMERS = ChannelState.MOST_CONSUMERS;
    private static final int LIMIT = 100;
    private static final int ACKS = 100;
    private static final int CHANNELS = 3;
    private static final int QUEUES = 5;

    private static final WorkLimits WORK = new WorkLimits(5, 1, 1, 1, 2);
    private static final MachineLimits SMALL =
            new MachineLimits(2, 5, 3, 200, 60, 5, WORK, 1, 20, FewThings.of(100, 20, 100, 100, 20, 5, 100));

    private final OneNode node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);

    private static long consume(OneNode on, int channel, String queue, int prefetch) {
        Reply r = on.apply(subscribe(on, channel, queue, prefetch));
        return r instanceof Reply.Subscribed s ? s.consumer() : 0;
    }

    private static Subscribe subscribe(OneNode on, int channel, String queue, int prefetch) {
        ConsumerSpec spec = new ConsumerSpec("t", false, false, prefetch, 100, Arguments.NONE);
        return new Subscribe(on.connection, channel, "/", queue, spec);
    }

    private void limit(int messages) {
        node.apply(new Qos(node.connection, 1, messages));
    }

    private void publish(String queue) {
        node.apply(OneNode.messages(1, 10, new Route("/", "", queue)));
    }

    private void ack(Delivery d) {
        node.apply(new Settle(d.holder(), Settle.Outcome.ACK, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}));
    }

    /** Acks of a channel at its limit, each of which makes room for one more message. */
    private void assertAcksCostLittle() {
        assertEquals(LIMIT, node.delivered.size());
        long before = node.machine.looks();
        for (int i = 0; i < ACKS; i++) {
            ack(node.delivered.get(i));
        }
        assertEquals(LIMIT + ACKS, node.delivered.size());
        long looks = node.machine.looks() - before;
        assertTrue(looks <= 3 * ACKS, looks + " looks at queues for " + ACKS + " acks");
    }

    @Test
    void anAckCostsWhatItFreesWithAQueueForEachConsumer() {
        limit(LIMIT);
        for (int i = 0; i < CONSUMERS; i++) {
            node.declare("q" + i);
            consume(node, 1, "q" + i, 0);
        }
        for (int i = 0; i < LIMIT + ACKS; i++) {
            publish("q" + i);
        }
        assertAcksCostLittle();
    }

    @Test
    void anAckCostsWhatItFreesWithOneQueueForAllConsumers() {
        limit(LIMIT);
        node.declare("q");
        for (int i = 0; i < CONSUMERS; i++) {
            consume(node, 1, "q", 0);
        }
        for (int i = 0; i < LIMIT + ACKS; i++) {
            publish("q");
        }
        assertAcksCostLittle();
    }

    /** One message that comes back puts all of them in turn. */
    @Test
    void soManyConsumersHaveALimitTogether() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q");
        for (int i = 0; i <= CONSUMERS; i++) {
            consume(node, 1, "q", 0);
        }
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, node.apply(new Qos(node.connection, 1, LIMIT)));
        assertEquals(506, why.code());
        assertEquals(Reply.OK, node.apply(new Qos(node.connection, 2, LIMIT)));
        for (int i = 0; i < CONSUMERS; i++) {
            assertTrue(consume(node, 2, "q", 0) > 0);
        }
        assertInstanceOf(Reply.Rejected.class, node.apply(subscribe(node, 2, "q", 0)));
        assertEquals(Reply.OK, node.apply(new Qos(node.connection, 2, 0)));
        assertTrue(consume(node, 2, "q", 0) > 0);
    }

    /** A queue that always has something ready does not keep the room from the others. */
    @Test
    void roomGoesToTheConsumersInTurn() {
        limit(1);
        for (int i = 0; i < 3; i++) {
            node.declare("q" + i);
            consume(node, 1, "q" + i, 0);
            for (int n = 0; n < 4; n++) {
                publish("q" + i);
            }
        }
        for (int i = 0; i < 12; i++) {
            ack(node.delivered.get(i));
        }
        long first = node.delivered.get(0).chunk().queue();
        List<Long> queues = node.delivered.stream().map(d -> d.chunk().queue()).toList();
        assertEquals(queues.subList(0, 9), queues.subList(3, 12), "in turn");
        assertEquals(4, queues.stream().filter(q -> q == first).count());
    }

    /** One machine that runs on and one that starts anew after each entry: the same state and the same deliveries. */
    @Test
    void whoIsNextIsTheSameAfterARestart() {
        int first = Integer.getInteger("tallymq.seed", 0);
        for (int seed = first; seed < first + Integer.getInteger("tallymq.logs", 150); seed++) {
            MachineLimits limits = seed % 2 == 0 ? SMALL : MachineLimits.FORMAT_1;
            if (seed % 3 == 0) {
                limits = limits.withState(StateLimits.DEFAULTS.with(StateLimit.BEGUN_CHUNKS, 3));
            }
            Pair pair = new Pair("seed " + seed, limits, new Random(seed), seed % 5 > 1);
            for (int i = 0; i < 150; i++) {
                pair.step();
            }
            if (!pair.various) {
                pair.drain();
            }
        }
    }

    /** The channel is full while nothing is left: one replica knows that only one of its consumers waits for room, the one that came back takes all of them for such. */
    @Test
    void whoGetsWhatWasReleasedIsTheSameAfterARestart() {
        TwoNodes nodes = new TwoNodes("released", MachineLimits.FORMAT_1, true);
        OneNode one = nodes.straight;
        nodes.both(new Raise(BrokerMachine.LEVELS.max(), 1));
        nodes.both(new DeclareQueue(one.connection, "/", "q", Pair.spec(), false));
        nodes.both(new Qos(one.connection, 1, 3));
        for (int channel : new int[] {1, 1, 2}) {
            nodes.both(n -> n.apply(subscribe(n, channel, "q", 0)));
        }
        for (int i = 0; i < 5; i++) {
            nodes.both(OneNode.messages(1, 10, new Route("/", "", "q")));
        }
        Delivery fourth = nodes.delivered().get(3);
        nodes.both(new SettleWith(fourth.holder(), Settle.Outcome.RELEASE, fourth.firstSeq(), 0));
        assertEquals(1, nodes.delivered().size());
    }

    private static QueueSpec with(Map<String, Object> arguments) {
        return new QueueSpec(true, false, false, new Arguments(arguments));
    }

    private static TwoNodes raised(String name) {
        TwoNodes nodes = new TwoNodes(name, MachineLimits.FORMAT_1, true);
        nodes.both(new Raise(BrokerMachine.LEVELS.max(), 1));
        return nodes;
    }

    private static void ack(TwoNodes on, Delivery d) {
        on.both(new Settle(d.holder(), Settle.Outcome.ACK, new long[] {d.firstSeq(), d.firstSeq()}));
    }

    /** An ack makes a group anybody's, while one replica takes all of the channel's consumers for such that wait for room. */
    @Test
    void whoGetsAGroupThatIsFreeIsTheSameAfterARestart() {
        TwoNodes nodes = raised("groups");
        OneNode one = nodes.straight;
        nodes.both(new DeclareQueue(one.connection, "/", "q", with(Map.of("x-message-groups", true)), false));
        nodes.both(new Qos(one.connection, 1, 1));
        for (int[] c : new int[][] {{1, 0}, {1, 0}, {2, 1}, {1, 0}}) {
            nodes.both(n -> n.apply(subscribe(n, c[0], "q", c[1])));
        }
        for (String group : List.of("g", "g", "g2")) {
            nodes.both(n -> n.apply(GroupsTest.messages(1, "x-group-id", List.of(group))));
        }
        ack(nodes, nodes.delivered().get(0));
        assertEquals(1, nodes.delivered().size());
    }

    /** A token is told of before anybody of the channel that has room now is in turn again. */
    @Test
    void whoHearsOfATokenIsTheSameAfterARestart() {
        TwoNodes nodes = raised("tokens");
        OneNode one = nodes.straight;
        for (String q : List.of("q", "r")) {
            nodes.both(new DeclareQueue(one.connection, "/", q, Pair.spec(), false));
        }
        nodes.both(new Qos(one.connection, 1, 1));
        nodes.both(n -> n.apply(subscribe(n, 1, "q", 0)));
        nodes.both(n -> n.apply(subscribe(n, 1, "r", 0)));
        nodes.both(n -> n.apply(subscribe(n, 2, "r", 0)));
        nodes.both(OneNode.messages(1, 10, new Route("/", "", "q")));
        Delivery d = nodes.delivered().get(0);
        SettleWith.Defer token = new SettleWith.Defer("t", "r", null);
        nodes.both(new SettleWith(d.holder(), Settle.Outcome.NACK_REQUEUE, d.firstSeq(), 0, null, token));
        assertEquals(1, nodes.delivered().size());
    }

    /** Room of a channel comes while its consumer of another queue could get nothing: that queue is looked at on no replica. */
    @Test
    void whatExpiresBesideIsTheSameAfterARestart() {
        TwoNodes nodes = raised("expiry");
        OneNode one = nodes.straight;
        Map<String, Object> grouped = Map.of(
                "x-message-groups",
                true,
                "x-message-ttl",
                5_000L,
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                "d");
        nodes.both(new DeclareQueue(one.connection, "/", "q", with(grouped), false));
        for (String q : List.of("d", "q2")) {
            nodes.both(new DeclareQueue(one.connection, "/", q, Pair.spec(), false));
        }
        nodes.both(new Qos(one.connection, 1, 1));
        nodes.both(n -> n.apply(subscribe(n, 2, "q", 1)));
        nodes.both(n -> n.apply(subscribe(n, 1, "q2", 0)));
        nodes.both(n -> n.apply(subscribe(n, 1, "q", 0)));
        nodes.both(OneNode.messages(1, 10, new Route("/", "", "q2")));
        final Delivery held = nodes.delivered().get(0);
        for (int i = 0; i < 400; i++) {
            nodes.both(n -> n.apply(GroupsTest.messages(1, "x-group-id", List.of("g"))));
        }
        nodes.both(n -> {
            n.passed += 10_000;
            return n.apply(
                    new Settle(held.holder(), Settle.Outcome.ACK, new long[] {held.firstSeq(), held.firstSeq()}));
        });
    }

    /** A queue waits for its own consumers when all queues together have too much: it is not taken for one that waits for the others, on any replica. */
    @Test
    void whatAQueueWaitsForIsTheSameAfterARestart() {
        StateLimits few = StateLimits.DEFAULTS.with(StateLimit.LAST_VALUES, 100).with(StateLimit.LAST_VALUE_CHUNKS, 3);
        TwoNodes nodes = new TwoNodes("waits", MachineLimits.FORMAT_1.withState(few), true);
        nodes.both(new Raise(BrokerMachine.LEVELS.max(), 1));
        OneNode one = nodes.straight;
        for (String q : List.of("q", "q2")) {
            nodes.both(new DeclareQueue(one.connection, "/", q, with(Map.of("x-last-value", "x-group-id")), false));
        }
        nodes.both(new DeclareQueue(one.connection, "/", "s", Pair.spec(), false));
        nodes.both(new Qos(one.connection, 1, 1));
        nodes.both(n -> n.apply(subscribe(n, 2, "q", 0)));
        nodes.both(n -> n.apply(subscribe(n, 1, "s", 0)));
        List<String> values = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            values.add("v" + i);
        }
        nodes.both(n -> n.apply(GroupsTest.messages("q", 1, "x-group-id", values)));
        assertEquals(10, nodes.delivered().get(0).count());
        nodes.both(n -> n.apply(subscribe(n, 1, "q", 0)));
        nodes.both(OneNode.messages(1, 10, new Route("/", "", "s")));
        Delivery held = nodes.delivered().get(0);
        for (int i = 0; i < 4; i++) {
            String value = "v" + i;
            nodes.both(n -> n.apply(GroupsTest.messages("q2", 1, "x-group-id", List.of(value))));
        }
        ack(nodes, held);
        assertEquals(0, nodes.delivered().size());
    }

    /** Of what a consumer held who left, a group comes back before the others: it is anybody's then, and who could have it is looked for on all replicas. */
    @Test
    void aGroupThatComesBackBeforeOthersIsTheSameAfterARestart() {
        MachineLimits few = new MachineLimits(
                256,
                100_000,
                1_000,
                256 << 10,
                512,
                4_096,
                new WorkLimits(32_768, 4, 4, 64, 4_096),
                8,
                250_000,
                StateLimits.DEFAULTS);
        TwoNodes nodes = new TwoNodes("pieces", few, true);
        nodes.both(new Raise(BrokerMachine.LEVELS.max(), 1));
        OneNode one = nodes.straight;
        nodes.both(new DeclareQueue(one.connection, "/", "q", with(Map.of("x-message-groups", true)), false));
        nodes.both(new DeclareQueue(one.connection, "/", "r", Pair.spec(), false));
        nodes.both(n -> n.apply(subscribe(n, 2, "q", 0)));
        nodes.both(n -> n.apply(GroupsTest.messages(0, "x-group-id", List.of("g"))));
        nodes.both(n -> n.apply(GroupsTest.messages(1, "x-group-id", Collections.nCopies(40, "h"))));
        SeqRanges everySecond = new SeqRanges();
        long holder = 0;
        for (Delivery d : nodes.delivered()) {
            holder = d.holder();
            for (long seq = d.firstSeq() + 1; d.count() > 1 && seq < d.firstSeq() + d.count(); seq += 2) {
                everySecond.add(seq, seq);
            }
        }
        nodes.both(new Settle(holder, Settle.Outcome.ACK, everySecond.toArray()));
        nodes.both(new Qos(one.connection, 1, 1));
        nodes.both(n -> n.apply(subscribe(n, 1, "r", 0)));
        nodes.both(OneNode.messages(1, 10, new Route("/", "", "r")));
        Delivery held = nodes.delivered().get(0);
        nodes.both(n -> n.apply(subscribe(n, 1, "q", 0)));
        nodes.both(new CloseChannel(one.connection, 2, List.of()));
        ack(nodes, held);
        for (int i = 0; i < 10; i++) {
            nodes.both(new Probe(false));
        }
        assertEquals(1, nodes.straight.queue("q").unacked());
    }

    /** From level 5 on nobody is assigned ahead beside a limit: who was is not in turn any more, on any replica. */
    @Test
    void whoWasAssignedAheadWhenTheLevelRoseIsTheSameAfterARestart() {
        TwoNodes nodes = new TwoNodes("raised", MachineLimits.FORMAT_1, true);
        nodes.both(new Raise(4, 1));
        OneNode one = nodes.straight;
        nodes.both(new DeclareQueue(one.connection, "/", "q", with(Map.of("x-max-length", 1_000L)), false));
        nodes.both(n -> n.consume(1, "q", 10));
        Route q = new Route("/", "", "q");
        nodes.both(OneNode.messages(10, 10, q));
        Delivery all = nodes.delivered().get(0);
        assertEquals(10, all.count());
        nodes.both(new Settle(all.holder(), Settle.Outcome.ACK, new long[] {all.firstSeq(), all.firstSeq() + 9}));
        nodes.both(OneNode.messages(20, 10, q));
        assertEquals(20, nodes.delivered().get(0).count(), "ten of them ahead");
        nodes.both(new Raise(5, 1));
        nodes.both(OneNode.messages(1, 10, q));
    }

    private static final class Pair {
        private final Random random;
        private final TwoNodes nodes;
        private final OneNode one;
        private final List<Long> consumers = new ArrayList<>();
        /** What holders were given; what they let go may be in it still. */
        private final Map<Long, SeqRanges> given = new HashMap<>();
        /** Whether queues tell messages apart, and some of these expire. */
        private final boolean various;

        Pair(String name, MachineLimits limits, Random random, boolean various) {
            this.random = random;
            this.various = various;
            nodes = new TwoNodes(name, limits, true);
            one = nodes.straight;
            both(new Raise(BrokerMachine.LEVELS.max(), 1));
            for (int i = 0; i < QUEUES; i++) {
                both(new DeclareQueue(one.connection, "/", "q" + i, any(), false));
            }
        }

        private QueueSpec any() {
            Map<String, Object> arguments = new HashMap<>();
            if (various && random.nextInt(3) > 0) {
                arguments.put(random.nextBoolean() ? "x-message-groups" : "x-last-value", true);
                arguments.computeIfPresent("x-last-value", (k, v) -> "x-group-id");
            }
            if (various && random.nextInt(3) == 0) {
                arguments.put("x-message-ttl", 100L);
                arguments.put("x-dead-letter-exchange", "");
                arguments.put("x-dead-letter-routing-key", queue());
            }
            return with(arguments);
        }

        private void publish() {
            if (!various || random.nextInt(3) == 0) {
                both(OneNode.messages(
                        1 + random.nextInt(5), 10, new Route("/", "", queue()), new Route("/", "", queue())));
                return;
            }
            List<String> groups = new ArrayList<>();
            for (int n = 1 + random.nextInt(5); n > 0; n--) {
                groups.add("g" + random.nextInt(3));
            }
            both(GroupsTest.messages(queue(), 1, "x-group-id", groups));
        }

        private static QueueSpec spec() {
            return new QueueSpec(true, false, false, Arguments.NONE);
        }

        private Reply both(Command c) {
            Reply r = nodes.both(c);
            nodes.delivered().forEach(this::note);
            if (r instanceof Reply.Got got) {
                note(got.delivery());
            }
            return r;
        }

        private void note(Delivery d) {
            given.computeIfAbsent(d.holder(), h -> new SeqRanges()).add(d.firstSeq(), d.firstSeq() + d.count() - 1);
        }

        private String queue() {
            return "q" + random.nextInt(QUEUES);
        }

        private int channel() {
            return 1 + random.nextInt(CHANNELS);
        }

        private long consumer() {
            return consumers.isEmpty() ? 0 : consumers.get(random.nextInt(consumers.size()));
        }

        void step() {
            int what = random.nextInt(100);
            if (what < 35) {
                publish();
            } else if (what < 65) {
                settle(consumer(), Settle.Outcome.values()[random.nextInt(Settle.Outcome.values().length)]);
            } else if (what < 76) {
                ConsumerSpec spec =
                        new ConsumerSpec("t", random.nextInt(8) == 0, false, random.nextInt(4), 10, Arguments.NONE);
                Reply r = both(new Subscribe(one.connection, channel(), "/", queue(), spec));
                if (r instanceof Reply.Subscribed s) {
                    consumers.add(s.consumer());
                }
            } else if (what < 84) {
                both(new Qos(one.connection, channel(), random.nextInt(5)));
            } else if (what < 87) {
                both(new TakeBack(consumer(), new long[0]));
            } else if (what < 90) {
                both(new Recover(one.connection, channel()));
            } else if (what < 92) {
                both(new Cancel(consumer()));
            } else if (what < 95) {
                both(new Get(one.connection, channel(), "/", queue(), false));
            } else if (what < 97) {
                both(new Credit(consumer(), 3));
            } else if (what < 98) {
                both(new CloseChannel(one.connection, channel(), List.of()));
            } else {
                String q = queue();
                both(new DeleteQueue(one.connection, "/", q, false, false));
                both(new DeclareQueue(one.connection, "/", q, any(), false));
            }
        }

        private void settle(long holder, Settle.Outcome how) {
            SeqRanges all = given.get(holder);
            if (all == null || all.isEmpty()) {
                return;
            }
            long first = all.lowest();
            boolean withMore = random.nextInt(3) == 0;
            long last = withMore ? first : Math.min(all.lowestRangeEnd(), first + random.nextInt(4));
            all.remove(first, last, (a, b) -> {});
            if (withMore && various && random.nextInt(3) == 0) {
                SettleWith.Defer token = new SettleWith.Defer("t" + random.nextInt(20), queue(), null);
                both(new SettleWith(holder, Settle.Outcome.NACK_REQUEUE, first, 20, null, token));
                return;
            }
            if (withMore) {
                both(new SettleWith(holder, how, first, 0));
                return;
            }
            both(new Settle(holder, how, new long[] {first, last}));
        }

        /** Each queue has a consumer of the same limited channel, and all is acked: nobody waits for room that is there. */
        void drain() {
            both(new Qos(one.connection, 1, 2));
            for (int i = 0; i < QUEUES; i++) {
                String queue = "q" + i;
                nodes.both(n -> n.apply(subscribe(n, 1, queue, 0)));
                both(new Probe(false));
            }
            for (int quiet = 0; quiet < 3; quiet++) {
                for (long holder : new ArrayList<>(given.keySet())) {
                    while (!given.get(holder).isEmpty()) {
                        settle(holder, Settle.Outcome.ACK);
                        quiet = 0;
                    }
                }
                both(new Probe(false));
                if (one.machine.owes()) {
                    quiet = 0;
                }
            }
            for (int i = 0; i < QUEUES; i++) {
                assertEquals(0, one.queue("q" + i).ready(), "ready in q" + i);
            }
        }
    }
}
