package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.Keys;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Many consumers of a queue learn of another x-consumer-timeout in several entries. */
class TimeoutRoundsTest {
    private static final int MANY = 6_000;
    private static final long LONG = 1_000_000;
    /** Per unit: the record of a consumer, and that of its time; and those of the queue. */
    private static final long MOST = 2L * WorkLimits.DEFAULTS.perEntry() + 500;

    private final CountedNode counted = new CountedNode(MOST);
    private final OneNode node = counted.node;
    private int channel;

    private void declare(Object... timeout) {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q", timeout.length == 0 ? Map.of() : Map.of("x-consumer-timeout", timeout[0]));
    }

    private void consume(int consumers, Object... timeout) {
        Map<String, Object> a = timeout.length == 0 ? Map.of() : Map.of("x-consumer-timeout", timeout[0]);
        for (int i = 0; i < consumers; i++) {
            assertInstanceOf(Reply.Subscribed.class, node.consume(++channel, "q", 1, a));
        }
        node.apply(OneNode.messages(consumers, 10, new Route("/", "", "q")));
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
        node.commit();
        assertEquals(channel, node.queue("q").unacked());
        counted.store().reset();
    }

    private Reply alter(long timeout) {
        var a = new TreeMap<String, Object>(Map.of("x-alter", true, "x-consumer-timeout", timeout));
        Reply r = node.declare("q", a);
        node.commit();
        return r;
    }

    private void pass(long millis, int steps) {
        for (int i = 0; i < steps; i++) {
            node.passed += millis / steps;
            do {
                counted.apply(new Probe(false));
            } while (node.machine.owes());
        }
    }

    @Test
    void theyLearnOfItSomeByEntry() {
        declare(LONG);
        consume(MANY);
        assertInstanceOf(Reply.QueueDeclared.class, alter(20_000));
        assertTrue(counted.settle() >= 2 * MANY / WorkLimits.DEFAULTS.perEntry() - 1);
        pass(19_000, 10);
        assertEquals(0, node.timedOut.size());
        pass(7_000, 10);
        assertEquals(MANY, node.timedOut.size());
    }

    @Test
    void byAPolicyTheyDoToo() {
        declare();
        consume(MANY);
        Arguments definition = new Arguments(new TreeMap<>(Map.of("consumer-timeout", 20_000L)));
        counted.apply(new SetPolicy("/", "p", false, new PolicySpec(".*", "queues", 1, definition)));
        assertTrue(counted.settle() >= 2 * MANY / WorkLimits.DEFAULTS.perEntry() - 1);
        pass(26_000, 20);
        assertEquals(MANY, node.timedOut.size());
    }

    /** Each change goes round once more. */
    @Test
    void whoeverChangesItAgainAndAgainKeepsNobodyWaiting() {
        declare(LONG);
        consume(MANY);
        for (int i = 0; i < 40; i++) {
            alter(1_000 + i % 2);
            if (i % 10 == 5) {
                counted.restart();
            }
        }
        pass(1_300, 10);
        assertEquals(MANY, node.timedOut.size());
        counted.settle();
    }

    @Test
    void whoHasATimeoutOfItsOwnGoesByThat() {
        declare(LONG);
        consume(2, 5_000L);
        pass(4_500, 10);
        alter(20_000);
        pass(2_000, 10);
        assertEquals(2, node.timedOut.size());
    }

    @Test
    void noneIsNone() {
        declare(LONG);
        consume(3);
        alter(0);
        counted.settle();
        counted.restart();
        pass(2 * LONG, 10);
        assertEquals(0, node.timedOut.size());
        counted.assertEmpty(Keys.ACK_DEADLINE);
        alter(1_000);
        pass(1_500, 10);
        assertEquals(3, node.timedOut.size());
    }

    @Test
    void aQueueGoesOnItsWay() {
        declare(LONG);
        consume(MANY);
        alter(1_000);
        counted.restart();
        counted.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        counted.settleUncounted();
        assertEquals(0, node.machine.queues().size());
        counted.assertEmpty(Keys.ACK_DEADLINE, Keys.HOLDER, Keys.QUEUE_STATE);
    }
}
