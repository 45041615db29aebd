package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Extension.Later;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Messages whose time is still to come: x-delay, x-deliver-at and exchanges of type x-delayed-message. */
class ScheduleTest extends OneNodeTest {
    private static final Route Q = new Route("/", "", "q");
    private static final MachineLimits LIMITS =
            MachineLimits.FORMAT_1.withState(FewThings.of(100, 100, 100, 100, 100, 10, 2_000));

    ScheduleTest() {
        super(LIMITS);
    }

    private static Later in(long millis) {
        return new Later(millis, 0, "");
    }

    private void publish(Route route, Later later, String... bodies) {
        publish(0, route, later, bodies);
    }

    private void publish(int flags, Route route, Later later, String... bodies) {
        node.apply(messages(flags, route, later, bodies));
    }

    private static Publish messages(int flags, Route route, Later later, String... bodies) {
        byte[] more = new Extension(List.of(), 0, -1, false, later).encode();
        ByteWriter w = new ByteWriter();
        for (String body : bodies) {
            MessageRecord.writeHeader(w, flags, 0, more.length, 2, body.length());
            w.raw(more, 0, more.length).uint16(0).raw(body.getBytes(), 0, body.length());
        }
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private List<String> take(String queue) {
        List<String> bodies = new ArrayList<>();
        while (node.apply(new Get(node.connection, 1, "/", queue, true)) instanceof Reply.Got got) {
            ChunkBody body = store().load(got.delivery().chunk());
            int at = body.at(got.delivery().from());
            bodies.add(new String(
                    body.bytes(),
                    MessageRecord.bodyOffset(body.bytes(), at),
                    MessageRecord.inlineLength(body.bytes(), at)));
        }
        return bodies;
    }

    @Test
    void messagesComeInTheOrderOfTheirTimes() {
        node.declare("q");
        publish(Q, in(300), "c");
        publish(Q, in(100), "a1", "a2");
        publish(Q, in(200), "b");
        publish(Q, null, "now");
        assertEquals(List.of("now"), take("q"));
        restart();
        pass(99);
        assertEquals(List.of("a1", "a2"), take("q"));
        pass(300);
        assertEquals(List.of("b", "c"), take("q"));
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
        node.commit();
        for (byte type : new byte[] {Keys.SCHEDULE, Keys.SCHEDULED, Keys.SCHEDULE_ID}) {
            store().scan(Keys.of(type), (k, v) -> assertNull(k));
        }
    }

    @Test
    void aTimeThatIsOverIsNow() {
        node.declare("q");
        publish(Q, new Later(-1, 1, ""), "x");
        assertEquals(1, node.queue("q").ready());
    }

    @Test
    void itComesOnceWhateverIsRestarted() {
        node.declare("q");
        publish(Q, in(50), "x");
        for (int i = 0; i < 8; i++) {
            restart();
            pass(10);
        }
        assertEquals(List.of("x"), take("q"));
    }

    @Test
    void whatHasAnIdIsReplaced() {
        node.declare("q");
        publish(Q, new Later(100, 0, "job"), "first");
        publish(Q, new Later(500, 0, "job"), "second");
        publish(Q, new Later(50, 0, "other"), "third");
        pass(200);
        assertEquals(List.of("third"), take("q"));
        restart();
        pass(500);
        assertEquals(List.of("second"), take("q"));
    }

    @Test
    void oneMayTakeAnothersPlaceAtOnce() {
        node.declare("q");
        publish(Q, new Later(1_000, 0, "job"), "first");
        publish(Q, new Later(-1, 0, "job"), "instead");
        assertEquals(List.of("instead"), take("q"));
        pass(2_000);
        assertEquals(List.of(), take("q"));
    }

    /** A nack means that nothing happened, a message that comes back as well. */
    @Test
    void whoIsRefusedTakesNobodysPlace() {
        node.declare("q", Map.of("x-max-length", 1L, "x-overflow", "reject-publish"));
        publish(Q, null, "full");
        publish(Q, new Later(1_000, 0, "job"), "first");
        publish(Q, new Later(-1, 0, "job"), "instead");
        assertEquals(1, node.refused.size());
        Route nowhere = new Route("/", "", "nowhere");
        publish(MessageRecord.MANDATORY, nowhere, new Later(-1, 0, "job"), "instead");
        assertEquals(List.of(0), node.unroutable);
        assertEquals(List.of("full"), take("q"));
        pass(2_000);
        assertEquals(List.of("first"), take("q"));
    }

    @Test
    void oneIsCalledOff() {
        node.declare("q");
        Route off = new Route("/", "amq.schedule", "");
        publish(Q, new Later(100, 0, "job"), "a");
        publish(Q, new Later(100, 0, "other"), "b");
        publish(Q, in(100), "c");
        BrokerView.ScheduledView other = node.machine.scheduled("/", "other").orElseThrow();
        restart();
        publish(MessageRecord.MANDATORY, off, new Later(-1, 0, "job"), "");
        assertEquals(2, node.machine.scheduled(null, 10).items().size());
        assertEquals(List.of(), node.unroutable);
        publish(MessageRecord.MANDATORY, off, new Later(-1, 0, "job"), "");
        assertEquals(List.of(0), node.unroutable, "there is none any more: it came back");
        assertEquals(Reply.OK, node.apply(new CallOff("/", "other", other.due(), other.number())));
        assertTrue(node.apply(new CallOff("/", "other", 0, 0)) instanceof Reply.Rejected r && r.code() == 404);
        BrokerView.ScheduledView last = node.machine.scheduled(null, 10).items().get(0);
        String key = last.due() + "." + last.number();
        assertEquals(last, node.machine.scheduled("/", key).orElseThrow());
        assertTrue(node.apply(new CallOff("other", "", last.due(), last.number())) instanceof Reply.Rejected);
        assertEquals(Reply.OK, node.apply(new CallOff("/", "", last.due(), last.number())));
        pass(500);
        assertEquals(List.of(), take("q"));
    }

    /** Who gives a time there wants another time for a message that waits, which is not taken from him. */
    @Test
    void whatCallsOffHasNoTime() {
        node.raise(5);
        node.declare("q");
        Route off = new Route("/", "amq.schedule", "");
        publish(Q, new Later(1_000, 0, "job"), "first");
        publish(off, new Later(2_000, 0, "job"), "other");
        publish(off, new Later(-1, 1, "job"), "long ago");
        assertEquals(1, node.refused.size());
        assertTrue(node.refused.get(0).contains("publish the message to its exchange"), node.refused.get(0));
        byte[] record = record("x", Map.of());
        assertTrue(node.apply(new ScheduleMessage(off, "job", node.index + 500, record)) instanceof Reply.Rejected r
                && r.code() == 406);
        assertEquals(1, node.machine.scheduled(null, 10).items().size());
        restart();
        pass(3_000);
        assertEquals(List.of("first"), take("q"));
    }

    private static byte[] record(String body, Map<String, Object> properties) {
        byte[] p = PropertiesBuilder.build(properties);
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, p.length, body.length());
        return w.raw(p, 0, p.length).raw(body.getBytes(), 0, body.length()).toBytes();
    }

