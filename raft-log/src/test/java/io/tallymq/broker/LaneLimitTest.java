package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Lanes that all queues together have: there is a limit, and beyond it messages stay in order. */
class LaneLimitTest {
    private static final int MOST = 4;
    private static final Map<String, Object> TEN = Map.of("x-max-priority", 9L);
    private static final Map<String, Object> GROUPS = Map.of("x-message-groups", true);
    private static final Map<String, Object> FAIR = Map.of("x-fair-by", "header:x-group-id");

    private final TwoNodes two = nodes("lanes", BrokerMachine.LEVELS.max());
    private long published;

    private static TwoNodes nodes(String name, int level) {
        StateLimits few = StateLimits.DEFAULTS.with(StateLimit.LANES, MOST).with(StateLimit.LANE_KEYS, 2);
        TwoNodes two = new TwoNodes(name, MachineLimits.FORMAT_1.withState(few));
        two.both(n -> {
            n.raise(level);
            return Reply.OK;
        });
        return two;
    }

    private static long used(TwoNodes of) {
        return of.straight.machine.used(StateLimit.LANES);
    }

    private void declare(String queue, Map<String, Object> arguments) {
        two.both(n -> n.declare(queue, arguments));
    }

    private void delete(String queue) {
        two.both(new DeleteQueue(two.straight.connection, "/", queue, false, false));
    }

    /** Named as given, each with the priority behind the colon. */
    private void publish(String queue, String... messages) {
        two.both(PriorityTest.messages(new Route("/", "", queue), messages));
    }

    /** The body of the next message, which is acked; null for none. */
    private byte[] next(String queue) {
        if (two.both(new Get(two.straight.connection, 9, "/", queue, false)) instanceof Reply.Got got) {
            Delivery d = got.delivery();
            ChunkBody from = d.chunk().body() != null ? d.chunk().body() : two.straight.memory.load(d.chunk());
            int at = from.at(d.from());
            int begin = MessageRecord.bodyOffset(from.bytes(), at);
            byte[] body = Arrays.copyOfRange(from.bytes(), begin, begin + MessageRecord.inlineLength(from.bytes(), at));
            two.both(new Settle(got.holder(), Settle.Outcome.ACK, new long[] {d.firstSeq(), d.firstSeq()}));
            return body;
        }
        return null;
    }

    private String drain(String queue) {
        List<String> all = new ArrayList<>();
        for (byte[] body = next(queue); body != null; body = next(queue)) {
            all.add(new String(body));
        }
        return String.join(" ", all);
    }

    @Test
    void beyondTheLimitMessagesGoToTheNearestLaneOfTheirQueue() {
        declare("a", TEN);
        declare("b", TEN);
        publish("a", "m0:0", "m1:1", "m2:2", "m3:3", "m4:4", "m9:9", "m8:8", "m9too:9");
        assertEquals(MOST, used(two));
        publish("b", "low:0", "high:9", "middle:5");
        publish("a", "n4:4", "n2:2");
        assertEquals(MOST, used(two));
        assertEquals("m4 m9 m8 m9too n4 m3 m2 n2 m1 m0", drain("a"));
        assertEquals("low high middle", drain("b"));
    }

    @Test
    void whereThereIsRoomAgainNothingIsOvertakenByWhatCameBehindIt() {
        declare("a", TEN);
        declare("b", TEN);
        publish("a", "m0:0", "m1:1", "m2:2", "m3:3", "m4:4");
        publish("b", "low:1", "high:9");
        delete("a");
        assertEquals(0, used(two));
        publish("b", "higher:9", "lower:1");
        assertEquals(0, used(two), "until the queue is empty");
        assertEquals("low high higher lower", drain("b"));
        publish("b", "low:1", "high:9");
        assertEquals(2, used(two));
        assertEquals("high low", drain("b"));
    }

    @Test
    void belowLevelFiveThereIsNone() {
        TwoNodes old = nodes("old lanes", 4);
        old.both(n -> n.declare("a", TEN));
        old.both(PriorityTest.messages(
                new Route("/", "", "a"),
                IntStream.range(0, 10).mapToObj(i -> "m:" + i).toArray(String[]::new)));
        assertEquals(9, used(old));
    }

