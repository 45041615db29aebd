package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.routing.ExchangeRules;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing of the replicated state grows for ever: beyond a limit a client is told which one it is, and nothing changes. */
class StateLimitsTest {
    private static final ExchangeSpec FANOUT = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
    private static final StateLimits LIMITS = new StateLimits(3, 7, 3, 3, 2, 2, 3);

    private MemoryStore store = new MemoryStore();
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1.withState(LIMITS));

    private void refused(int code, String what, int limit, Reply r) {
        Reply.Rejected rejected = assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(Reply.Reason.LIMIT, rejected.reason());
        assertEquals(code, rejected.code());
        assertTrue(rejected.text().contains(limit + " " + what), rejected.text());
        long before = node.machine.digest();
        node.commit();
        store = store.copy();
        node.machine = new BrokerMachine(store, MachineLimits.FORMAT_1.withState(LIMITS));
        assertEquals(before, node.machine.digest());
    }

    private Reply exchange(String name) {
        return node.apply(new DeclareExchange("/", name, FANOUT, false));
    }

    @Test
    void queues() {
        node.declare("q1");
        node.declare("q2");
        assertInstanceOf(Reply.QueueDeclared.class, node.declare("q3"));
        refused(406, "queues", 3, node.declare("q4"));
        assertInstanceOf(Reply.QueueDeclared.class, node.declare("q3"), "it is there already");
        refused(406, "queues", 3, node.declare("q4"));
        node.apply(new DeleteQueue(node.connection, "/", "q1", false, false));
        assertInstanceOf(Reply.QueueDeclared.class, node.declare("q4"));
    }

    @Test
    void exchanges() {
        assertEquals(5, ExchangeRules.PREDECLARED.size());
        assertEquals(Reply.OK, exchange("x1"));
        assertEquals(Reply.OK, exchange("x2"));
        refused(406, "exchanges", 7, exchange("x3"));
        assertEquals(Reply.OK, exchange("x2"));
        node.apply(new DeleteExchange("/", "x1", false));
        assertEquals(Reply.OK, exchange("x3"));
        refused(406, "exchanges", 7, exchange("x4"));
    }

    @Test
    void bindings() {
        node.declare("q1");
        node.declare("q2");
        node.bind("amq.topic", "q1", "a");
        node.bind("amq.topic", "q1", "b");
        assertEquals(Reply.OK, node.bind("amq.topic", "q2", "a"));
        refused(406, "bindings", 3, node.bind("amq.topic", "q2", "b"));
        BindingKey toExchange = new BindingKey("amq.topic", "amq.fanout", "", Arguments.NONE);
        refused(406, "bindings", 3, node.apply(new BindExchange("/", toExchange, true)));
        assertEquals(Reply.OK, node.bind("amq.topic", "q1", "a"), "it is there already");
        node.apply(new DeleteQueue(node.connection, "/", "q1", false, false));
        assertEquals(Reply.OK, node.bind("amq.topic", "q2", "b"));
        assertEquals(Reply.OK, node.bind("amq.topic", "q2", "c"));
        refused(406, "bindings", 3, node.bind("amq.topic", "q2", "d"));
    }

    @Test
    void consumers() {
        node.declare("q1");
        node.consume("q1", 1);
        long second = ((Reply.Subscribed) node.consume("q1", 1)).consumer();
        node.apply(OneNode.messages(5, 8, new Route("/", "", "q1")));
        Get get = new Get(node.connection, 2, "/", "q1", false);
        assertInstanceOf(Reply.Got.class, node.apply(get));
        assertInstanceOf(Reply.Got.class, node.apply(get), "the same channel again");
        refused(406, "consumers", 3, node.consume("q1", 1));
        refused(406, "consumers", 3, node.apply(new Get(node.connection, 3, "/", "q1", false)));
        node.apply(new CloseChannel(node.connection, 2, List.of()));
        assertInstanceOf(Reply.Subscribed.class, node.consume("q1", 1));
        assertTrue(second > 0);
    }

    @Test
    void connections() {
        ConnectionId other = new ConnectionId("n1", 2);
        assertEquals(Reply.OK, node.apply(new OpenConnection(other, OneNode.info())));
        ConnectionId third = new ConnectionId("n1", 3);
        refused(530, "connections", 2, node.apply(new OpenConnection(third, OneNode.info())));
        node.apply(new CloseConnection(third, List.of()));
        refused(530, "connections", 2, node.apply(new OpenConnection(third, OneNode.info())));
        node.apply(new CloseConnection(other, List.of()));
        assertEquals(Reply.OK, node.apply(new OpenConnection(third, OneNode.info())));
    }
}