    @Test
    void anOperatorSchedulesAndReplaces() {
        node.raise(3);
        node.declare("q");
        long due = node.index + 500;
        byte[] record = record("a", Map.of("headers", new TreeMap<>(Map.of("k", 5L)), "message_id", "m"));
        assertEquals(new Reply.Scheduled(true), node.apply(new ScheduleMessage(Q, "job", due, record("x", Map.of()))));
        assertEquals(new Reply.Scheduled(false), node.apply(new ScheduleMessage(Q, "job", due, record)));
        Route nowhere = new Route("/", "nowhere", "");
        assertEquals(404, ((Reply.Rejected) node.apply(new ScheduleMessage(nowhere, "other", due, record))).code());
        restart();
        pass(1_000);
        assertEquals(Map.of("k", 5L), headersOfOne("q"));
        for (int i = 0; i < 2_000; i++) {
            publish(Q, in(1_000_000), "x");
        }
        assertTrue(node.apply(new ScheduleMessage(Q, "job", due, record)) instanceof Reply.Rejected);
    }

    /** The name amq.schedule is no exchange: with more routing keys than one it still leads nowhere. */
    @Test
    void whatHasCopiesGoesNowhereByThatName() {
        node.declare("q", Map.of("x-dead-letter-exchange", "amq.schedule"));
        byte[] more = new Extension(List.of("q"), 0, 0).encode();
        for (Route r : List.of(new Route("/", "amq.schedule", ""), Q)) {
            ByteWriter w = new ByteWriter();
            MessageRecord.writeHeader(w, MessageRecord.MANDATORY, 0, more.length, 2, 0);
            w.raw(more, 0, more.length).uint16(0);
            node.apply(new Publish(List.of(r), w.array(), 0, w.size(), 0, Origins.NONE));
        }
        pass(10);
        assertEquals(List.of(0), node.unroutable);
        assertEquals(1, node.queue("q").counters().deaths().deadDropped());
    }