    /** A queue gives its room back, and the third one may take it. */
    private void changes(Random random, Map<String, Object> a, Map<String, Object> b) {
        int which = random.nextInt(12);
        if (which == 0) {
            delete("a");
            declare("a", a);
        } else if (which == 1) {
            delete("b");
            declare("b", b);
        } else if (which < 5) {
            delete("c");
            declare("c", TEN);
            String[] some = random.ints(random.nextInt(8), 0, 10)
                    .mapToObj(p -> "c:" + p)
                    .toArray(String[]::new);
            publish("c", some);
        }
    }

    @Test
    void messagesOfAPriorityStayInOrder() {
        Random random = new Random(5);
        declare("a", TEN);
        declare("b", TEN);
        declare("c", TEN);
        long[][] last = new long[2][10];
        boolean full = false;
        for (int round = 0; round < 200; round++) {
            changes(random, TEN, TEN);
            int q = random.nextInt(2);
            String[] some = random.ints(1 + random.nextInt(6), 0, 10)
                    .mapToObj(p -> ++published + "-" + p + ":" + p)
                    .toArray(String[]::new);
            publish(q == 0 ? "a" : "b", some);
            for (int i = random.nextInt(16); i > 0; i--) {
                int from = random.nextInt(2);
                byte[] body = next(from == 0 ? "a" : "b");
                if (body != null) {
                    String name = new String(body);
                    long id = Long.parseLong(name.substring(0, name.indexOf('-')));
                    int priority = Integer.parseInt(name.substring(name.indexOf('-') + 1));
                    assertTrue(id > last[from][priority], name + " behind " + last[from][priority]);
                    last[from][priority] = id;
                }
            }
            assertTrue(used(two) <= MOST);
            full |= used(two) == MOST;
        }
        assertTrue(full);
    }

    @Test
    void messagesOfAKeyStayInOrder() {
        Random random = new Random(7);
        declare("a", GROUPS);
        declare("b", FAIR);
        declare("c", TEN);
        long[][] last = new long[2][40];
        int[][] keyOf = new int[2][10_000];
        for (int round = 0; round < 200; round++) {
            changes(random, GROUPS, FAIR);
            int q = random.nextInt(2);
            int[] its = random.ints(1 + random.nextInt(6), 0, 40).toArray();
            for (int i = 0; i < its.length; i++) {
                keyOf[q][(int) published + i] = its[i];
            }
            List<String> keys = IntStream.of(its).mapToObj(i -> "k" + i).toList();
            Publish p = GroupsTest.messages(q == 0 ? "a" : "b", published, "x-group-id", keys);
            published += its.length;
            two.both(p);
            for (int i = random.nextInt(16); i > 0; i--) {
                int from = random.nextInt(2);
                byte[] body = next(from == 0 ? "a" : "b");
                if (body != null) {
                    long id = new ByteReader(body).int64();
                    int key = keyOf[from][(int) id];
                    assertTrue(id >= last[from][key], id + " behind " + last[from][key]);
                    last[from][key] = id;
                }
            }
            assertTrue(used(two) <= MOST + 2, "each has one all the same");
        }
    }

    /** All its lanes stand in the record of a queue that changed. */
    @Test
    void lanesAreWork() {
        OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q", Map.of("x-max-priority", 255L));
        Route q = new Route("/", "", "q");
        node.slices(PriorityTest.messages(
                q, IntStream.range(0, 256).mapToObj(i -> "m:" + i).toArray(String[]::new)));
        assertEquals(255, node.machine.used(StateLimit.LANES));
        node.apply(new Get(node.connection, 1, "/", "q", true));
        assertTrue(node.machine.unwritten() >= 31, node.machine.unwritten() + " units of a delivery");
        node.commit();
        assertEquals(0, node.machine.unwritten());
        node.declare("plain");
        node.commit();
        Publish one = OneNode.messages(1, 10, new Route("/", "", "plain"));
        long plain = node.slices(one).get(0);
        Publish other = new Publish(List.of(q), one.bytes(), one.offset(), one.end(), 0, Origins.NONE);
        assertTrue(node.slices(other).get(0) >= plain + 31, "and of a slice");
    }
}
