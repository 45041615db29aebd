package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.view.BrokerView.Publishes;
import io.tallymq.broker.view.BrokerView.Ways;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which ways messages are handed out, and what becomes of publishes, is counted from level 5 on, and is there after a restart. */
class MessageCountsTest extends OneNodeTest {
    private static final Route Q = new Route("/", "", "q");
    private static final Route FAN = new Route("/", "amq.fanout", "");
    private static final Route NOWHERE = new Route("/", "amq.direct", "nobody");
    private static final Route MISSING = new Route("/", "nosuch", "");

    @BeforeEach
    void queue() {
        node.declare("q");
    }

    private Reply get(boolean noAck) {
        return node.apply(new Get(node.connection, 1, "/", "q", noAck));
    }

    private void consume(int channel, boolean noAck) {
        ConsumerSpec spec = new ConsumerSpec("t", noAck, false, noAck ? 0 : 100, 100, Arguments.NONE);
        node.apply(new Subscribe(node.connection, channel, "/", "q", spec));
    }

    private Ways ways() {
        return node.queue("q").counters().ways();
    }

    private static Publish mandatory(Route route) {
        ByteWriter w = new ByteWriter(32);
        MessageRecord.writeHeader(w, MessageRecord.MANDATORY, 0, 2, 10);
        w.uint16(0);
        w.reserve(10);
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    @Test
    void eachWayIsCounted() {
        node.raise(5);
        node.apply(OneNode.messages(10, 10, Q));
        assertInstanceOf(Reply.Got.class, get(false));
        assertInstanceOf(Reply.Got.class, get(true));
        assertInstanceOf(Reply.Got.class, get(true));
        consume(2, true);
        assertEquals(new Ways(7, 1, 2, 0), ways());
        assertEquals(Reply.EMPTY, get(false));
        assertEquals(Reply.EMPTY, get(true));
        assertEquals(new Ways(7, 1, 2, 2), ways());
        assertEquals(ways(), node.machine.totals().ways());
        assertEquals(10, node.queue("q").counters().delivered());
        node.restart();
        assertEquals(new Ways(7, 1, 2, 2), ways());
        assertEquals(ways(), node.machine.totals().ways());
    }

    @Test
    void whoAcksIsTheRest() {
        node.raise(5);
        consume(2, false);
        node.apply(OneNode.messages(3, 10, Q));
        assertEquals(Ways.NONE, ways());
        assertEquals(3, node.queue("q").counters().delivered());
    }

    /** A slow consumer is assigned ahead and rests, over and over: its client got each message once. */
    @Test
    void whatIsTakenBackUnsentCountsWhenItIsSent() {
        node.raise(5);
        Reply.Subscribed consumer = assertInstanceOf(
                Reply.Subscribed.class,
                node.apply(new Subscribe(
                        node.connection, 2, "/", "q", new ConsumerSpec("t", false, false, 10, 10, Arguments.NONE))));
        node.apply(OneNode.messages(10, 10, Q));
        long[] sent = {0, 3};
        for (int i = 0; i < 3; i++) {
            node.apply(new TakeBack(consumer.consumer(), sent));
            node.restart();
            node.apply(new Credit(consumer.consumer(), 6));
        }
        assertEquals(10, node.queue("q").counters().delivered());
        assertEquals(10, node.machine.totals().delivered());
        node.apply(OneNode.messages(1, 10, Q));
        node.apply(new Settle(consumer.consumer(), Settle.Outcome.ACK, sent));
        assertEquals(11, node.queue("q").counters().delivered());
    }

    /** Whoever reads a log of an earlier level again comes to the same state as then. */
    @Test
    void belowLevelFiveNothingIsCounted() {
        node.raise(4);
        node.apply(OneNode.messages(1, 10, Q));
        get(true);
        get(true);
        assertEquals(Ways.NONE, ways());
        node.apply(mandatory(NOWHERE));
        assertEquals(new Publishes(1, 0, 0), node.machine.publishes());
    }

    @Test
    void publishesCountOnceAndByWhatBecameOfThem() {
        node.raise(5);
        node.declare("r");
        node.bind("amq.fanout", "q");
        node.bind("amq.fanout", "r");
        node.apply(OneNode.messages(2, 10, FAN));
        node.apply(OneNode.messages(1, 10, Q));
        node.apply(OneNode.messages(4, 10, NOWHERE));
        node.apply(mandatory(NOWHERE));
        node.apply(OneNode.messages(1, 10, MISSING));
        assertEquals(new Publishes(8, 1, 4), node.machine.publishes());
        assertEquals(5, node.machine.totals().published(), "queues took them");
        assertEquals("2 4", traffic("amq.fanout"));
        assertEquals("1 1", traffic(""));
        assertEquals("5 0", traffic("amq.direct"));
        node.restart();
        assertEquals(new Publishes(8, 1, 4), node.machine.publishes());
        assertEquals("0 0", traffic("amq.fanout"), "each replica counts these since its start");
    }

    private String traffic(String exchange) {
        var x = node.machine.exchange("/", exchange).orElseThrow();
        var listed = node.machine.exchanges().stream()
                .filter(o -> o.name().equals(exchange))
                .findFirst()
                .orElseThrow();
        assertEquals(x, listed);
        return x.publishedIn() + " " + x.publishedOut();
    }

    @Test
    void whatCameBeforeLevelFiveIsWhatQueuesTook() {
        node.raise(4);
        node.apply(OneNode.messages(3, 10, Q));
        assertEquals(3, node.machine.publishes().came());
        node.raise(5);
        assertEquals(3, node.machine.publishes().came());
        node.apply(OneNode.messages(2, 10, Q));
        assertEquals(5, node.machine.publishes().came());
    }
}
