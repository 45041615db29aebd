package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.PolicySpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where consumers with x-filter are refused because groups or tenants have turns, and where they are not. */
class FilterRefusalTest extends OneNodeTest {
    private static final Map<String, Object> FILTER = Map.of("x-filter", Map.of("h", "v"));

    FilterRefusalTest() {
        node.raise(BrokerMachine.LEVELS.max());
    }

    private void policy(String key, Object value) {
        Arguments a = new Arguments(new TreeMap<>(Map.of(key, value)));
        node.apply(new SetPolicy("/", "p", false, new PolicySpec("^q$", "queues", 0, a)));
        pass();
    }

    private void pass() {
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private Reply get() {
        return node.apply(new Get(node.connection, 9, "/", "q", false));
    }

    private void isRefused(int channel) {
        Reply r = node.consume(channel, "q", 0, FILTER);
        assertEquals(540, assertInstanceOf(Reply.Rejected.class, r).code());
    }

    private void isTaken(int channel) {
        assertInstanceOf(Reply.Subscribed.class, node.consume(channel, "q", 0, FILTER));
    }

    /** A policy came and went: as long as its messages are there they have turns. */
    @Test
    void whereThereIsNothingToBeTurnedAnyMore() {
        node.declare("q");
        policy("group-by", "header:g");
        node.apply(GroupsTest.messages(0, "g", List.of("a", "b")));
        isRefused(1);
        node.apply(new ClearPolicy("/", "p", false));
        pass();
        isRefused(2);
        for (int left = 2; left > 0; left--) {
            Reply.Got got = assertInstanceOf(Reply.Got.class, get());
            isRefused(3);
            long seq = got.delivery().firstSeq();
            node.apply(new Settle(got.holder(), Settle.Outcome.ACK, new long[] {seq, seq}));
        }
        restart();
        isTaken(4);
    }

    /** There a policy's header does nothing: that is what is shown, too. */
    @ParameterizedTest
    @CsvSource({"group-by, x-last-value", "fair-by, x-last-value", "group-by, x-max-priority"})
    void whereHeadersDoNothing(String key, String argument) {
        node.declare("q", Map.of(argument, argument.equals("x-last-value") ? "device" : (Object) 200L));
        policy(key, "header:g");
        assertEquals(Map.of(), node.queue("q").policy().definition().values());
        assertEquals("p", node.queue("q").policy().policy());
        isTaken(1);
    }

    @Test
    void wherePrioritiesAreFewTheyDo() {
        node.declare("q", Map.of("x-max-priority", 127L));
        policy("group-by", "header:g");
        assertEquals(
                Map.of("group-by", "header:g"),
                node.queue("q").policy().definition().values());
        isRefused(1);
    }
}
