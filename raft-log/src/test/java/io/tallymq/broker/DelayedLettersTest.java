package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.ChunkBody;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Dead letters that go by an exchange of type x-delayed-message wait there for their x-delay. */
class DelayedLettersTest {
    private static final int SCHEDULED = 3;

    private TwoNodes two = nodes(BrokerMachine.LEVELS.max());

    private static TwoNodes nodes(int level) {
        TwoNodes two = new TwoNodes(
                "delayed letters",
                MachineLimits.FORMAT_1.withState(StateLimits.DEFAULTS.with(StateLimit.SCHEDULED, SCHEDULED)));
        two.both(n -> {
            n.raise(level);
            return Reply.OK;
        });
        two.both(new DeclareExchange("/", "later", delayed(false), false));
        return two;
    }

    private static ExchangeSpec delayed(boolean internal) {
        return new ExchangeSpec(
                "x-delayed-message", true, false, internal, new Arguments(Map.of("x-delayed-type", "direct")));
    }

    private void declare(String queue, String exchange, Object... more) {
        Map<String, Object> a = new TreeMap<>(Map.of("x-dead-letter-exchange", exchange));
        for (int i = 0; i < more.length; i += 2) {
            a.put((String) more[i], more[i + 1]);
        }
        assertInstanceOf(Reply.QueueDeclared.class, two.both(n -> n.declare(queue, a)));
    }

    /** As a client has it that was delivered one which was held back. */
    private static Publish publish(String exchange, String queue, Object delay) {
        return publish(exchange, queue, delay, new byte[1], 0);
    }

