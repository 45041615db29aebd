package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Chunks that were begun stay in memory until all of their messages are gone: of all queues together there are so many. */
class BegunLimitTest {
    private static final int MOST = 20;

    private final TwoNodes two = nodes(BrokerMachine.LEVELS.max());

    private static TwoNodes nodes(int level) {
        TwoNodes two = new TwoNodes(
                "begun", MachineLimits.FORMAT_1.withState(StateLimits.DEFAULTS.with(StateLimit.BEGUN_CHUNKS, MOST)));
        two.both(n -> {
            n.raise(level);
            return Reply.OK;
        });
        return two;
    }

    private static void publish(TwoNodes to, String queue, int chunks) {
        for (int i = 0; i < chunks; i++) {
            to.both(OneNode.messages(1, 10, new Route("/", "", queue)));
        }
    }

    private static long consume(TwoNodes at, int channel, String queue, Map<String, Object> arguments) {
        at.both(n -> n.declare(queue, arguments));
        return ((Reply.Subscribed) at.both(n -> n.consume(channel, queue, 0))).consumer();
    }

    private long unacked(String queue) {
        return two.straight.queue(queue).unacked();
    }

    private Reply get(String queue, boolean noAck) {
        return two.both(new Get(two.straight.connection, 99, "/", queue, noAck));
    }

    @Test
    void nothingIsHandedOutBeyondButALittleOfEachQueue() {
        final long a = consume(two, 1, "a", Map.of());
        consume(two, 2, "b", Map.of());
        publish(two, "a", 30);
        publish(two, "b", 3);
        assertEquals(MOST, unacked("a"));
        assertEquals(1, unacked("b"), "somebody's ack ends its waiting");
        two.both(n -> n.declare("c"));
        publish(two, "c", 3);
        assertInstanceOf(Reply.Got.class, get("c", false));
        assertEquals(
                506, assertInstanceOf(Reply.Rejected.class, get("c", false)).code());
        assertInstanceOf(Reply.Got.class, get("c", true));
        two.both(new Settle(a, Settle.Outcome.ACK, new long[] {0, 9}));
        assertEquals(MOST - 3, unacked("a"), "b and c have three");
        two.both(new Settle(a, Settle.Outcome.ACK, new long[] {10, 29}));
        assertEquals(3, unacked("a"));
        assertEquals(0, two.straight.queue("a").ready());
        publish(two, "b", 1);
        assertEquals(4, unacked("b"));
    }

    /** A limit takes the first of a chunk out, which is begun by that: what is left of it waits for nobody. */
    @Test
    void whatALimitHasBegunIsHandedOut() {
        consume(two, 1, "a", Map.of());
        consume(two, 2, "b", Map.of("x-max-length", 3L));
        publish(two, "a", MOST);
        publish(two, "b", 1);
        assertEquals(1, unacked("b"));
        two.both(OneNode.messages(5, 10, new Route("/", "", "b")));
        assertEquals(4, unacked("b"));
    }

    @Test
    void whatCameBackIsHandedOutAgain() {
        final long a = consume(two, 1, "a", Map.of());
        publish(two, "a", 30);
        two.delivered();
        two.both(new Settle(a, Settle.Outcome.NACK_REQUEUE, new long[] {3, 6}));
        assertEquals(
                List.of(3L, 4L, 5L, 6L),
                two.delivered().stream().map(Delivery::firstSeq).toList());
    }

    @Test
    void nothingRestsBeyond() {
        Map<String, Object> delayed =
                Map.of("x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 3_600_000L);
        final long a = consume(two, 1, "a", delayed);
        publish(two, "a", 30);
        final long first = two.delivered().get(0).firstSeq();
        final long last = first + MOST - 1;
        two.both(new Settle(a, Settle.Outcome.NACK_REQUEUE, new long[] {first, first}));
        assertEquals(1, two.delivered().size(), "it is handed out again at once");
        two.both(new Settle(a, Settle.Outcome.ACK, new long[] {first, last}));
        two.both(new Settle(a, Settle.Outcome.NACK_REQUEUE, new long[] {last + 1, last + 1}));
        assertEquals(9, unacked("a"), "one rests");
    }

    @Test
    void belowLevelFiveThereIsNoLimit() {
        TwoNodes old = nodes(4);
        consume(old, 1, "a", Map.of());
        publish(old, "a", 30);
        assertEquals(30, old.straight.queue("a").unacked());
    }

    /** A replica that is restored behind each step counts the same, and when all is settled all was handed out. */
    @Test
    void random() {
        for (long seed = 0; seed < 12; seed++) {
            run(new Random(seed));
        }
    }

    private static void run(Random random) {
        TwoNodes two = nodes(BrokerMachine.LEVELS.max());
        Map<Long, TreeMap<Long, Long>> had = new TreeMap<>();
        List<Map<String, Object>> kinds = List.of(
                Map.of(),
                Map.of("x-message-groups", true),
                Map.of("x-queue-type", "quorum"),
                Map.of("x-max-length", 9L));
        for (int i = 0; i < kinds.size(); i++) {
            had.put(consume(two, i + 1, "q" + i, kinds.get(i)), new TreeMap<>());
        }
        List<Long> holders = new ArrayList<>(had.keySet());
        for (int step = 0; step < 120; step++) {
            int q = random.nextInt(kinds.size());
            if (random.nextInt(2) == 0) {
                publish(two, "q" + q, 1 + random.nextInt(6));
            } else {
                settle(two, holders.get(q), had, random);
            }
            note(two, had);
        }
        while (had.values().stream().anyMatch(h -> !h.isEmpty())) {
            for (long h : holders) {
                settle(two, h, had, null);
                note(two, had);
            }
        }
        for (int q = 0; q < kinds.size(); q++) {
            assertEquals(0, two.straight.queue("q" + q).ready(), "nothing waits when all is settled");
        }
    }

    private static void settle(TwoNodes two, long holder, Map<Long, TreeMap<Long, Long>> had, Random random) {
        TreeMap<Long, Long> its = had.get(holder);
        if (its.isEmpty()) {
            return;
        }
        long first = random == null || random.nextBoolean() ? its.firstKey() : its.lastKey();
        boolean back = random != null && random.nextInt(4) == 0;
        long last = its.remove(first);
        assertTrue(two.both(new Settle(
                        holder, back ? Settle.Outcome.NACK_REQUEUE : Settle.Outcome.ACK, new long[] {first, last}))
                == Reply.OK);
    }

    private static void note(TwoNodes two, Map<Long, TreeMap<Long, Long>> had) {
        two.delivered().forEach(d -> had.get(d.holder()).put(d.firstSeq(), d.firstSeq() + d.count() - 1));
    }
}
