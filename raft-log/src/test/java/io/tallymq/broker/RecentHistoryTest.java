package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** x-recent-history: a new binding gets the last messages. */
class RecentHistoryTest extends OneNodeTest {

    private Reply declare(Map<String, Object> arguments) {
        node.raise(3);
        Arguments a = new Arguments(new TreeMap<>(arguments));
        ExchangeSpec spec = new ExchangeSpec("x-recent-history", true, false, false, a);
        return node.apply(new DeclareExchange("/", "x", spec, false));
    }

    private void publish(int from, int to) {
        for (int i = from; i < to; i++) {
            Publish p = GroupsTest.messages(i, "h", Arrays.asList("v"));
            node.apply(new Publish(List.of(new Route("/", "x", "k")), p.bytes(), p.offset(), p.end(), 0, p.origins()));
        }
    }

    private List<Long> drain(String queue) {
        List<Long> all = new ArrayList<>();
        while (node.apply(new Get(node.connection, 1, "/", queue, true)) instanceof Reply.Got g) {
            all.add(GroupsTest.ids(g.delivery(), store())[0]);
        }
        return all;
    }

    @Test
    void aNewBindingGetsTheLastTwenty() {
        declare(Map.of());
        publish(0, 15);
        restart();
        publish(15, 30);
        node.declare("q");
        node.bind("x", "q", "");
        assertEquals(20, node.queue("q").ready());
        node.bind("x", "q", "");
        assertEquals(20, node.queue("q").ready(), "it is bound already");
        publish(30, 31);
        List<Long> got = drain("q");
        assertEquals(21, got.size());
        assertEquals(10, got.get(0));
        assertEquals(30, got.get(20));
        node.declare("r");
        node.bind("x", "r", "");
        assertEquals(11, drain("r").get(0));
    }

    @Test
    void asManyAsItWasToldAndAsTheQueueTakes() {
        declare(Map.of("x-recent-history-length", 5L));
        publish(0, 9);
        node.declare("q", Map.of("x-max-length", 3L, "x-overflow", "reject-publish"));
        node.bind("x", "q", "");
        assertEquals(List.of(4L, 5L, 6L), drain("q"));
    }

    @Test
    void whatIsNotToBeKeptIsNot() {
        declare(Map.of());
        Publish p = GroupsTest.message(1, "x-recent-history-no-store", true);
        node.apply(new Publish(List.of(new Route("/", "x", "k")), p.bytes(), p.offset(), p.end(), 0, p.origins()));
        node.declare("q");
        node.bind("x", "q", "");
        assertEquals(1, node.queue("q").ready(), "as text it means nothing");
        node.apply(new DeleteExchange("/", "x", false));
        node.commit();
        store().scan(Keys.of(Keys.RECENT), (k, v) -> assertNull(k));
    }

    /** All the room is others': the exchange keeps nothing, and no trace of that. */
    @Test
    void whatHasNoRoomIsNotKept() {
        node.raise(3);
        for (int i = 0; i < 33; i++) {
            ExchangeSpec spec = new ExchangeSpec("x-recent-history", true, false, false, Arguments.NONE);
            node.apply(new DeclareExchange("/", "x" + i, spec, false));
            node.apply(OneNode.messages(1, (1 << 20) - 400, new Route("/", "x" + i, "")));
        }
        node.declare("q");
        node.bind("x31", "q", "");
        node.bind("x32", "q", "");
        assertEquals(1, node.queue("q").ready());
        restart();
        node.apply(OneNode.messages(1, 10, new Route("/", "x32", "")));
        node.declare("r");
        node.bind("x32", "r", "");
        assertEquals(1, node.queue("r").ready());
        node.apply(OneNode.messages(
                1, (1 << 20) - 400, new Route("/", "x32", ""))); // its own went, and there is no room yet
        node.declare("s");
        node.bind("x32", "s", "");
        assertEquals(0, node.queue("s").ready());
    }

    /** Who publishes a copy again does not hold it back, however often it was copied. */
    @Test
    void aDelayThatIsNegativeStaysSo() {
        declare(Map.of());
        node.raise(5);
        for (Object delay : List.of(-5L, 0L, 7L, "-8", " 9 ")) {
            Publish p = GroupsTest.message(1, "x-delay", delay);
            node.apply(new Publish(List.of(new Route("/", "x", "k")), p.bytes(), p.offset(), p.end(), 0, p.origins()));
        }
        node.declare("q");
        node.bind("x", "q", "");
        List<Object> delays = new ArrayList<>();
        while (node.apply(new Get(node.connection, 1, "/", "q", true)) instanceof Reply.Got g) {
            delays.add(delay(g.delivery()));
        }
        assertEquals(List.of(-5L, 0L, -7L, "-8", "-9"), delays);
    }