    @Test
    void aMandatoryOneNeedsAQueueNow() {
        publish(MessageRecord.MANDATORY, Q, in(10), "x");
        assertEquals(Long.MAX_VALUE, node.machine.nextDue(), "it went back");
        publish(0, Q, in(10), "y");
        node.declare("q");
        pass(20);
        assertEquals(List.of("y"), take("q"));
    }

    @Test
    void whatNoQueueWantsAtItsTimeIsCounted() {
        publish(Q, in(10), "x");
        pass(20);
        assertEquals(1, node.machine.totals().droppedUnroutable());
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
    }

    /** The headers of the only message in the queue, which is taken. */
    private Map<String, Object> headersOfOne(String queue) {
        Reply.Got got = (Reply.Got) node.apply(new Get(node.connection, 1, "/", queue, true));
        assertEquals(0, node.queue(queue).ready());
        ChunkBody body = store().load(got.delivery().chunk());
        int at = body.at(got.delivery().from());
        return MessageHeaders.decode(
                body.bytes(),
                MessageRecord.propertiesOffset(body.bytes(), at),
                MessageRecord.propertiesLength(body.bytes(), at));
    }

    private void declareExchange(String name, Map<String, Object> arguments) {
        ExchangeSpec spec = new ExchangeSpec("fanout", true, false, false, new Arguments(new TreeMap<>(arguments)));
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", name, spec, false)));
    }

