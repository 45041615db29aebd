package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView.Changes;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What of the topology came and went, as one replica has seen it: what goes with a connection is told apart. */
class ChangesTest {
    private final MemoryStore store = new MemoryStore();
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);

    @BeforeEach
    void level() {
        node.raise(5);
    }

    private Changes now() {
        return node.machine.changes();
    }

    /** Whether something that does not go with a connection is another. */
    private boolean changes(Command command) {
        long before = now().version();
        Reply reply = node.apply(command);
        assertEquals(false, reply instanceof Reply.Rejected, () -> "refused: " + reply);
        return now().version() != before;
    }

    private Command declare(String name, boolean exclusive, Map<String, Object> arguments) {
        QueueSpec spec = new QueueSpec(true, exclusive, false, new Arguments(new TreeMap<>(arguments)));
        return new DeclareQueue(node.connection, "/", name, spec, false);
    }

    private Command bind(String queue, boolean add) {
        BindingKey key = new BindingKey("amq.topic", queue, "k", Arguments.NONE);
        return new BindQueue(node.connection, "/", key, add);
    }

    private static Command policy(long length) {
        var definition = new Arguments(Map.of("max-length", length));
        return new SetPolicy("/", "p", false, new PolicySpec("x", "queues", 0, definition));
    }

    @Test
    void eachChangeHasAnotherVersionAndNothingElseHas() {
        assertEquals(true, changes(declare("q", false, Map.of())));
        assertEquals(false, changes(declare("q", false, Map.of())));
        assertEquals(true, changes(bind("q", true)));
        assertEquals(false, changes(bind("q", true)));
        assertEquals(true, changes(bind("q", false)));
        assertEquals(true, changes(policy(5)));
        assertEquals(true, changes(policy(6)));
        assertEquals(
                true,
                changes(new DeclareExchange(
                        "/", "x", new ExchangeSpec("fanout", true, false, false, Arguments.NONE), false)));
        assertEquals(true, changes(declare("q", false, Map.of("x-alter", true, "x-max-length", 5L))));
        assertEquals(true, changes(new DeleteQueue(node.connection, "/", "q", false, false)));
        assertEquals(false, changes(new DeleteQueue(node.connection, "/", "q", false, false)));
    }

    @Test
    void whatGoesWithAConnectionChangesNoVersion() {
        assertEquals(false, changes(declare("hers", true, Map.of())));
        assertEquals(false, changes(bind("hers", true)));
        assertEquals(1, now().queuesCreated());
        assertEquals(false, changes(new CloseConnection(node.connection, List.of())));
        assertEquals(1, now().queuesDeleted());
    }

    @Test
    void queuesAreCountedByWhatBecameOfThem() {
        node.apply(declare("a", false, Map.of()));
        node.apply(declare("a", false, Map.of()));
        node.apply(
                new DeclareQueue(node.connection, "/", "a", new QueueSpec(true, false, false, Arguments.NONE), true));
        node.apply(declare("a", false, Map.of("x-max-length", 5L)));
        node.apply(declare("b", false, Map.of()));
        node.apply(new DeleteQueue(node.connection, "/", "a", false, false));
        Changes c = now();
        assertEquals("3 2 1", c.queuesDeclared() + " " + c.queuesCreated() + " " + c.queuesDeleted());
    }

    /** It counts anew: so nobody may take the versions of two runs for one another's. */
    @Test
    void aReplicaThatStartsBeginsAnew() {
        node.apply(declare("a", false, Map.of()));
        node.apply(declare("b", false, Map.of()));
        node.commit();
        long before = now().version();
        long digest = node.machine.digest();
        node.machine = new BrokerMachine(store, MachineLimits.FORMAT_1);
        assertNotEquals(before, now().version());
        assertEquals(0, now().queuesCreated());
        assertEquals(digest, node.machine.digest(), "it is no part of the state");
    }
}