    private Object delay(Delivery d) {
        ChunkBody body = d.chunk().body() != null ? d.chunk().body() : store().load(d.chunk());
        int at = body.at(d.from());
        return MessageHeaders.decode(
                        body.bytes(),
                        MessageRecord.propertiesOffset(body.bytes(), at),
                        MessageRecord.propertiesLength(body.bytes(), at))
                .get("x-delay");
    }

    private Reply bindWithin(String queue) {
        return node.machine.apply(
                new BindQueue(node.connection, "/", new BindingKey("x", queue, "", Arguments.NONE), true), node);
    }

    /** A client that binds thousands of queues at once does not make an entry write gigabytes. */
    @Test
    void anEntryHandsOutABoundedAmount() {
        declare(Map.of());
        for (int i = 0; i < 2; i++) {
            node.apply(OneNode.messages(1, 500_000, new Route("/", "x", "k")));
        }
        for (int i = 0; i < 20; i++) {
            node.declare("q" + i);
        }
        node.commit();
        node.begin();
        int bound = 0;
        Reply last = Reply.OK;
        while (last == Reply.OK) {
            last = bindWithin("q" + bound);
            bound += last == Reply.OK ? 1 : 0;
        }
        assertEquals(8, bound);
        Reply.Rejected no = (Reply.Rejected) last;
        assertEquals(506, no.code());
        assertTrue(no.text().startsWith("exchange 'x' in vhost '/' hands 1000"), no.text());
        assertEquals(0, node.queue("q8").ready());
        // What was handed out counts behind a crash within the entry.
        List<Route> routes = List.of(new Route("/", "", "q19"));
        Publish p = OneNode.messages(65_535, 300, routes.get(0));
        assertTrue(node.machine.publish(p, node), "it is cut");
        node.machine.commitWithin(0, 0);
        node.memory = node.memory.copy();
        node.machine = new BrokerMachine(node.memory, MachineLimits.FORMAT_1);
        node.machine.resume(new Stamp(1, node.index, node.index), "n1");
        assertEquals(last, bindWithin("q8"));
        node.end();
        assertEquals(Reply.OK, node.bind("x", "q8", ""));
        assertEquals(2, node.queue("q8").ready());
    }

    /** Messages without bodies take room, too. */
    @Test
    void manySmallOnesAreBoundedByWhatTheyTakeOfTheHeap() {
        declare(Map.of("x-recent-history-length", 1_000L));
        publish(0, 1);
        node.apply(OneNode.messages(20, 50_000, new Route("/", "x", "k")));
        node.apply(OneNode.messages(900, 0, new Route("/", "x", "k")));
        node.declare("q");
        node.bind("x", "q", "");
        assertEquals(
                900 + (int) ((1 << 20) - 900 * (160 + 2 + 12)) / 50_174,
                node.queue("q").ready(),
                1);
    }

    /** A type within another one is as new as that. */
    @Test
    void asTheTypeOfADelayedExchangeItIsForLevel3Too() {
        Arguments a = new Arguments(new TreeMap<>(Map.of("x-delayed-type", "x-recent-history")));
        DeclareExchange d =
                new DeclareExchange("/", "x", new ExchangeSpec("x-delayed-message", true, false, false, a), false);
        node.raise(2);
        assertEquals(540, assertInstanceOf(Reply.Rejected.class, node.apply(d)).code());
        node.raise(3);
        assertEquals(Reply.OK, node.apply(d));
        publish(0, 3);
        node.declare("q");
        node.bind("x", "q", "");
        assertEquals(3, node.queue("q").ready());
    }

    @Test
    void badLengths() {
        for (Object bad : List.of(0L, -1L, 1_001L, "20")) {
            assertEquals(
                    406, ((Reply.Rejected) declare(Map.of("x-recent-history-length", bad))).code(), bad.toString());
        }
        assertEquals(Reply.OK, declare(Map.of("x-recent-history-length", 7L)));
        assertTrue(declare(Map.of()) instanceof Reply.Rejected, "it is another length");
    }
}
