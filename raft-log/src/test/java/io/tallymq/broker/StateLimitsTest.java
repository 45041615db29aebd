package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BindExchange;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
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
    private static final StateLimits LIMITS = FewThings.of(3, 7, 3, 3, 2, 2, 3).with(StateLimit.UPLOADS, 3, 2);

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

    private Reply part(ConnectionId of, long upload) {
        return node.apply(new BodyPart(of, upload, new byte[2], 0, 2));
    }

    /** The message says it when it comes: nobody waits for the answer to a part. */
    @Test
    void uploads() {
        ConnectionId other = new ConnectionId("n1", 2);
        node.apply(new OpenConnection(other, OneNode.info()));
        for (long old = 11; old <= 14; old++) {
            assertInstanceOf(Reply.Uploaded.class, part(node.connection, old), "below level 5");
        }
        node.raise(BrokerMachine.LEVELS.max());
        refused(506, "bodies on their way in", 3, part(other, 21));
        node.apply(new CloseConnection(node.connection, List.of()));
        node.apply(new OpenConnection(node.connection, OneNode.info()));
        assertInstanceOf(Reply.Uploaded.class, part(other, 21));
        assertInstanceOf(Reply.Uploaded.class, part(other, 22));
        refused(506, "bodies on their way in of a connection", 2, part(other, 23));
        assertInstanceOf(Reply.Uploaded.class, part(other, 22), "it has begun");
        assertInstanceOf(Reply.Uploaded.class, part(node.connection, 24));
        refused(506, "bodies on their way in", 3, part(node.connection, 25));
        node.declare("q1");
        node.apply(external(25, 2));
        assertTrue(node.refused.get(0).contains("limit uploads"), () -> node.refused.toString());
        node.apply(external(24, 9));
        assertTrue(node.refused.get(0).contains("did not arrive in all its parts"), () -> node.refused.toString());
        assertInstanceOf(Reply.Uploaded.class, part(node.connection, 25), "what is refused goes");
        node.apply(external(25, 2));
        assertEquals(1, node.queue("q1").ready());
    }

    /** Few connections can't take the room of all. */
    @Test
    void halfOfTheRoomForUploadsIsForThoseWhoHaveLittle() {
        int few = 100;
        StateLimits limits = FewThings.of(3, 7, 3, 3, 4, 2, 3).with(StateLimit.UPLOADS, 4 * few, 3 * few);
        OneNode all = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1.withState(limits));
        all.raise(BrokerMachine.LEVELS.max());
        ConnectionId other = new ConnectionId("n1", 2);
        all.apply(new OpenConnection(other, OneNode.info()));
        long upload = 100;
        for (int i = 0; i < 2 * few; i++) {
            assertInstanceOf(
                    Reply.Uploaded.class, all.apply(new BodyPart(all.connection, upload++, new byte[2], 0, 2)));
        }
        refused(
                506,
                "bodies on their way in of a connection",
                few,
                all.apply(new BodyPart(all.connection, upload++, new byte[2], 0, 2)));
        for (int i = 0; i < few; i++) {
            assertInstanceOf(Reply.Uploaded.class, all.apply(new BodyPart(other, upload++, new byte[2], 0, 2)));
        }
        refused(
                506,
                "bodies on their way in of a connection",
                few,
                all.apply(new BodyPart(other, upload, new byte[2], 0, 2)));
    }

    private static Publish external(long upload, int length) {
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, 2, MessageRecord.EXTERNAL_LENGTH);
        w.uint16(0).int64(upload).int64(0).int64(length);
        return new Publish(List.of(new Route("/", "", "q1")), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    @Test
    void whatThereIsOfEachIsTold() {
        assertEquals(0, node.machine.used(StateLimit.QUEUES));
        assertEquals(5, node.machine.used(StateLimit.EXCHANGES));
        assertEquals(1, node.machine.used(StateLimit.CONNECTIONS));
        node.declare("q1");
        exchange("x1");
        assertEquals(1, node.machine.used(StateLimit.QUEUES));
        assertEquals(6, node.machine.used(StateLimit.EXCHANGES));
    }
}