    private static Publish publish(String exchange, String queue, Object delay, byte[] body, int flags) {
        ByteWriter table = new ByteWriter();
        table.uint8(7).raw("x-delay".getBytes(), 0, 7);
        if (delay instanceof Integer n) {
            table.uint8('I').int32(n);
        } else {
            byte[] text = delay.toString().getBytes();
            table.uint8('S').int32(text.length).raw(text, 0, text.length);
        }
        ByteWriter properties = new ByteWriter();
        properties.uint16(1 << 13).int32(table.size()).raw(table.array(), 0, table.size());
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, flags, 0, 0, properties.size(), body.length);
        w.raw(properties.array(), 0, properties.size()).raw(body, 0, body.length);
        return new Publish(List.of(new Route("/", exchange, queue)), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    /** It is given to somebody who rejects it. */
    private void reject(String queue) {
        Reply.Got got = assertInstanceOf(Reply.Got.class, get(queue));
        long seq = got.delivery().firstSeq();
        two.both(new Settle(got.holder(), Settle.Outcome.DISCARD, new long[] {seq, seq}));
    }

    private Reply get(String queue) {
        return two.both(new Get(two.straight.connection, 1, "/", queue, false));
    }

    private void pass(long millis) {
        two.both(n -> {
            n.passed += millis;
            return n.apply(new Probe(false));
        });
        while (two.straight.machine.owes()) {
            two.both(new Probe(false));
        }
    }

    private long ready(String queue) {
        return two.straight.queue(queue).ready();
    }

    private int waiting() {
        return two.straight.machine.scheduled(null, 100).items().size();
    }

    private void bind(String queue) {
        two.both(n -> n.bind("later", queue, queue));
    }

    @Test
    void whatIsRejectedComesAgainAfterAPause() {
        declare("q", "later");
        bind("q");
        for (Object delay : new Object[] {-5_000, "-5000", 5_000}) {
            two.both(publish("", "q", delay));
            for (int i = 0; i < 3; i++) { // each time
                reject("q");
                assertEquals(0, ready("q"));
                assertEquals(1, waiting());
                pass(4_000);
                assertEquals(0, ready("q"));
                pass(1_100);
                assertEquals(1, ready("q"));
                assertEquals(0, waiting());
            }
            two.both(new Get(two.straight.connection, 1, "/", "q", true));
        }
        assertEquals(9, two.straight.queue("q").counters().deaths().deadLettered());
        assertEquals(0, two.straight.queue("q").counters().deaths().deadDropped());
    }

    /** It was pushed out of a queue, reaches none when its time has come, and its exchange's dead letters lead back: it would go round for ever. */
    @Test
    void whatReachesNoQueueDoesNotComeRound() {
        Arguments a = new Arguments(Map.of("x-delayed-type", "direct", "x-dead-letter-exchange", ""));
        ExchangeSpec spec = new ExchangeSpec("x-delayed-message", true, false, false, a);
        two.both(new DeclareExchange("/", "round", spec, false));
        declare("q", "round", "x-max-length", 1L);
        two.both(publish("", "q", -1_000));
        two.both(publish("", "q", -1_000));
        assertEquals(1, waiting());
        pass(1_100);
        assertEquals(0, waiting());
        assertEquals(1, ready("q"));
        assertEquals(1, two.straight.machine.totals().droppedUnroutable());
    }

    @Test
    void withoutADelayItDoesNotWait() {
        declare("q", "later");
        bind("q");
        for (Object delay : new Object[] {0, "soon", "-99999999999999"}) {
            two.both(publish("", "q", delay));
            reject("q");
            assertEquals(1, ready("q"));
            two.both(new Get(two.straight.connection, 1, "/", "q", true));
        }
    }

    /** As with RabbitMQ's plugin: there the x-delay was meant for the publish. */
    @Test
    void whatWasPublishedToSuchAnExchangeDoesNotWaitAgain() {
        declare("q", "later");
        bind("q");
        two.both(publish("later", "q", -5_000));
        reject("q");
        assertEquals(1, ready("q"));
    }

    /** Rejected by nobody: it ends its round as it would without a pause. */
    @Test
    void whatComesRoundEndsAtItsTime() {
        declare("q", "later", "x-message-ttl", 10L);
        bind("q");
        two.both(publish("", "q", -5_000));
        pass(20);
        assertEquals(1, waiting());
        pass(5_100);
        assertEquals(0, waiting());
        assertEquals(0, ready("q"));
        assertEquals(1, two.straight.machine.totals().droppedUnroutable());
    }

    @Test
    void anInternalExchangeDelaysAsWell() {
        two.both(new DeclareExchange("/", "inner", delayed(true), false));
        declare("q", "inner");
        two.both(n -> n.declare("d"));
        two.both(n -> n.bind("inner", "d", "q"));
        two.both(publish("", "q", -1_000));
        reject("q");
        assertEquals(0, ready("d"));
        pass(1_100);
        assertEquals(1, ready("d"));
    }

    /** With at-least-once nothing leaves its queue that would reach none now. */
    @Test
    void whatIsToReachAQueueWaitsForThat() {
        declare("q", "later", "x-queue-type", "quorum", "x-dead-letter-strategy", "at-least-once");
        two.both(publish("", "q", -1_000));
        reject("q");
        assertEquals(0, waiting());
        assertEquals(1, two.straight.queue("q").deadLetters().messages());
        bind("q");
        pass(1_100);
        assertEquals(1, waiting());
        pass(1_100);
        assertEquals(1, ready("q"));
    }

    @Test
    void whatIsOneTooManyDoesNotWait() {
        declare("q", "later");
        bind("q");
        for (int i = 0; i < SCHEDULED + 2; i++) {
            two.both(publish("", "q", -1_000));
        }
        for (int i = 0; i < SCHEDULED + 1; i++) {
            reject("q");
        }
        assertEquals(SCHEDULED, waiting());
        assertEquals(2, ready("q"));
    }

    @Test
    void aLargeBodyWaitsWithItsLetter() {
        declare("q", "later");
        bind("q");
        byte[] part = new byte[50];
        two.both(n -> n.apply(new BodyPart(n.connection, 1, part, 0, part.length)));
        byte[] reference = new ByteWriter().int64(1).int64(0).int64(50).toBytes();
        Command p = publish("", "q", -1_000, reference, MessageRecord.EXTERNAL_BODY);
        two.both(p);
        reject("q");
        assertEquals(1, waiting());
        two.straight.commit();
        pass(1_100);
        two.straight.commit();
        Reply.Got got = (Reply.Got) get("q");
        ChunkBody body = two.straight.memory.load(got.delivery().chunk());
        long id = MessageRecord.externalId(body.bytes(), body.at(0));
        assertEquals(50, two.straight.memory.loadShared(id, 0).length);
        long seq = got.delivery().firstSeq();
        two.both(new Settle(got.holder(), Settle.Outcome.ACK, new long[] {seq, seq}));
        two.straight.commit();
        assertNull(two.straight.memory.loadShared(id, 0), "nobody has it any more");
    }

    @Test
    void belowLevelFiveNoneWaits() {
        two = nodes(4);
        declare("q", "later");
        bind("q");
        two.both(publish("", "q", -5_000));
        reject("q");
        assertEquals(1, ready("q"));
    }
}