    /** x-dead-letter-exchange of an exchange: what no queue wants at its time. */
    @Test
    void whatNoQueueWantsAtItsTimeIsADeadLetter() {
        node.raise(3);
        declareExchange("x", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
        node.declare("dead");
        node.declare("q");
        node.bind("x", "q", "");
        publish(MessageRecord.MANDATORY, new Route("/", "x", "k"), in(10), "a");
        restart();
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        publish(0, new Route("/", "x", "k"), null, "b"); // one that is not kept is no letter
        pass(20);
        Map<?, ?> death = (Map<?, ?>) ((List<?>) headersOfOne("dead").get("x-death")).get(0);
        assertEquals("unroutable", death.get("reason"));
        assertEquals("x", death.get("exchange"));
        assertEquals(List.of("k"), death.get("routing-keys"));
        assertEquals(1, node.machine.totals().droppedUnroutable());
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
    }

    /** As a publish with reject-publish: what was confirmed waits for room. */
    @Test
    void aDeadLetterOfAnExchangeWaitsForRoom() {
        node.raise(3);
        declareExchange("x", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
        node.declare("dead", Map.of("x-max-length", 1L, "x-overflow", "reject-publish"));
        publish(new Route("/", "x", "k"), in(10), "a", "b");
        pass(20);
        assertEquals(List.of("a"), take("dead"));
        restart();
        pass(2_000);
        assertEquals(List.of("b"), take("dead"));
    }

    /** As with queues: it would mean nothing. */
    @Test
    void aRoutingKeyOfDeadLettersWithoutAnExchangeIsRefused() {
        node.raise(3);
        Arguments a = new Arguments(new TreeMap<>(Map.of("x-dead-letter-routing-key", "dead")));
        ExchangeSpec spec = new ExchangeSpec("fanout", true, false, false, a);
        Reply.Rejected no = (Reply.Rejected) node.apply(new DeclareExchange("/", "x", spec, false));
        assertEquals(406, no.code());
        assertEquals(
                "invalid arg 'x-dead-letter-routing-key' for exchange 'x' in vhost '/': there is no"
                        + " 'x-dead-letter-exchange' for it",
                no.text());
    }

    @Test
    void aDeadLetterOfAnExchangeThatGoesNowhereIsCounted() {
        node.raise(3);
        declareExchange("x", Map.of("x-dead-letter-exchange", "missing"));
        publish(new Route("/", "x", "k"), in(10), "a", "b");
        pass(20);
        assertEquals(2, node.machine.totals().droppedUnroutable());
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
    }

    /** Where their routes take turns, each of them is a piece in each queue: an entry does some of that, and the next ones the rest. */
    @Test
    void deadLettersOfAnExchangeThatFanOutAreCut() {
        int queues = 200;
        int slice = 1_000;
        MachineLimits l = MachineLimits.FORMAT_1;
        MachineLimits small = new MachineLimits(
                l.residentAhead(),
                l.residentInAll(),
                l.chunkMessages(),
                l.chunkBytes(),
                l.sharedFrom(),
                l.sharedMessages(),
                new WorkLimits(slice, 500, 1_000, 1_000, 4_096),
                l.aheadFrom(),
                l.mostHeld(),
                l.state());
        OneNode other = new OneNode(new MemoryStore(), small);
        other.raise(3);
        Arguments a = new Arguments(new TreeMap<>(Map.of("x-dead-letter-exchange", "amq.direct")));
        other.apply(new DeclareExchange("/", "x", new ExchangeSpec("fanout", true, false, false, a), false));
        for (int i = 0; i < queues; i++) {
            other.declare("q" + i);
            other.bind("amq.direct", "q" + i, "a");
            if (i > 0) {
                other.bind("amq.direct", "q" + i, "b");
            }
        }
        for (int i = 0; i < 64; i++) {
            other.apply(messages(0, new Route("/", "x", i % 2 == 0 ? "a" : "b"), in(10_000), "m" + i));
        }
        other.commit();
        other.passed += 20_000;
        long most = 0;
        int entries = 0;
        while (other.machine.nextDue() <= other.machine.clock() || entries == 0) {
            other.apply(new Probe(false));
            most = Math.max(most, other.machine.unwritten());
            other.commit();
            entries++;
        }
        // An entry goes on until it has done 250 units of its own, of 8 of these each, and a slice more.
        assertTrue(most <= 2_000 + 3 * slice + queues * 9, most + " units in one entry");
        assertTrue(entries > 1);
        assertEquals(64, other.queue("q1").ready());
        assertEquals(32, other.queue("q0").ready());
        assertEquals(0, other.machine.totals().droppedUnroutable());
    }

    @Test
    void anExchangeOfTypeDelayedRoutesAsItsArgumentSays() {
        Arguments a = new Arguments(new TreeMap<>(Map.of("x-delayed-type", "topic")));
        ExchangeSpec spec = new ExchangeSpec("x-delayed-message", true, false, false, a);
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", "later", spec, false)));
        ExchangeSpec none = new ExchangeSpec("x-delayed-message", true, false, false, Arguments.NONE);
        assertTrue(node.apply(new DeclareExchange("/", "bad", none, false)) instanceof Reply.Rejected);
        Arguments same = new Arguments(new TreeMap<>(Map.of("x-delayed-type", "x-delayed-message")));
        ExchangeSpec itself = new ExchangeSpec("x-delayed-message", true, false, false, same);
        assertTrue(node.apply(new DeclareExchange("/", "bad", itself, false)) instanceof Reply.Rejected);
        node.declare("q");
        node.bind("later", "q", "a.*");
        publish(new Route("/", "later", "a.b"), in(10), "x");
        publish(new Route("/", "later", "b.b"), in(10), "y");
        publish(new Route("/", "later", "a.c"), null, "z");
        assertEquals(List.of("z"), take("q"));
        pass(20);
        assertEquals(List.of("x"), take("q"));
    }

    @Test
    void itsExchangeMayGo() {
        ExchangeSpec spec = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        node.apply(new DeclareExchange("/", "x", spec, false));
        publish(new Route("/", "x", ""), in(10), "x");
        node.apply(new DeleteExchange("/", "x", false));
        pass(20);
        assertEquals(1, node.machine.totals().droppedUnroutable());
    }

    @Test
    void whatHasNoRoomTriesAgain() {
        node.declare("q", Map.of("x-max-length", 1L, "x-overflow", "reject-publish"));
        publish(Q, in(10), "a", "b");
        pass(20);
        assertEquals(List.of("a"), take("q"));
        restart();
        pass(2_000);
        assertEquals(List.of("b"), take("q"));
    }

    @Test
    void bodiesInPartsWaitToo() {
        node.declare("q");
        byte[] part = new byte[50];
        node.apply(new BodyPart(node.connection, 1, part, 0, part.length));
        node.apply(new BodyPart(node.connection, 1, part, 0, part.length));
        byte[] more = new Extension(List.of(), 0, -1, false, in(100)).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, more.length, 2, MessageRecord.EXTERNAL_LENGTH);
        w.raw(more, 0, more.length).uint16(0).int64(1).int64(0).int64(100);
        node.apply(new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE));
        restart();
        pass(200);
        assertEquals(100, node.queue("q").readyBytes());
    }

