package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Route;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** x-last-value: all chunks of a backlog are in memory, with or without consumers, and there is a limit for them of their own. */
class LastValueChunksTest {
    private static final int MOST = 20;

    private final TwoNodes two = new TwoNodes(
            "chunks",
            MachineLimits.FORMAT_1.withState(
                    StateLimits.DEFAULTS.with(StateLimit.BEGUN_CHUNKS, MOST).with(StateLimit.LAST_VALUE_CHUNKS, MOST)));
    private long published;

    private void declare(String... queues) {
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            Arrays.stream(queues).forEach(q -> n.declare(q, Map.of("x-last-value", "device")));
            return Reply.OK;
        });
    }

    /** So many entries of these. */
    private void publish(String queue, int entries, Object... values) {
        for (int i = 0; i < entries; i++) {
            Publish p = GroupsTest.messages(published, "device", Arrays.asList(values));
            published += values.length;
            two.both(new Publish(List.of(new Route("/", "", queue)), p.bytes(), p.offset(), p.end(), 0, Origins.NONE));
        }
    }

    private long ready(String queue) {
        return two.straight.queue(queue).ready();
    }

    private long used() {
        return two.straight.machine.used(StateLimit.LAST_VALUE_CHUNKS);
    }

    private Reply get(String queue, boolean noAck) {
        return two.both(new Get(two.straight.connection, 99, "/", queue, noAck));
    }

    @Test
    void aBacklogHoldsUpNobodyElse() {
        declare("l");
        publish("l", MOST, (Object) null);
        two.both(n -> n.declare("a"));
        two.both(n -> n.consume(1, "a", 0));
        for (int i = 0; i < 10; i++) {
            two.both(OneNode.messages(1, 10, new Route("/", "", "a")));
        }
        assertEquals(10, two.straight.queue("a").unacked());
        assertEquals(10, two.straight.machine.used(StateLimit.BEGUN_CHUNKS));
        assertEquals(MOST, used());
    }

    @Test
    void whoGrowsLosesItsOldestWithOrWithoutAValue() {
        declare("l", "m", "n");
        publish("l", 10, (Object) null);
        publish("m", 5, (Object) null);
        publish("m", 5, null, "v");
        assertEquals(MOST, used());
        assertEquals(11, ready("m"));
        publish("m", 7, null, null);
        assertEquals(MOST, used());
        assertEquals(10, ready("l"));
        assertEquals(2 + 2 + 7 * 2, ready("m"), "seven of the oldest chunks went");
        publish("n", 1, "first");
        publish("n", 1, "second");
        assertEquals(1, ready("n"), "the last one stays");
        publish("l", 1, "one");
        assertEquals(10, ready("l"));
        assertEquals(MOST + 1, used());
    }

    /** Others hold more than there is room for: that is no reason to lose anything. */
    @Test
    void whoDoesNotGrowPaysForNobody() {
        declare("l", "m");
        publish("m", 5, (Object) null);
        for (int i = 0; i < MOST; i++) {
            publish("l", 1, (Object) null);
            assertInstanceOf(Reply.Got.class, get("l", false));
        }
        assertEquals(MOST + 5, used());
        get("m", true);
        assertEquals(4, ready("m"));
        publish("m", 1, "v");
        assertEquals(4, ready("m"));
        publish("m", 2, "v");
        assertEquals(4, ready("m"), "it takes the place of the one with its value");
    }

    @Test
    void belowLevelFiveThereIsNoLimit() {
        two.both(n -> {
            n.raise(4);
            return n.declare("l", Map.of("x-last-value", "device"));
        });
        publish("l", 30, (Object) null);
        assertEquals(30, ready("l"));
    }

    /** Each message without a value may keep a chunk in memory. */
    @Test
    void whatConsumersHoldHasABoundToo() {
        declare("l");
        two.both(n -> n.consume(1, "l", 0));
        publish("l", 300, (Object) null);
        assertEquals(100, two.straight.queue("l").unacked());
        assertTrue(used() <= 100 + MOST, "chunks: " + used());
        Reply.Rejected refused = assertInstanceOf(Reply.Rejected.class, get("l", false));
        assertEquals(506, refused.code());
    }
}
