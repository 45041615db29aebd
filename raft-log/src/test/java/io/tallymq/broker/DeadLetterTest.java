package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Dead letters, x-message-ttl, expiration, x-expires and x-delivery-limit: each message is in one place at every entry. */
class DeadLetterTest extends OneNodeTest {
    private static final String DLX = "x-dead-letter-exchange";
    private static final String KEY = "x-dead-letter-routing-key";
    private static final Route Q = new Route("/", "", "q");

    private final List<byte[]> headers = new ArrayList<>();

    private void declare(String queue, Object... arguments) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        Reply r = node.declare(queue, a);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 20, Q));
    }

    /** With properties and extension; the expiration is told in both, as by a front end. */
    private void publish(Route route, Map<String, Object> fields, Extension extension, String body) {
        ByteWriter properties = new ByteWriter();
        long expiration = extension.expiration();
        properties.uint16(1 << 15 | 1 << 13 | (expiration >= 0 ? 1 << 8 : 0) | 1 << 7);
        shortString(properties, "text/plain");
        ByteWriter table = new ByteWriter();
        fields.forEach((name, value) -> field(table, name, value));
        properties.int32(table.size()).raw(table.array(), 0, table.size());
        if (expiration >= 0) {
            shortString(properties, Long.toString(expiration));
        }
        shortString(properties, "m1");
        byte[] more = extension.encode();
        ByteWriter w = new ByteWriter();
        int flags = MessageRecord.MANDATORY;
        MessageRecord.writeHeader(w, flags, 0, more.length, properties.size(), body.length());
        w.raw(more, 0, more.length).raw(properties.array(), 0, properties.size());
        w.raw(body.getBytes(), 0, body.length());
        node.apply(new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE));
    }

    private static void shortString(ByteWriter w, String s) {
        w.uint8(s.length()).raw(s.getBytes(), 0, s.length());
    }

    private static void field(ByteWriter w, String name, Object value) {
        shortString(w, name);
        if (value instanceof Integer n) {
            w.uint8('I').int32(n);
        } else if (value instanceof List<?> list) {
            ByteWriter inner = new ByteWriter();
            list.forEach(s -> inner.uint8('S')
                    .int32(((String) s).length())
                    .raw(((String) s).getBytes(), 0, ((String) s).length()));
            w.uint8('A').int32(inner.size()).raw(inner.array(), 0, inner.size());
        } else {
            String s = (String) value;
            w.uint8('S').int32(s.length()).raw(s.getBytes(), 0, s.length());
        }
    }

    private static Extension expiresIn(long millis) {
        return new Extension(List.of(), 0, millis);
    }

    /** Some milliseconds go by, and the log goes on as long as there is work. */
    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    /** One message of the queue. */
    private record Message(Route route, Map<String, Object> headers, byte[] bytes, int at, boolean redelivered) {
        String property(MessageProperties.Property p) {
            return MessageProperties.text(
                    bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at), p);
        }

        Map<?, ?> death(int i) {
            return (Map<?, ?>) ((List<?>) headers.get("x-death")).get(i);
        }

        String body() {
            return new String(bytes, MessageRecord.bodyOffset(bytes, at), MessageRecord.inlineLength(bytes, at));
        }
    }

    private Message get(String queue) {
        return read(got(queue, true).delivery());
    }

    private Message read(Delivery d) {
        ChunkBody body = store().load(d.chunk());
        int at = body.at(d.from());
        Map<String, Object> fields = MessageHeaders.decode(
                body.bytes(),
                MessageRecord.propertiesOffset(body.bytes(), at),
                MessageRecord.propertiesLength(body.bytes(), at));
        return new Message(body.route(d.from()), fields, body.bytes(), at, d.redelivered());
    }

    private Reply.Got got(String queue, boolean noAck) {
        return (Reply.Got) node.apply(new Get(node.connection, 1, "/", queue, noAck));
    }

    private void settle(Reply.Got got, Outcome how) {
        long seq = got.delivery().firstSeq();
        node.apply(new Settle(got.holder(), how, new long[] {seq, seq}));
    }

    private void reject(String queue) {
        settle(got(queue, false), Outcome.DISCARD);
    }

    @Test
    void aRejectedMessageGoesToTheDeadLetterExchangeWithItsHistory() {
        declare("q", DLX, "amq.direct", KEY, "dead");
        declare("d");
        node.bind("amq.direct", "d", "dead");
        Extension keys = new Extension(List.of("cc1", "bcc1"), 0, 86_400_000);
        publish(Q, Map.of("CC", List.of("cc1"), "n", 7), keys, "hello");
        reject("q");
        assertEquals(0, ready("q"));
        assertEquals(1, ready("d"));
        Message m = get("d");
        assertEquals(new Route("/", "amq.direct", "dead"), m.route());
        assertEquals("hello", m.body());
        assertEquals("m1", m.property(MessageProperties.Property.MESSAGE_ID));
        assertNull(m.property(MessageProperties.Property.EXPIRATION));
        assertEquals(7L, m.headers().get("n"));
        assertFalse(m.headers().containsKey("CC"), "a new routing key: the old ones count no more");
        assertFalse(MessageRecord.isMandatory(m.bytes(), m.at()));
        Map<?, ?> death = m.death(0);
        assertEquals("q", death.get("queue"));
        assertEquals("rejected", death.get("reason"));
        assertEquals(1L, death.get("count"));
        assertEquals("", death.get("exchange"));
        assertEquals(List.of("q", "cc1"), death.get("routing-keys"), "of BCC nobody is told");
        assertEquals("86400000", death.get("original-expiration"));
        assertTrue(death.get("time") instanceof Arguments.Timestamp);
        assertEquals("q", m.headers().get("x-first-death-queue"));
        assertEquals("rejected", m.headers().get("x-last-death-reason"));
        assertEquals("", m.headers().get("x-first-death-exchange"));
        assertEquals(1, node.queue("q").counters().deaths().deadLettered());
    }

    @Test
    void withoutAKeyOfItsOwnItKeepsAllThatItHas() {
        declare("q", DLX, "amq.direct");
        declare("a");
        declare("b");
        node.bind("amq.direct", "a", "q");
        node.bind("amq.direct", "b", "bcc1");
        publish(Q, Map.of("CC", List.of("cc1")), new Extension(List.of("cc1", "bcc1"), 7, -1), "x");
        assertEquals(0, ready("q"), "x-min-queues is about the publish");
        publish(Q, Map.of("CC", List.of("cc1")), new Extension(List.of("cc1", "bcc1"), 0, -1), "x");
        reject("q");
        assertEquals(1, ready("a"));
        assertEquals(1, ready("b"));
        assertTrue(get("a").headers().containsKey("CC"));
    }

    /** With what is noted of its death it would be larger than its length field takes, which ended all nodes at each start. */
    @Test
    void whatHasAsManyKeysAsARecordTakesDiesLikeAnyOther() {
        declare("q", DLX, "");
        List<String> keys = new ArrayList<>(Collections.nCopies(254, "k".repeat(255)));
        keys.add("k".repeat(249));
        publish(Q, Map.of(), new Extension(keys, 0, -1), "x");
        reject("q");
        assertEquals(1, ready("q"));
        assertEquals(1L, get("q").death(0).get("count"));
    }

    @Test
    void aSecondDeathAtTheSamePlaceCounts() {
        declare("q", DLX, "", KEY, "d");
        declare("d", DLX, "", KEY, "q");
        publish(Q, Map.of(), Extension.NONE, "x");
        for (int i = 1; i <= 3; i++) {
            reject("q");
            reject("d");
        }
        Message m = get("q");
        assertEquals(2, ((List<?>) m.headers().get("x-death")).size());
        assertEquals("d", m.death(0).get("queue"));
        assertEquals(3L, m.death(0).get("count"));
        assertEquals(3L, m.death(1).get("count"));
        assertEquals("q", m.headers().get("x-first-death-queue"));
        assertEquals("d", m.headers().get("x-last-death-queue"));
    }

    @Test
    void aClientsOwnDeathsAreNotBelieved() {
        declare("q", DLX, "", KEY, "d");
        declare("d");
        publish(Q, Map.of("x-death", "nonsense", "x-first-death-queue", "lie"), Extension.NONE, "x");
        reject("q");
        Message m = get("d");
        assertEquals(1, ((List<?>) m.headers().get("x-death")).size());
        assertEquals("q", m.headers().get("x-first-death-queue"));
    }

    @Test
    void whatGoesRoundWithoutARejectionEnds() {
        declare("q", DLX, "", KEY, "d", "x-message-ttl", 10L);
        declare("d", DLX, "", KEY, "q", "x-message-ttl", 10L);
        publish(1);
        pass(11);
        assertEquals(1, ready("d"));
        pass(11);
        assertEquals(0, ready("q") + ready("d"));
        assertEquals(1, node.queue("d").counters().deaths().deadDropped());
    }

    @Test
    void messagesExpireInTheirTime() {
        declare("q", "x-message-ttl", 100L);
        publish(3);
        long due = node.machine.nextDue();
        assertEquals(node.index + 100, due);
        pass(50);
        assertEquals(3, ready("q"));
        pass(50);
        assertEquals(0, ready("q"));
        assertEquals(3, node.queue("q").counters().deaths().expired());
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
    }

    @Test
    void theShorterOfTwoTimesCounts() {
        declare("q", "x-message-ttl", 100L);
        publish(Q, Map.of(), expiresIn(50), "a");
        publish(Q, Map.of(), expiresIn(5_000), "b");
        pass(60);
        assertEquals(1, ready("q"));
        assertEquals("b", get("q").body());
        publish(Q, Map.of(), expiresIn(5_000), "c");
        pass(101);
        assertEquals(0, ready("q"));
    }

    /** As RabbitMQ does it: who is behind one that lives longer waits for that one, and is gone when its turn comes. */
    @Test
    void anExpiredMessageIsNeverHandedOut() {
        declare("q");
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < 6; i++) { // in one chunk: some for ever, some not
            byte[] more = i % 3 == 1 ? expiresIn(20).encode() : new byte[0];
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
            w.raw(more, 0, more.length).uint16(0).uint8('0' + i);
        }
        node.apply(new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE));
        pass(30);
        assertEquals(6, ready("q"), "the head lives");
        node.consume("q", 100);
        List<String> bodies = new ArrayList<>();
        for (Delivery d : node.delivered) {
            ChunkBody body = store().load(d.chunk());
            for (int i = d.from(); i < d.to(); i++) {
                bodies.add(String.valueOf((char) body.bytes()[MessageRecord.bodyOffset(body.bytes(), body.at(i))]));
            }
        }
        assertEquals(List.of("0", "2", "3", "5"), bodies);
        assertEquals(2, node.queue("q").counters().deaths().expired());
    }

    @Test
    void aMessageWithoutAnyTimeIsHandedOutOrGone() {
        declare("q", "x-message-ttl", 0L);
        node.consume("q", 1);
        publish(3);
        assertEquals(1, node.queue("q").unacked());
        assertEquals(0, ready("q"));
        assertEquals(2, node.queue("q").counters().deaths().expired());
    }

    @Test
    void whatIsHeldExpiresWhenItComesBack() {
        declare("q", "x-message-ttl", 10L);
        publish(1);
        Reply.Got got = got("q", false);
        pass(20);
        assertEquals(1, node.queue("q").unacked());
        settle(got, Outcome.NACK_REQUEUE);
        assertEquals(0, ready("q"));
        assertEquals(Reply.EMPTY, node.apply(new Get(node.connection, 1, "/", "q", true)));
    }

    @Test
    void expiredMessagesGoOnInTheirOrder() {
        declare("q", DLX, "", KEY, "d", "x-message-ttl", 10L);
        declare("d");
        for (int i = 0; i < 300; i++) {
            publish(Q, Map.of(), Extension.NONE, "m" + i);
        }
        pass(400);
        assertEquals(300, ready("d"));
        for (int i = 0; i < 300; i++) {
            Message m = get("d");
            assertEquals("m" + i, m.body());
            assertEquals("expired", m.death(0).get("reason"));
        }
    }

    @Test
    void theOldestOfAFullQueueGoOn() {
        declare("q", DLX, "", KEY, "d", "x-max-length", 2L);
        declare("d");
        publish(5);
        assertEquals(2, ready("q"));
        assertEquals(3, ready("d"));
        assertEquals("maxlen", get("d").death(0).get("reason"));
        assertEquals(3, node.queue("q").counters().overflowed());
    }

    @Test
    void whatHasNoRoomIsADeadLetterAndRefused() {
        declare("q", DLX, "", KEY, "d", "x-max-length", 2L, "x-overflow", "reject-publish-dlx");
        declare("d");
        publish(5);
        assertEquals(2, ready("q"));
        assertEquals(3, ready("d"));
        assertEquals(Set.of(2, 3, 4), node.refused.keySet());
        Message m = get("d");
        assertEquals("maxlen", m.death(0).get("reason"));
        assertEquals("q", m.death(0).get("queue"));
        assertEquals(3, node.queue("q").counters().deaths().deadLettered());
    }

    @Test
    void whoFailsTooOftenGoesOn() {
        declare("q", DLX, "", KEY, "d", "x-queue-type", "quorum", "x-delivery-limit", 2L);
        declare("d");
        publish(1);
        for (int i = 0; i < 3; i++) {
            assertEquals(1, ready("q"), "attempt " + i);
            Reply.Got got = got("q", false);
            assertEquals(i, got.delivery().attempts());
            settle(got, Outcome.REJECT_REQUEUE);
        }
        assertEquals(0, ready("q"));
        assertEquals("delivery_limit", get("d").death(0).get("reason"));
        assertEquals(1, node.queue("q").counters().deaths().failed());
    }

    /** Failures are counted as far as anybody may want. */
    @Test
    void whoFailsVeryOftenGoesOnAsWell() {
        node.raise(BrokerMachine.LEVELS.max());
        declare("q", DLX, "", KEY, "d", "x-queue-type", "quorum", "x-delivery-limit", 70_000L);
        declare("d");
        publish(1);
        for (int i = 0; i <= 70_000; i++) {
            Reply.Got got = got("q", false);
            assertEquals(i, got.delivery().attempts());
            settle(got, i % 7 == 6 ? Outcome.NACK_REQUEUE : Outcome.REJECT_REQUEUE);
            if (i % 7 == 6) {
                settle(got("q", false), Outcome.REJECT_REQUEUE);
            }
            if (i % 10_000 == 0) {
                restart();
            }
        }
        assertEquals(0, ready("q"));
        assertEquals("delivery_limit", get("d").death(0).get("reason"));
    }

    /** From level 4 on: each entry does little, so that nobody's waits; the leader has more of it done while nobody wants anything. */
    @Test
    void anEntryDoesLittleOfWhatIsDueUnlessItIsThereForThat() {
        node.raise(Probe.WORK_LEVEL);
        node.declare("d");
        declare("q", DLX, "", KEY, "d", "x-message-ttl", 10L);
        for (int i = 0; i < 10; i++) {
            publish(100);
        }
        node.passed += 1_000;
        node.apply(new Probe(false));
        long little = ready("d");
        assertTrue(little > 0 && little < 100, little + " letters went");
        node.apply(new Probe(false, 1_000_000));
        long much = ready("d") - little;
        assertTrue(much >= 200 && much < 500, much + " letters went");
        restart();
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
        assertEquals(1_000, ready("d"));
    }

    @Test
    void whatFailsRestsLongerEachTime() {
        declare(
                "q",
                "x-queue-type",
                "quorum",
                "x-delayed-retry-type",
                "failed",
                "x-delayed-retry-min",
                100L,
                "x-delayed-retry-max",
                250L);
        publish(2);
        for (long rest : new long[] {100, 200, 250, 250}) {
            Reply.Got got = got("q", false);
            assertEquals(0, got.delivery().from(), "in its old place");
            settle(got, Outcome.REJECT_REQUEUE);
            assertEquals(1, ready("q"));
            assertEquals(1, node.queue("q").resting());
            restart();
            pass(rest - 10);
            assertEquals(1, ready("q"));
            pass(20);
            assertEquals(2, ready("q"));
        }
        settle(got("q", false), Outcome.NACK_REQUEUE);
        assertEquals(2, ready("q"), "a nack is no failure");
    }

    /** What rests until the same time is the same whatever order it came in. */
    @Test
    void theOrderOfRejectionsDoesNotMatter() {
        declare("q", "x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 100L);
        node.consume("q", 10);
        publish(5);
        long holder = node.delivered.get(0).holder();
        for (long seq : new long[] {3, 0, 4, 1}) {
            long first = node.delivered.get(0).firstSeq() + seq;
            node.passed--; // all in one moment
            node.apply(new Settle(holder, Outcome.REJECT_REQUEUE, new long[] {first, first}));
        }
        assertEquals(4, node.queue("q").resting());
        restart();
    }

    @Test
    void whatIsGivenBackRestsToo() {
        declare("q", "x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 100L);
        publish(3);
        settle(got("q", false), Outcome.NACK_REQUEUE);
        settle(got("q", false), Outcome.REJECT_REQUEUE);
        assertEquals(2, node.queue("q").resting());
        restart();
        assertEquals(3, ((Reply.Removed) node.apply(new PurgeQueue(node.connection, "/", "q"))).messages());
        assertEquals(0, node.queue("q").resting());
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
        publish(1);
        settle(got("q", false), Outcome.NACK_REQUEUE);
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.commit();
        store().scan(new byte[] {Keys.RESTING}, (k, v) -> assertNull(k));
    }

    @Test
    void aNackDoesNotCountAsAFailure() {
        declare("q", "x-queue-type", "quorum", "x-delivery-limit", 0L);
        publish(2);
        for (int i = 0; i < 5; i++) {
            settle(got("q", false), Outcome.NACK_REQUEUE);
        }
        assertEquals(2, ready("q"));
        settle(got("q", false), Outcome.REJECT_REQUEUE);
        assertEquals(1, ready("q"), "without a dead letter exchange it is gone");
    }

    @Test
    void aQuorumQueueWithDeadLettersHasALimitOfItself() {
        declare("q", DLX, "", KEY, "d", "x-queue-type", "quorum");
        declare("d");
        declare("n", "x-queue-type", "quorum");
        declare("c", DLX, "", KEY, "d");
        for (String queue : List.of("q", "n", "c")) {
            node.apply(OneNode.messages(1, 20, new Route("/", "", queue)));
            for (int i = 0; i < 21; i++) {
                settle(got(queue, false), Outcome.REJECT_REQUEUE);
            }
        }
        assertEquals(0, ready("q"));
        assertEquals(1, ready("n"), "nothing is lost for a default");
        assertEquals(1, ready("c"));
        assertEquals(1, ready("d"));
    }

    @Test
    void atMostOnceIsDroppedAndCounted() {
        declare("q", DLX, "nowhere");
        publish(2);
        reject("q");
        reject("q");
        assertEquals(2, node.queue("q").counters().deaths().deadDropped());
        assertEquals(0, node.queue("q").deadLetters().messages());
        assertFalse(node.machine.owes());
    }

    @Test
    void atLeastOnceWaitsForItsTarget() {
        declare("q", DLX, "", KEY, "d", "x-queue-type", "quorum", "x-dead-letter-strategy", "at-least-once");
        publish(3);
        for (int i = 0; i < 3; i++) {
            reject("q");
        }
        assertEquals(
                new BrokerView.DeadLettersWaiting(3, 60, true, "there is no queue with the name of routing key 'd'"),
                node.queue("q").deadLetters());
        assertEquals(0, node.queue("q").readyBytes());
        assertFalse(node.machine.owes());
        restart();
        pass(2_000);
        assertEquals(3, node.queue("q").deadLetters().messages());
        declare("d", "x-max-length", 2L, "x-overflow", "reject-publish");
        pass(2_000);
        assertEquals(1, node.queue("q").deadLetters().messages(), "the other one has no room for more");
        assertEquals(
                "a queue that they go to has no room: consume it, or raise its limit",
                node.queue("q").deadLetters().reason());
        assertEquals(2, ready("d"));
        got("d", true);
        pass(2_000);
        assertEquals(0, node.queue("q").deadLetters().messages());
        assertEquals(2, ready("d"));
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
    }

    @Test
    void bodiesInPartsGoOnWithoutBeingCopied() {
        declare("q", DLX, "amq.fanout");
        declare("a");
        declare("b");
        node.bind("amq.fanout", "a");
        node.bind("amq.fanout", "b");
        byte[] part = new byte[50];
        node.apply(new BodyPart(node.connection, 1, part, 0, part.length));
        node.apply(new BodyPart(node.connection, 1, part, 0, part.length));
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, 2, MessageRecord.EXTERNAL_LENGTH);
        w.uint16(0).int64(1).int64(0).int64(100);
        node.apply(new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE));
        reject("q");
        node.commit();
        Reply.Got a = got("a", false);
        Reply.Got b = got("b", false);
        Message m = read(a.delivery());
        long id = MessageRecord.externalId(m.bytes(), m.at());
        assertEquals(100, MessageRecord.bodyLength(m.bytes(), m.at()));
        Message n = read(b.delivery());
        assertEquals(id, MessageRecord.externalId(n.bytes(), n.at()));
        settle(a, Outcome.ACK);
        settle(b, Outcome.ACK);
        node.commit();
        assertNull(store().loadShared(id, 0), "nobody has it any more");
    }

    @Test
    void internalExchangesTakeDeadLetters() {
        ExchangeSpec internal = new ExchangeSpec("fanout", true, false, true, Arguments.NONE);
        node.apply(new DeclareExchange("/", "dlx", internal, false));
        declare("q", DLX, "dlx");
        declare("d");
        node.bind("dlx", "d");
        publish(1);
        reject("q");
        assertEquals(1, ready("d"));
    }

    @Test
    void aQueueMayBeItsOwnDeadLetterQueue() {
        declare("q", DLX, "");
        publish(2);
        reject("q");
        assertEquals(2, ready("q"));
        got("q", true);
        assertEquals(1L, get("q").death(0).get("count"));
    }

    @Test
    void aQueueGoesWithItsDeadLetters() {
        declare("q", DLX, "", KEY, "d", "x-queue-type", "quorum", "x-dead-letter-strategy", "at-least-once");
        publish(1);
        reject("q");
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.commit();
        store().scan(new byte[] {0x18}, (k, v) -> assertNull(k));
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
        pass(2_000);
    }

    @Test
    void anUnusedQueueGoes() {
        declare("q", "x-expires", 100L);
        Reply.Subscribed s = (Reply.Subscribed) node.consume("q", 1);
        pass(1_000);
        assertEquals(1, node.machine.queues().size());
        node.apply(new Cancel(s.consumer()));
        pass(90);
        restart();
        node.apply(new Get(node.connection, 1, "/", "q", true));
        pass(90);
        assertEquals(1, node.machine.queues().size(), "somebody asked for a message");
        pass(20);
        assertEquals(0, node.machine.queues().size());
    }

    /** A million messages expire at once: each entry does some. */
    @Test
    void whatExpiresAtOnceIsSpreadOverEntries() {
        declare("q", DLX, "", KEY, "d", "x-message-ttl", 1_000L);
        declare("d");
        for (int i = 0; i < 30; i++) {
            publish(1_000);
        }
        node.passed += 2_000;
        long before = ready("d");
        int entries = 0;
        do {
            node.apply(new Probe(false));
            assertTrue(ready("d") - before <= 1_200, "in one entry " + (ready("d") - before));
            before = ready("d");
            entries++;
        } while (node.machine.owes());
        assertEquals(30_000, ready("d"));
        assertTrue(entries >= 25);
    }
}
