package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.Keys;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Groups and tenants that all queues together know: there is a limit, and beyond it messages of one still stay in order. */
class LaneKeyLimitTest {
    private static final int MOST = 10;
    private static final Map<String, Object> GROUPS = Map.of("x-message-groups", true);
    private static final Map<String, Object> FAIR = Map.of("x-fair-by", "header:x-group-id");

    private final TwoNodes two = nodes("lane keys", BrokerMachine.LEVELS.max());
    private long published;

    private static TwoNodes nodes(String name, int level) {
        TwoNodes two = new TwoNodes(
                name, MachineLimits.FORMAT_1.withState(StateLimits.DEFAULTS.with(StateLimit.LANE_KEYS, MOST)));
        two.both(n -> {
            n.raise(level);
            return Reply.OK;
        });
        return two;
    }

    private void publish(TwoNodes to, String queue, List<?> keys) {
        Publish p = GroupsTest.messages(published, "x-group-id", keys);
        published += keys.size();
        to.both(new Publish(List.of(new Route("/", "", queue)), p.bytes(), p.offset(), p.end(), 0, Origins.NONE));
    }

    private static List<String> keys(int n) {
        return IntStream.range(0, n).mapToObj(i -> "k" + i).toList();
    }

    private static int known(TwoNodes of) {
        int[] n = {0};
        of.straight.commit();
        of.straight.memory.scan(new byte[] {(byte) Keys.LANE_KEY}, (k, v) -> n[0]++);
        return n[0];
    }

    @Test
    void allQueuesTogetherKnowSoMany() {
        two.both(n -> n.declare("a", GROUPS));
        two.both(n -> n.declare("b", FAIR));
        publish(two, "a", keys(7));
        publish(two, "b", keys(7));
        assertEquals(MOST, known(two));
        two.both(new DeleteQueue(two.straight.connection, "/", "a", false, false));
        publish(two, "b", List.of("new1", "new2", "new3", "new4", "new5", "new6", "new7", "new8"));
        assertTrue(known(two) > 3 && known(two) <= MOST, known(two) + " after the queue is gone");
    }

    @Test
    void belowLevelFiveEachQueueHasItsOwn() {
        TwoNodes old = nodes("old lane keys", 4);
        old.both(n -> n.declare("a", GROUPS));
        publish(old, "a", keys(25));
        assertEquals(25, known(old));
    }

    /** With few keys that are known and many that are not: those of one come in their order. */
    @Test
    void messagesOfAKeyStayInOrder() {
        two.both(n -> n.declare("a", GROUPS));
        two.both(n -> n.declare("b", FAIR));
        Random random = new Random(3);
        long[][] last = new long[2][40];
        int[][] keyOf = new int[2][100_000];
        for (int round = 0; round < 60; round++) {
            int q = random.nextInt(2);
            int[] its = random.ints(1 + random.nextInt(20), 0, 40).toArray();
            for (int i = 0; i < its.length; i++) {
                keyOf[q][(int) published + i] = its[i];
            }
            publish(
                    two,
                    q == 0 ? "a" : "b",
                    IntStream.of(its).mapToObj(i -> "k" + i).toList());
            for (int i = random.nextInt(25); i > 0; i--) {
                int from = random.nextInt(2);
                Reply r = two.both(new Get(two.straight.connection, 9, "/", from == 0 ? "a" : "b", true));
                if (r instanceof Reply.Got got) {
                    long id = GroupsTest.ids(got.delivery(), two.straight.memory)[0];
                    int key = keyOf[from][(int) id];
                    assertTrue(id >= last[from][key], id + " behind " + last[from][key]);
                    last[from][key] = id;
                }
            }
            assertTrue(known(two) <= MOST);
        }
    }
}
