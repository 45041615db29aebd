package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the arguments of all that was declared take, and what is dead and still in memory, has a bound. */
class ArgumentRoomTest {
    private OneNode node(StateLimits state, int perEntry, int level) {
        MachineLimits limits = new MachineLimits(
                256,
                100_000,
                1_000,
                256 * 1024,
                512,
                4_096,
                new WorkLimits(32_768, perEntry, perEntry, 64, 4_096),
                8,
                250_000,
                state);
        OneNode n = new OneNode(new MemoryStore(0), limits);
        n.raise(level);
        return n;
    }

    private static Map<String, Object> arguments(int values) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < values; i++) {
            a.put("a" + i, (long) i);
        }
        return a;
    }

    private static Arguments some(int values) {
        return new Arguments(new TreeMap<>(arguments(values)));
    }

    private static Reply exchange(OneNode n, String name, String type, int values) {
        return n.apply(new DeclareExchange("/", name, new ExchangeSpec(type, true, false, false, some(values)), false));
    }

    private static Reply bind(OneNode n, String exchange, int values) {
        return n.apply(new BindQueue(n.connection, "/", new BindingKey(exchange, "q", "", some(values)), true));
    }

    private static void refused(Reply r) {
        Reply.Rejected no = assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(Reply.Reason.LIMIT, no.reason());
        assertTrue(no.text().contains("40 units of arguments"), no.text());
    }

    @Test
    void allThatIsDeclaredCounts() {
        OneNode n = node(StateLimits.DEFAULTS.with(StateLimit.ARGUMENTS, 40), 1_000, 5);
        assertInstanceOf(Reply.QueueDeclared.class, n.declare("q", arguments(10)));
        assertEquals(Reply.OK, exchange(n, "x", "topic", 10));
        assertEquals(Reply.OK, bind(n, "x", 8));
        assertInstanceOf(Reply.Subscribed.class, n.consume(1, "q", 1, arguments(8)));
        n.restart();
        refused(n.declare("r", arguments(5)));
        refused(exchange(n, "y", "topic", 5));
        refused(bind(n, "x", 5));
        refused(n.consume(1, "q", 1, arguments(5)));
        assertEquals(Reply.OK, bind(n, "x", 8), "it is there");
        assertInstanceOf(Reply.QueueDeclared.class, n.declare("none"), "what has none is welcome");
        n.apply(new CloseChannel(n.connection, 1, List.of()));
        refused(bind(n, "amq.headers", 4));
        assertEquals(Reply.OK, bind(n, "amq.headers", 3));
        Map<String, Object> more = arguments(10);
        more.put("x-alter", true);
        assertInstanceOf(Reply.QueueDeclared.class, n.declare("q", more));
        more.put("x-consumer-timeout", 60_000L);
        n.apply(new DeleteExchange("/", "x", false));
        n.restart();
        assertEquals(Reply.OK, exchange(n, "y", "topic", 18));
        refused(n.declare("q", more));
        n.apply(new DeleteQueue(n.connection, "/", "q", false, false));
        assertInstanceOf(Reply.QueueDeclared.class, n.declare("q", arguments(22)));
        refused(n.declare("r", arguments(1)));
    }

    @Test
    void belowLevelFiveThereIsNone() {
        OneNode n = node(StateLimits.DEFAULTS.with(StateLimit.ARGUMENTS, 40), 1_000, 4);
        assertInstanceOf(Reply.QueueDeclared.class, n.declare("q", arguments(100)));
    }

    private OneNode full(int level) {
        OneNode n = node(FewThings.of(10, 10, 6, 10, 10, 10, 10), 2, level);
        n.declare("q");
        n.declare("r");
        for (int i = 0; i < 6; i++) {
            assertEquals(Reply.OK, n.bind("amq.topic", "q", "k" + i));
        }
        return n;
    }

    @Test
    void deadBindingsCountUntilTheyAreTakenOut() {
        OneNode n = full(5);
        n.apply(new DeleteQueue(n.connection, "/", "q", false, false)); // 4 are left
        n.restart();
        assertEquals(Reply.OK, n.bind("amq.topic", "r", "a")); // 2
        for (String key : List.of("b", "c", "d")) {
            assertEquals(Reply.OK, n.bind("amq.topic", "r", key));
        }
        OneNode other = full(5);
        other.declare("s");
        other.begin();
        other.machine.apply(new DeleteQueue(other.connection, "/", "q", false, false), other);
        Reply r = other.machine.apply(
                new BindQueue(other.connection, "/", new BindingKey("amq.topic", "r", "a", Arguments.NONE), true),
                other);
        other.end();
        assertEquals(
                Reply.Reason.LIMIT, assertInstanceOf(Reply.Rejected.class, r).reason());
        other.apply(new Probe(false));
        assertEquals(Reply.OK, other.bind("amq.topic", "r", "a"));
    }

    @Test
    void belowLevelFiveTheyDoNot() {
        OneNode n = full(4);
        n.begin();
        n.machine.apply(new DeleteQueue(n.connection, "/", "q", false, false), n);
        Reply r = n.machine.apply(
                new BindQueue(n.connection, "/", new BindingKey("amq.topic", "r", "a", Arguments.NONE), true), n);
        n.end();
        assertEquals(Reply.OK, r);
    }
}