    @Test
    void thereIsALimitOfThem() {
        node.declare("q");
        for (int i = 0; i < 2_000; i++) {
            publish(Q, in(1_000_000), "x");
        }
        publish(Q, in(10), "y");
        assertTrue(node.refused.get(0).contains("2000 scheduled messages"), node.refused.toString());
    }

    @Test
    void aTransactionSchedulesAllOfItOrNothing() {
        node.declare("q");
        node.apply(new CommitTx(node.connection, 1, List.of(), messages(0, Q, in(10), "a", "b")));
        pass(20);
        assertEquals(List.of("a", "b"), take("q"));
        for (int i = 0; i < 1_999; i++) {
            publish(Q, in(1_000_000), "x");
        }
        assertFalse(
                node.apply(new CommitTx(node.connection, 1, List.of(), messages(0, Q, in(10), "a", "b")))
                        instanceof Reply.Ok);
        pass(20);
        assertEquals(List.of(), take("q"));
    }

    @Test
    void whatIsDueAtOnceIsSpreadOverEntries() {
        node.declare("q");
        String[] some = new String[500];
        Arrays.fill(some, "x");
        for (int i = 0; i < 4; i++) {
            publish(Q, new Later(-1, 5_000, ""), some);
        }
        node.passed += 6_000;
        long before = 0;
        do {
            node.apply(new Probe(false));
            long now = node.queue("q").ready();
            assertTrue(now - before <= 1_100, "in one entry " + (now - before));
            before = now;
        } while (node.machine.owes());
        assertEquals(2_000, before);
    }
}
