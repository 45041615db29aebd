package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicySpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** x-min-queues of an exchange and the policy min-queues: a publish that reaches fewer queues is refused. */
class MinQueuesTest extends OneNodeTest {
    private static final Route X = new Route("/", "x", "k");

    @BeforeEach
    void twoQueues() {
        node.declare("a");
        node.declare("b");
    }

    private Reply declare(String type, Map<String, Object> arguments) {
        Arguments a = new Arguments(new TreeMap<>(arguments));
        return node.apply(new DeclareExchange("/", "x", new ExchangeSpec(type, true, false, false, a), false));
    }

    private Reply policy(Object least) {
        Arguments a = new Arguments(new TreeMap<>(Map.of("min-queues", least)));
        return node.apply(new SetPolicy("/", "p", false, new PolicySpec("^x$", "exchanges", 0, a)));
    }

    private String refusal() {
        node.refused.clear();
        node.apply(OneNode.messages(1, 10, X));
        return node.refused.get(0);
    }

    @Test
    void fewerQueuesAreARefusal() {
        node.raise(3);
        assertEquals(Reply.OK, declare("fanout", Map.of("x-min-queues", 2L)));
        node.bind("x", "a");
        assertEquals("the message reaches 1 queues, and min-queues of exchange 'x' is 2", refusal());
        assertEquals(0, node.queue("a").ready());
        node.bind("x", "b");
        assertEquals(null, refusal());
        assertEquals(1, node.queue("a").ready());
    }

    @Test
    void ofAnExchangeThatAsksTheMessageToo() {
        node.raise(3);
        declare("headers", Map.of("x-min-queues", 1L));
        assertEquals("the message reaches 0 queues, and min-queues of exchange 'x' is 1", refusal());
        node.bind("x", "a");
        assertEquals(null, refusal());
    }

    @Test
    void aPolicyComesAndGoesAndIsThereAfterARestart() {
        node.raise(3);
        declare("fanout", Map.of());
        node.bind("x", "a");
        assertInstanceOf(Reply.PolicySet.class, policy(2L));
        assertTrue(refusal().endsWith("min-queues of exchange 'x' is 2"));
        restart();
        assertTrue(refusal().endsWith("min-queues of exchange 'x' is 2"));
        node.apply(new ClearPolicy("/", "p", false));
        assertEquals(null, refusal());
    }

    @Test
    void aTransactionWithSuchAPublishIsRefused() {
        node.raise(3);
        declare("fanout", Map.of("x-min-queues", 2L));
        node.bind("x", "a");
        Reply r = node.apply(new CommitTx(node.connection, 1, List.of(), OneNode.messages(1, 10, X)));
        assertTrue(((Reply.Rejected) r).text().contains("min-queues of exchange 'x' is 2"), r.toString());
        assertEquals(0, node.queue("a").ready());
    }

    @Test
    void belowItsLevelItIsNotTaken() {
        Reply.Rejected r = (Reply.Rejected) declare("fanout", Map.of("x-min-queues", 2L));
        assertEquals(540, r.code());
        assertEquals(540, ((Reply.Rejected) policy(2L)).code());
    }

    @Test
    void anythingButANumberOfQueuesIsRefused() {
        node.raise(3);
        for (Object bad : List.of(-1L, "2", true, 1_000_001L)) {
            assertEquals(406, ((Reply.Rejected) declare("fanout", Map.of("x-min-queues", bad))).code());
            assertEquals(406, ((Reply.Rejected) policy(bad)).code());
        }
        declare("fanout", Map.of("x-min-queues", 2L));
        Reply.Rejected other = (Reply.Rejected) declare("fanout", Map.of("x-min-queues", 3L));
        assertEquals(406, other.code());
        assertTrue(
                other.text().startsWith("inequivalent arg 'x-min-queues' for exchange 'x' in vhost '/'"), other.text());
    }
}
