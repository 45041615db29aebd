package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeleteQueue;
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
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who acks every second message holds a range for each of the others: of all consumers together there are so many. */
class HeldRangesTest {
    private static final int MOST = 20;

    private final TwoNodes two = nodes(BrokerMachine.LEVELS.max());

    private static TwoNodes nodes(int level) {
        TwoNodes two = new TwoNodes(
                "held", MachineLimits.FORMAT_1.withState(StateLimits.DEFAULTS.with(StateLimit.HELD_RANGES, MOST)));
        two.both(n -> {
            n.raise(level);
            return Reply.OK;
        });
        return two;
    }

    private static void publish(TwoNodes to, String queue, int messages) {
        to.both(OneNode.messages(messages, 10, new Route("/", "", queue)));
    }

    private static long consume(TwoNodes at, int channel, String queue, int prefetch, Map<String, Object> arguments) {
        at.both(n -> n.declare(queue, arguments));
        return ((Reply.Subscribed) at.both(n -> n.consume(channel, queue, prefetch, Map.of()))).consumer();
    }

    private static void ackEverySecond(TwoNodes at, long consumer, int ranges) {
        for (int i = 0; i < ranges; i++) {
            at.both(new Settle(consumer, Settle.Outcome.ACK, new long[] {2 * i + 1, 2 * i + 1}));
        }
    }

    private long used() {
        return two.straight.machine.used(StateLimit.HELD_RANGES);
    }

    private long unacked(String queue) {
        return two.straight.queue(queue).unacked();
    }

    private Reply get(String queue, boolean noAck) {
        return two.both(new Get(two.straight.connection, 99, "/", queue, noAck));
    }

    @Test
    void nothingIsHandedOutBeyondButALittleOfEachQueue() {
        long a = consume(two, 1, "a", 50, Map.of());
        consume(two, 2, "b", 50, Map.of());
        publish(two, "a", 50);
        ackEverySecond(two, a, MOST);
        assertEquals(MOST + 1, used(), "its acks may tear what it has");
        publish(two, "a", 5);
        assertEquals(30, unacked("a"));
        assertEquals(5, two.straight.queue("a").ready());
        assertEquals(
                506, assertInstanceOf(Reply.Rejected.class, get("a", false)).code());
        assertInstanceOf(Reply.Got.class, get("a", true));
        publish(two, "b", 1);
        assertEquals(1, unacked("b"), "somebody's ack ends its waiting");
        publish(two, "b", 1);
        assertEquals(1, unacked("b"));
        two.both(new Settle(a, Settle.Outcome.ACK, new long[] {0, 9}));
        assertEquals(2, unacked("b"), "there is room for others");
        assertEquals(30, unacked("a"), "what is fetched without acks, too");
    }

    @Test
    void whoLeavesMakesRoom() {
        long a = consume(two, 1, "a", 50, Map.of());
        publish(two, "a", 50);
        ackEverySecond(two, a, MOST);
        two.both(new CloseChannel(two.straight.connection, 1, List.of()));
        assertEquals(0, used());
        long again = consume(two, 1, "a", 50, Map.of());
        assertEquals(MOST, used(), "of what came back it gets up to the limit, and a queue has a little");
        two.both(new Cancel(again));
        two.both(new DeleteQueue(two.straight.connection, "/", "a", false, false));
        assertEquals(0, used());
    }

    @Test
    void belowLevelFiveThereIsNoLimit() {
        TwoNodes old = nodes(4);
        long a = consume(old, 1, "a", 50, Map.of());
        publish(old, "a", 50);
        ackEverySecond(old, a, MOST);
        publish(old, "a", 5);
        assertEquals(35, old.straight.queue("a").unacked());
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
        Map<Long, TreeSet<Long>> had = new TreeMap<>();
        List<Map<String, Object>> kinds = List.of(
                Map.of(),
                Map.of("x-message-groups", true),
                Map.of("x-queue-type", "quorum"),
                Map.of("x-max-length", 9L));
        for (int i = 0; i < kinds.size(); i++) {
            had.put(consume(two, i + 1, "q" + i, 1 + random.nextInt(40), kinds.get(i)), new TreeSet<>());
        }
        List<Long> holders = new ArrayList<>(had.keySet());
        for (int step = 0; step < 150; step++) {
            int q = random.nextInt(kinds.size());
            if (random.nextInt(2) == 0) {
                publish(two, "q" + q, 1 + random.nextInt(9));
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
        assertEquals(0, two.straight.machine.used(StateLimit.HELD_RANGES));
        for (int q = 0; q < kinds.size(); q++) {
            assertEquals(0, two.straight.queue("q" + q).ready(), "nothing waits when all is settled");
        }
    }

    private static void settle(TwoNodes two, long holder, Map<Long, TreeSet<Long>> had, Random random) {
        List<Long> its = new ArrayList<>(had.get(holder));
        if (its.isEmpty()) {
            return;
        }
        long seq = its.get(random == null ? 0 : random.nextInt(its.size()));
        had.get(holder).remove(seq);
        boolean back = random != null && random.nextInt(4) == 0;
        two.both(new Settle(holder, back ? Settle.Outcome.NACK_REQUEUE : Settle.Outcome.ACK, new long[] {seq, seq}));
    }

    private static void note(TwoNodes two, Map<Long, TreeSet<Long>> had) {
        for (Delivery d : two.delivered()) {
            for (long s = d.firstSeq(); s < d.firstSeq() + d.count(); s++) {
                had.get(d.holder()).add(s);
            }
        }
    }
}
