package io.tallymq.broker;

import static io.tallymq.broker.IdMessages.message;
import static io.tallymq.broker.IdMessages.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tallymq.broker.IdMessages.Message;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.IdReceipt;
import io.tallymq.broker.view.Receipt;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What receipts and reports tell of a message that waits as a dead letter, or moves to more queues than are named. */
class MovedFarTest {
    private static final Route X = new Route("/", "x", "");
    private static final int QUEUES = 40;

    private OneNode node;

    @BeforeEach
    void start() {
        node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        node.raise(VoidPublish.LEVEL);
        declare("x", "fanout", Map.of());
        declare("many", "fanout", Map.of());
        declare("later", "x-delayed-message", Map.of("x-delayed-type", "direct"));
        node.declare("q");
        node.bind("later", "q", "q");
        assertInstanceOf(Reply.PolicySet.class, node.apply(policy("^x", Map.of("dedup-id", "message-id"))));
    }

    private void declare(String exchange, String type, Map<String, Object> arguments) {
        ExchangeSpec spec = new ExchangeSpec(type, true, false, false, new Arguments(arguments));
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", exchange, spec, false)));
    }

    /** Its messages die after a second. */
    private void brief(String queue, String deadLetters) {
        node.declare(
                queue,
                new TreeMap<>(Map.of(
                        "x-message-ttl",
                        1_000L,
                        "x-dead-letter-exchange",
                        deadLetters,
                        "x-dead-letter-routing-key",
                        "q")));
        node.bind("x", queue);
    }

    private void many(String exchange) {
        for (int i = 0; i < QUEUES; i++) {
            node.declare("m" + i);
            node.bind(exchange, "m" + i);
        }
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    /** As a client has it that was delivered one which was held back. */
    private static Message delayed(String id) {
        byte[] properties = PropertiesBuilder.build(
                new TreeMap<>(Map.of("message_id", id, "headers", new TreeMap<>(Map.of("x-delay", -5_000L)))));
        return new Message(properties, Extension.NONE, 0);
    }

    private void publish(Message m) {
        node.apply(IdMessages.run(node.connection, X, List.of(m)));
        node.apply(IdMessages.run(node.connection, X, List.of(message("another")))); // what came last stands elsewhere
    }

    private IdReceipt receipt() {
        IdReceipt r = node.machine.ids().receipt("/", "x", "id");
        node.restart();
        assertEquals(r, node.machine.ids().receipt("/", "x", "id"));
        return r;
    }

    private List<String> places() {
        return receipt().places().stream()
                .map(p -> (p.queue() + " " + p.state()
                                + (p.from().isEmpty() ? "" : " from " + p.from() + ", " + p.why()))
                        .trim())
                .sorted()
                .toList();
    }

    @Test
    void aLetterThatWaitsIsNotGone() {
        node.declare("b");
        node.bind("x", "b");
        brief("a", "later");
        brief("c", "later");
        publish(delayed("id"));
        assertEquals(List.of("a ready", "b ready", "c ready"), places());
        pass(1_100);
        assertEquals(List.of("b ready", "scheduled from a, expired", "scheduled from c, expired"), places());
        assertEquals(3, receipt().queues());
        pass(5_100);
        assertEquals(List.of("b ready", "q ready from a, expired", "q ready from c, expired"), places());
        assertEquals(3, receipt().queues());
    }

    @Test
    void oneThatIsCalledOffAsItWaitsNeverComes() {
        brief("a", "later");
        brief("c", "later");
        publish(delayed("id"));
        pass(1_100);
        BrokerView.ScheduledView first =
                node.machine.scheduled(null, 10).items().get(0);
        assertEquals(Reply.OK, node.apply(new CallOff("/", "", first.due(), first.number())));
        assertEquals(List.of("called_off", "scheduled from c, expired"), places());
        pass(5_100);
        assertEquals(List.of("called_off", "q ready from c, expired"), places());
    }

    /** It comes to a queue that is there, and reaches none. */
    @Test
    void oneThatReachesNoQueueAtItsTime() {
        declare("to", "x-delayed-message", Map.of("x-delayed-type", "direct"));
        brief("a", "to");
        publish(delayed("id"));
        pass(1_100);
        assertEquals(List.of("scheduled from a, expired"), places());
        pass(5_100);
        assertEquals(List.of("unroutable"), places());
    }

    @Test
    void allQueuesOfALetterCount() {
        brief("a", "many");
        many("many");
        publish(message("id"));
        pass(1_100);
        assertEquals(QUEUES, receipt().queues());
        assertEquals(32, receipt().places().size());
    }

    @Test
    void allQueuesOfAScheduledMessageCount() {
        many("x");
        publish(message("id").with(new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, ""))));
        pass(2_000);
        assertEquals(QUEUES, receipt().queues());
        assertEquals(32, receipt().places().size());
    }

    private void named(Extension more) {
        Extension all = more.with(Terms.named("p", 1).telling(ReportEvent.bits("dead-lettered")));
        node.apply(SomeReports.run(
                Origins.NONE,
                X,
                List.of(SomeReports.Message.of("id", "r", "dead-lettered").with(all))));
    }

    private Receipt byName() {
        Receipt r = node.machine.receipts().receipt("/", "p", 1);
        node.restart();
        assertEquals(r, node.machine.receipts().receipt("/", "p", 1));
        return r;
    }

    @Test
    void allQueuesOfALetterWithANameCountAndAreReported() {
        node.declare("r");
        brief("a", "many");
        many("many");
        named(Extension.NONE);
        pass(1_100);
        assertEquals(QUEUES, byName().queues());
        Reply.Got got = assertInstanceOf(Reply.Got.class, node.apply(new Get(node.connection, 1, "/", "r", true)));
        String report = SomeReports.bodies(node, got.delivery()).get(0);
        assertEquals(Integer.toString(QUEUES), SomeReports.member(report, "queues_in_all"), report);
    }

    @Test
    void allQueuesOfAScheduledMessageWithANameCount() {
        many("x");
        named(new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "")));
        pass(2_000);
        assertEquals(QUEUES, byName().queues());
    }
}
