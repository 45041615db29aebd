package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.store.MemoryStore;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** x-alter: a queue gets other arguments, or another type, and keeps its messages and consumers. */
class AlterTest extends OneNodeTest {

    @BeforeEach
    void level() {
        node.raise(3);
    }

    private Reply declare(boolean alter, Object... arguments) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        if (alter) {
            a.put("x-alter", true);
        }
        return node.declare("q", a);
    }

    private void alter(Object... arguments) {
        Reply r = declare(true, arguments);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
        restart();
        assertTrue(declare(false, arguments) instanceof Reply.QueueDeclared, "it is as if it was declared so");
    }

    private String refused(Object... arguments) {
        Reply r = declare(true, arguments);
        assertEquals(406, ((Reply.Rejected) r).code());
        return ((Reply.Rejected) r).text();
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", "q")));
    }

    /** Nobody could import a file with it. */
    @Test
    void aQueueHasAName() {
        assertEquals(
                406, assertInstanceOf(Reply.Rejected.class, node.declare("")).code());
    }

    @Test
    void whatIsThereStays() {
        declare(false);
        publish(10);
        alter("x-max-length", 100L, "x-message-ttl", 1_000L);
        assertEquals(10, node.queue("q").ready());
        publish(5);
        node.passed += 2_000;
        node.apply(new Probe(false));
        assertEquals(15, node.queue("q").ready(), "a time to live is for what comes, which is behind what lives on");
        assertEquals(406, ((Reply.Rejected) declare(false)).code());
        alter();
        publish(200);
        assertEquals(215, node.queue("q").ready());
    }

    /** When it was used last counts no more: a replica that was restored meanwhile does not know it. */
    @Test
    void aQueueThatDoesNotExpireAnyMore() {
        TwoNodes nodes = new TwoNodes("log", MachineLimits.FORMAT_1);
        nodes.both(n -> {
            n.raise(3);
            return n.declare("q", Map.of("x-expires", 10_000L));
        });
        nodes.both(n -> n.declare("q", Map.of("x-message-ttl", 50L, "x-alter", true)));
        nodes.both(n -> n.apply(OneNode.messages(1, 10, new Route("/", "", "q"))));
        nodes.both(n -> {
            n.passed += 20_000;
            return n.declare("q", Map.of("x-expires", 1_000L, "x-alter", true));
        });
        nodes.both(n -> {
            n.passed += 900;
            return n.apply(new Probe(false));
        });
        assertEquals(1, nodes.straight.machine.queues().size(), "its time begins anew");
    }

    @Test
    void aLowerLimitActsAtOnce() {
        declare(false);
        publish(50);
        alter("x-max-length", 20L);
        assertEquals(20, node.queue("q").ready());
        assertEquals(30, node.queue("q").counters().overflowed());
    }

    @Test
    void classicBecomesQuorumAndBack() {
        declare(false);
        final long c = ((Reply.Subscribed) node.consume(1, "q", 1)).consumer();
        publish(3);
        alter("x-queue-type", "quorum", "x-delivery-limit", 1L);
        for (int i = 0; i < 2; i++) {
            node.apply(new Settle(c, Settle.Outcome.REJECT_REQUEUE, new long[] {0, 0}));
        }
        assertEquals(1, node.queue("q").counters().deaths().failed());
        assertEquals(1, node.delivered.get(1).attempts(), "quorum queues tell");
        alter("x-queue-type", "classic");
        assertEquals(2, node.queue("q").ready() + node.queue("q").unacked());
        assertEquals(1, node.queue("q").consumers());
    }

    @Test
    void policiesAreThoseOfTheNewType() {
        Arguments definition = new Arguments(new TreeMap<>(Map.of("max-length", 5L)));
        node.apply(new SetPolicy("/", "p", false, new PolicySpec(".*", "quorum_queues", 1, definition)));
        declare(false);
        publish(10);
        alter("x-queue-type", "quorum");
        assertEquals(5, node.queue("q").ready());
        alter();
        publish(10);
        assertEquals(15, node.queue("q").ready());
    }

    @Test
    void oneConsumerAloneOnlyWhenNobodyIsThere() {
        declare(false);
        long c = ((Reply.Subscribed) node.consume(1, "q", 1)).consumer();
        assertTrue(refused("x-single-active-consumer", true).contains("cancel the consumers first"));
        node.apply(new Cancel(c));
        alter("x-single-active-consumer", true);
        long first = ((Reply.Subscribed) node.consume(1, "q", 1)).consumer();
        node.consume(2, "q", 5);
        publish(4);
        assertTrue(node.delivered.stream().allMatch(d -> d.holder() == first));
    }

    @Test
    void whatCanNotChange() {
        declare(false, "x-max-priority", 3L);
        assertTrue(refused("x-max-priority", 5L).contains("x-max-priority stays"));
        assertTrue(refused("x-max-priority", 3L, "x-queue-type", "stream").contains("x-max-priority"));
        assertTrue(refused("x-queue-type", "stream").contains("a queue does not become a stream"));
        assertTrue(refused("x-max-priority", 3L, "x-last-value", "h").contains("x-last-value"));
        assertTrue(refused("x-max-priority", 3L, "x-max-length", -1L).contains("x-max-length"));
        assertTrue(declare(false, "x-max-priority", 3L) instanceof Reply.QueueDeclared, "nothing has changed");
    }

    @Test
    void ofAQueueThatIsNotThereItIsADeclare() {
        alter("x-max-length", 3L);
        publish(5);
        assertEquals(3, node.queue("q").ready());
    }

    /** By HTTP: there is no connection. */
    @Test
    void anOperatorDeclaresAndAlters() {
        ConnectionId operator = ConnectionId.operator("n1");
        Arguments more = new Arguments(new TreeMap<>(Map.of("x-max-length", 7L, "x-alter", true)));
        QueueSpec plain = new QueueSpec(true, false, false, Arguments.NONE);
        assertInstanceOf(Reply.Rejected.class, lower().apply(new DeclareQueue(operator, "/", "o", plain, false)));
        assertInstanceOf(Reply.QueueDeclared.class, node.apply(new DeclareQueue(operator, "/", "o", plain, false)));
        QueueSpec altered = new QueueSpec(true, false, false, more);
        assertInstanceOf(Reply.QueueDeclared.class, node.apply(new DeclareQueue(operator, "/", "o", altered, false)));
        assertEquals(7L, node.queue("o").spec().arguments().get("x-max-length"));
        QueueSpec exclusive = new QueueSpec(false, true, false, Arguments.NONE);
        Reply.Rejected reserved =
                (Reply.Rejected) node.apply(new DeclareQueue(operator, "/", "amq.rabbitmq.reply-to", plain, false));
        assertEquals("queue name 'amq.rabbitmq.reply-to' contains reserved prefix 'amq.*'", reserved.text());
        assertEquals(406, ((Reply.Rejected) node.apply(new DeclareQueue(operator, "/", "e", exclusive, false))).code());
    }

    private static OneNode lower() {
        return new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
    }
}
