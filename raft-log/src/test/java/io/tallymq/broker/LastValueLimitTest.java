package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.Keys;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** x-last-value: what all queues together keep in memory, and who pays for it. */
class LastValueLimitTest {
    private static final Map<String, Object> ARGUMENTS = Map.of("x-last-value", "device");
    private static final int MOST = 40;

    private final TwoNodes two = nodes("last values", MOST, MachineLimits.FORMAT_1);
    private long published;

    private static TwoNodes nodes(String name, int most, MachineLimits limits) {
        return nodes(name, most, 1_000, limits);
    }

    private static TwoNodes nodes(String name, int most, int chunks, MachineLimits limits) {
        StateLimits state =
                StateLimits.DEFAULTS.with(StateLimit.LAST_VALUES, most).with(StateLimit.LAST_VALUE_CHUNKS, chunks);
        TwoNodes two = new TwoNodes(name, limits.withState(state));
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            return Reply.OK;
        });
        return two;
    }

    private void declare(String queue, Object... more) {
        Map<String, Object> a = new TreeMap<>(ARGUMENTS);
        for (int i = 0; i < more.length; i += 2) {
            a.put((String) more[i], more[i + 1]);
        }
        assertInstanceOf(Reply.QueueDeclared.class, two.both(n -> n.declare(queue, a)));
    }

    private static Publish to(String queue, long id, List<?> values) {
        Publish p = GroupsTest.messages(id, "device", values);
        return new Publish(List.of(new Route("/", "", queue)), p.bytes(), p.offset(), p.end(), 0, Origins.NONE);
    }

    private void publish(String queue, List<?> values) {
        two.both(to(queue, published, values));
        published += values.size();
    }

    private void publish(String queue, int n) {
        publish(
                queue,
                IntStream.range(0, n).mapToObj(i -> "v" + (published + i)).toList());
    }

    private long ready(String queue) {
        return two.straight.queue(queue).ready();
    }

    private long unacked(String queue) {
        return two.straight.queue(queue).unacked();
    }

    private long consume(int channel, String queue) {
        return ((Reply.Subscribed) two.both(n -> n.consume(channel, queue, 1_000))).consumer();
    }

    private Reply get(String queue, boolean noAck) {
        return two.both(new Get(two.straight.connection, 99, "/", queue, noAck));
    }

    private void settle() {
        do {
            two.both(new Probe(false));
        } while (two.straight.machine.owes());
    }

    /** Consumers of others hold more than there is room for: that is no reason to lose anything. */
    @Test
    void aQueueThatDoesNotGrowPaysForNobody() {
        declare("b");
        publish("b", 10);
        for (int i = 0; i < 12; i++) {
            declare("a" + i);
            consume(i + 1, "a" + i);
            for (int j = 0; j < 4; j++) {
                publish("a" + i, List.of("same")); // each is held when the next one comes
            }
        }
        assertTrue(IntStream.range(0, 12).mapToLong(i -> unacked("a" + i)).sum() > MOST);
        get("b", true);
        assertEquals(9, ready("b"));
        publish("b", List.of("v1", "v2"));
        assertEquals(9, ready("b"), "they take others' places");
        publish("b", 3);
        assertEquals(9, ready("b"), "three of its oldest go for three more");
        get("b", true);
        get("b", true);
        settle();
        assertEquals(7, ready("b"));
    }

    /** What a consumer holds is in memory however long it holds it. */
    @Test
    void consumersOfAQueueHoldSoManyAtMost() {
        declare("a");
        final long consumer = consume(1, "a");
        for (int i = 0; i < 50; i++) {
            publish("a", List.of("same"));
        }
        assertEquals(MOST / 10, unacked("a"));
        assertEquals(1, ready("a"));
        assertEquals(
                506, assertInstanceOf(Reply.Rejected.class, get("a", false)).code());
        two.delivered()
                .forEach(d -> two.both(new Settle(
                        consumer, Settle.Outcome.ACK, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1})));
        assertEquals(0, ready("a"));
        assertEquals(1, unacked("a"));
    }

    /** As many again are held: the next ones are held one by one. */
    @Test
    void whenTwiceAsManyAreThereEachQueueHandsOutAFewOnly() {
        for (int i = 0; i < 30; i++) {
            declare("a" + i);
            consume(i + 1, "a" + i);
            for (int j = 0; j < 4; j++) {
                publish("a" + i, 1);
            }
        }
        assertEquals(MOST / 10, unacked("a0"));
        assertEquals(1, unacked("a29"));
        assertEquals(1, ready("a29"), "it can't pay with more than it has");
    }

    /** A dead letter is no value any more, on its way and when it is stuck. */
    @Test
    void deadLettersPayAtOnce() {
        two.both(n -> n.declare("d"));
        deadLetters("d", 30);
        assertEquals(2, ready("d"));
    }

    @Test
    void deadLettersThatAreStuckPayAsWell() {
        deadLetters("nowhere", 30);
        publish("q", 8); // of a chunk of many more go than of one
        assertEquals(30, ready("q"));
    }

    private void deadLetters(String to, int n) {
        declare(
                "q",
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                to,
                "x-queue-type",
                "quorum",
                "x-dead-letter-strategy",
                "at-least-once");
        declare("r");
        publish("r", MOST - n);
        publish("q", n);
        publish("q", 1);
        publish("q", 1);
        settle();
        assertEquals(n, ready("q"));
        assertEquals(MOST - n, ready("r"));
    }

    /** Those without a value cost nothing here, and stay. */
    @Test
    void theOldestWithAValueGo() {
        declare("q");
        publish("q", Collections.nCopies(5, null));
        publish("q", MOST + 3);
        assertEquals(MOST + 5, ready("q"));
        get("q", true);
        assertEquals(MOST + 4, ready("q"));
    }

    /** Nor go if there is no value left that waits. */
    @Test
    void thoseWithoutAValueDoNotGoInPlaceOfOneThatIsHeld() {
        declare("r");
        publish("r", MOST);
        declare("q");
        two.both(n -> n.consume(1, "q", 1));
        publish("q", Arrays.asList("v", null, null));
        assertEquals(1, unacked("q"));
        settle();
        assertEquals(2, ready("q"));
    }

    /** However those that are held stand between them. */
    @Test
    void thoseWithoutAValueDoNotGoHoweverFarAValueIs() {
        TwoNodes many = nodes("far", 1_000, MachineLimits.FORMAT_1);
        many.both(n -> n.declare("r", ARGUMENTS));
        many.both(n -> n.declare("q", ARGUMENTS));
        for (int i = 0; i < 80; i++) {
            many.both(to("q", 2 * i, Arrays.asList("v" + i, null)));
        }
        long getter = 0;
        for (int i = 0; i < 160; i++) {
            getter = ((Reply.Got) many.both(new Get(many.straight.connection, 99, "/", "q", false))).holder();
        }
        for (long i = 1; i < 160; i += 2) {
            long holder = getter;
            long[] one = {i, i};
            many.both(new Settle(holder, Settle.Outcome.NACK_REQUEUE, one));
        }
        many.both(to("r", 1_000, IntStream.range(0, 920).mapToObj(i -> "r" + i).toList()));
        many.both(to("q", 2_000, List.of("w", "x")));
        assertEquals(81, many.straight.queue("q").ready());
        for (int i = 0; i < 80; i++) {
            many.both(new Get(many.straight.connection, 99, "/", "q", true));
        }
        assertEquals(1, many.straight.queue("q").ready(), "the newest value stays");
    }

    /** What waits without a value is no room for consumers. */
    @Test
    void consumersHoldSoManyAtMostBesideThoseWithoutAValue() {
        declare("q");
        publish("q", 20);
        publish("q", Collections.nCopies(20, null));
        consume(1, "q");
        settle();
        assertEquals(MOST / 10, unacked("q"));
    }

    /** A replica that is restored behind each step does the same, also where an entry does only a part of the work. */
    @Test
    void random() {
        for (long seed = 1; seed <= Long.getLong("tallymq.logs", 60); seed++) {
            run(seed);
        }
    }

    private static void run(long seed) {
        Random random = new Random(seed);
        int most = 5 + random.nextInt(40);
        MachineLimits limits = seed % 2 == 0 ? MachineLimits.FORMAT_1 : GroupsTest.TINY;
        int chunks = seed % 4 < 2 ? 1_000 : 3 + random.nextInt(20);
        TwoNodes nodes = nodes("seed " + seed, most, chunks, limits);
        Map<String, Object> letters = new TreeMap<>(ARGUMENTS);
        letters.put("x-dead-letter-exchange", "");
        letters.put("x-dead-letter-routing-key", "d");
        nodes.both(n -> {
            n.declare("q0", ARGUMENTS);
            n.declare("q1", letters);
            return n.declare("q2", letters);
        });
        if (seed % 3 == 0) {
            nodes.restartWithin();
        }
        TreeMap<Long, Long> held = new TreeMap<>(); // by number and consumer
        for (int i = 0; i < 150; i++) {
            String q = "q" + random.nextInt(3);
            int what = random.nextInt(10);
            if (what < 6) {
                List<String> values = random.ints(1 + random.nextInt(8), 0, 30)
                        .mapToObj(v -> v < 3 ? null : "v" + v)
                        .toList();
                nodes.both(to(q, i, values));
            } else if (what == 6) {
                int channel = i + 1;
                int prefetch = 1 + random.nextInt(20);
                nodes.both(n -> n.consume(channel, q, prefetch));
            } else if (what == 7) {
                Get get = new Get(nodes.straight.connection, 500, "/", q, random.nextBoolean());
                if (nodes.both(get) instanceof Reply.Got g && !get.noAck()) {
                    held.put(g.delivery().firstSeq(), g.holder());
                }
            } else {
                nodes.both(new Probe(false));
            }
            if (i % 50 == 10) {
                nodes.both(n -> n.declare("d"));
            }
            for (Delivery d : nodes.delivered()) {
                held.put(d.firstSeq(), d.holder());
            }
            if (!held.isEmpty() && random.nextBoolean()) {
                Map.Entry<Long, Long> e = held.pollFirstEntry();
                Settle.Outcome how = Settle.Outcome.values()[random.nextInt(3)];
                nodes.both(new Settle(e.getValue(), how, new long[] {e.getKey(), e.getKey()}));
            }
        }
    }

    /** The records of values go with the entries behind a purge, and nobody sees anything of them: neither before nor behind a restart in between. */
    @Test
    void aPurgeOfManyIsTakenOutByLaterEntries() {
        CountedNode counted =
                new CountedNode(4L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50);
        OneNode node = counted.node;
        node.raise(BrokerMachine.LEVELS.max());
        assertInstanceOf(Reply.QueueDeclared.class, node.declare("q", ARGUMENTS));
        long consumer = ((Reply.Subscribed) node.consume(1, "q", 3)).consumer();
        List<String> values = IntStream.range(0, 10_000).mapToObj(i -> "v" + i).toList();
        counted.apply(to("q", 0, values));
        counted.store().reset();
        assertEquals(new Reply.Removed(9_997), counted.apply(new PurgeQueue(node.connection, "/", "q")));
        assertEquals(3, node.machine.used(StateLimit.LAST_VALUES));
        assertTrue(counted.settle() > 2);
        assertEquals(3, node.machine.used(StateLimit.LAST_VALUES));
        counted.restart();
        assertEquals(3, node.machine.used(StateLimit.LAST_VALUES));
        counted.apply(to("q", 20_000, List.of("v0", "v5000", "v5000")));
        assertEquals(2, node.queue("q").ready());
        assertEquals(3, node.queue("q").unacked());
        counted.apply(new Cancel(consumer));
        counted.apply(new Recover(node.connection, 1));
        counted.settle();
        assertEquals(4, node.queue("q").ready(), "v0 was replaced while it was held, v1 and v2 were not");
    }

    private static CountedNode started() {
        CountedNode counted = new CountedNode(Long.MAX_VALUE);
        counted.node.raise(BrokerMachine.LEVELS.max());
        assertInstanceOf(Reply.QueueDeclared.class, counted.node.declare("q", ARGUMENTS));
        return counted;
    }

    private static List<String> values(int n, int step) {
        return IntStream.range(0, n / step).mapToObj(i -> "v" + i * step).toList();
    }

    /** Entry by entry until nothing is owed, with a start before each. */
    private static void assertCountsAlikeBehindStarts(CountedNode counted) {
        OneNode node = counted.node;
        int entries = 0;
        for (; node.machine.owes(); entries++) {
            long used = node.machine.used(StateLimit.LAST_VALUES);
            int owed = node.machine.owed();
            counted.restart();
            assertEquals(used, node.machine.used(StateLimit.LAST_VALUES), "behind " + entries + " entries");
            assertEquals(owed, node.machine.owed(), "behind " + entries + " entries");
            counted.apply(new Probe(false));
        }
        assertTrue(entries > 1, entries + " entries");
        assertEquals(0, node.machine.used(StateLimit.LAST_VALUES));
        counted.assertEmpty(Keys.LAST_VALUE);
    }

    /** A replica that starts while a queue of many values is taken out counts what the others count. */
    @Test
    void whatADeletedQueueHasCountsAlikeBehindAStart() {
        CountedNode counted = started();
        counted.apply(to("q", 0, values(15_000, 1)));
        counted.apply(new DeleteQueue(counted.node.connection, "/", "q", false, false));
        assertCountsAlikeBehindStarts(counted);
    }

    /** The same of a purge that takes messages in many places, which a stand-in has until they are out. */
    @Test
    void whatAPurgeTookInManyPlacesCountsAlikeBehindAStart() {
        CountedNode counted = started();
        counted.apply(to("q", 0, values(6_000, 1)));
        counted.apply(to("q", 10_000, values(6_000, 2)));
        assertEquals(6_000, counted.node.queue("q").ready());
        counted.apply(new PurgeQueue(counted.node.connection, "/", "q"));
        assertEquals(0, counted.node.machine.used(StateLimit.LAST_VALUES));
        assertCountsAlikeBehindStarts(counted);
    }

    /** And of a queue that is deleted while that goes on. */
    @Test
    void whatWasPurgedOfAQueueThatIsDeletedCountsAlikeBehindAStart() {
        CountedNode counted = started();
        counted.apply(to("q", 0, values(6_000, 1)));
        counted.apply(to("q", 10_000, values(6_000, 2)));
        counted.apply(new PurgeQueue(counted.node.connection, "/", "q"));
        counted.apply(to("q", 20_000, values(6_000, 1)));
        counted.apply(new DeleteQueue(counted.node.connection, "/", "q", false, false));
        assertCountsAlikeBehindStarts(counted);
    }
}
