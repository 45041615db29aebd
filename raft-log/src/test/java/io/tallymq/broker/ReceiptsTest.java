package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.FenceProducer;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.ProducerLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.view.Receipt;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishes that have names: x-producer-id and x-publish-seq. */
class ReceiptsTest {
    private static final Route Q = new Route("/", "", "q");
    private static final int WINDOW = 4_096;

    private OneNode node;
    /** A refused transaction ends its channel. */
    private int channel = 10;

    @BeforeEach
    void start() {
        node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        node.raise(VoidPublish.LEVEL);
        node.declare("q");
    }

    private static Terms name(long seq) {
        return Terms.named("p", seq);
    }

    private static Publish run(Origins origins, Route route, Extension... extensions) {
        ByteWriter w = new ByteWriter(256);
        for (Extension e : extensions) {
            byte[] more = e.encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
            w.raw(more, 0, more.length).uint16(0).uint8('x');
        }
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, origins);
    }

    private static Origins of(ConnectionId connection, int messages) {
        ByteWriter w = new ByteWriter(16).varint(1).varint(connection.number()).varint(1);
        w.varint(1).varint(messages).varint(0);
        return new Origins(new ByteReader(w.toBytes()), connection.node());
    }

    private static Extension with(Terms terms) {
        return Extension.NONE.with(terms);
    }

    private void publish(Route route, Terms... terms) {
        Extension[] all = new Extension[terms.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = with(terms[i]);
        }
        node.apply(run(of(node.connection, all.length), route, all));
    }

    private void publish(long... seqs) {
        publish(Q, LongStream.of(seqs).mapToObj(ReceiptsTest::name).toArray(Terms[]::new));
    }

    private Receipt receipt(long seq) {
        return node.machine.receipts().receipt("/", "p", seq);
    }

    private String places(long seq) {
        return receipt(seq).places().stream()
                .map(p -> p.queue() + " " + p.state() + (p.from().isEmpty() ? "" : " from " + p.from() + " " + p.why()))
                .collect(Collectors.joining(", "));
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    private String refusal() {
        assertEquals(1, node.refused.size(), node.told());
        String text = node.refused.values().iterator().next();
        node.forget();
        return text;
    }

    private Reply.Got get(String queue) {
        return (Reply.Got) node.apply(new Get(node.connection, 1, "/", queue, false));
    }

    private void settle(Reply.Got got, Settle.Outcome how) {
        long seq = got.delivery().firstSeq();
        node.apply(new Settle(got.holder(), how, new long[] {seq, seq}));
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    @Test
    void whatComesAgainIsStoredOnce() {
        publish(1, 2, 3);
        publish(2, 3, 4);
        assertEquals(4, ready("q"));
        assertTrue(node.refused.isEmpty(), "a duplicate is confirmed");
        node.restart();
        publish(1, 4, 5);
        publish(5, 5, 6, 6);
        assertEquals(6, ready("q"));
        assertEquals(6, node.machine.receipts().producer("/", "p").last());
        assertTrue(node.refused.isEmpty());
    }

    private String duplicates(long... seqs) {
        return LongStream.of(seqs)
                .mapToObj(seq -> Long.toString(receipt(seq).duplicates()))
                .collect(Collectors.joining(" "));
    }

    @Test
    void itIsToldHowOftenOneCameAgain() {
        publish(1, 2, 3, 2);
        publish(2, 3, 70);
        assertEquals("0 2 1 0 0", duplicates(1, 2, 3, 70, 4));
        node.restart();
        publish(2, 70);
        node.restart();
        assertEquals("0 3 1 1 0", duplicates(1, 2, 3, 70, 4));
        publish(2 + WINDOW);
        assertEquals("forgotten", receipt(2).outcome());
        assertEquals("0 1 1 0", duplicates(2, 3, 70, 2 + WINDOW));
        publish(3 + WINDOW, 3 + WINDOW);
        assertEquals("0 1 1", duplicates(3, 70, 3 + WINDOW));
        publish(1L << 40);
        node.restart();
        assertEquals("0 0 0", duplicates(70, 3 + WINDOW, 1L << 40));
    }

    @Test
    void whatIsRefusedOrUnroutableDidNotComeAgain() {
        Route none = new Route("/", "", "none");
        publish(none, name(1), name(1));
        node.apply(new VoidPublish("/", "p", 2, "", ""));
        publish(2, 2);
        node.forget();
        assertEquals("0 0", duplicates(1, 2));
        publish(1, 1);
        assertEquals("1", duplicates(1));
        assertInstanceOf(Reply.Rejected.class, node.apply(new VoidPublish("/", "p", 1, "", "")));
        assertEquals("1", duplicates(1), "no publish");
    }

    @Test
    void whatComesLateWithinTheWindowIsStoredAndBelowItRefused() {
        publish(5_000);
        publish(5_000 - WINDOW + 1, 4_999, 904 + 1);
        assertEquals(3, ready("q"), "905 is the lowest of the window");
        assertTrue(node.refused.isEmpty());
        publish(5_000 - WINDOW);
        assertTrue(refusal().contains("number 904 of producer 'p' is too old: its last one is 5000"));
        assertEquals(3, ready("q"));
        assertEquals("forgotten", receipt(904).outcome());
        assertEquals("unseen", receipt(906).outcome());
        assertEquals("stored", receipt(905).outcome());
        node.restart();
        publish(905, 906, 904);
        assertTrue(refusal().contains("too old"));
        assertEquals(4, ready("q"));
    }

    @Test
    void aJumpForgetsWhatWasBeforeAndIsNoWork() {
        publish(1, 2);
        publish(1L << 40);
        publish((1L << 40) + 1, 1L << 41);
        assertEquals(5, ready("q"));
        publish(3);
        assertTrue(refusal().contains("too old"));
        node.restart();
        assertEquals("forgotten", receipt(2).outcome());
        assertEquals("stored", receipt(1L << 41).outcome());
        assertEquals(1, count(0x31), "blocks of what is too old are gone");
    }

    /** Nanoseconds, where a counter should be: all that the producer publishes afterwards would be too old. */
    @Test
    void aJumpThatMustBeAMistakeIsRefused() {
        publish(Terms.MOST_SEQ); // nothing is known of it
        assertEquals(1, ready("q"));
        publish(Q, Terms.named("other", 5));
        long far = 5 + (1L << 40) + 1;
        publish(Q, Terms.named("other", far), Terms.named("other", 6));
        assertTrue(refusal().contains("number " + far + " of producer 'other' is too far above its last one, 5"));
        assertEquals(3, ready("q"));
        Reply.Rejected no =
                assertInstanceOf(Reply.Rejected.class, node.apply(new VoidPublish("/", "other", far + 1, "", "")));
        assertEquals(406, no.code());
        assertTrue(no.text().contains("too far"), no.text());
        assertEquals(6, node.machine.receipts().producer("/", "other").last());
        assertInstanceOf(
                Reply.Rejected.class, commit(Terms.named("other", 7), Terms.named("other", far + 2)), "of its own");
        assertEquals(3, ready("q"));
        publish(Q, Terms.named("other", far)); // above 6 it is not
        assertEquals(4, ready("q"));
    }

    /** Records of a type. */
    private int count(int type) {
        node.commit();
        int[] n = {0};
        node.memory.scan(new byte[] {(byte) type}, (k, v) -> n[0]++);
        return n[0];
    }

    @Test
    void receiptsTellWhereAMessageIsByNow() {
        publish(1, 2, 3);
        assertEquals("q ready", places(2));
        Receipt r = receipt(3);
        assertTrue(r.isFinal());
        assertEquals(node.index, r.entry().index());
        assertEquals(1, r.entry().term());
        assertEquals(node.index, r.entry().time());
        Reply.Got got = get("q");
        assertEquals("q unacked", places(1));
        node.restart();
        assertEquals("q unacked", places(1));
        settle(got, Settle.Outcome.ACK);
        assertEquals("q acked", places(1));
        assertEquals("q ready", places(2));
        node.restart();
        assertEquals("q acked", places(1));
        assertEquals("q ready", places(3));
    }

    /** What left otherwise is told apart from what was acked, in whatever way it left, also after a restart. */
    @Test
    void onlyWhatWasAckedIsToldAsAcked() {
        publish(1, 2, 3, 4, 5, 6);
        settle(get("q"), Settle.Outcome.ACK);
        settle(get("q"), Settle.Outcome.DISCARD);
        Reply.Got third = get("q");
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertEquals("q unacked", places(3));
        settle(third, Settle.Outcome.ACK);
        node.declare("short", Map.of("x-max-length", 1L, "x-message-ttl", 1_000L));
        publish(new Route("/", "", "short"), name(7), name(8));
        pass(1_001);
        publish(new Route("/", "", "short"), name(9));
        settle(get("short"), Settle.Outcome.ACK);
        for (int i = 0; i < 2; i++) {
            List<String> told = LongStream.rangeClosed(1, 9)
                    .mapToObj(this::places)
                    .map(place -> place.substring(place.indexOf(' ') + 1))
                    .toList();
            assertEquals(List.of("acked", "gone", "acked", "gone", "gone", "gone", "gone", "gone", "acked"), told);
            node.restart();
        }
    }

    @Test
    void aFanOutTellsEachQueue() {
        node.declare("r");
        node.bind("amq.fanout", "q");
        node.bind("amq.fanout", "r");
        publish(new Route("/", "amq.fanout", ""), name(1), name(2));
        publish(Q, name(3));
        assertEquals("q ready, r ready", places(2));
        assertEquals("q ready", places(3));
        settle(get("r"), Settle.Outcome.ACK);
        settle(get("r"), Settle.Outcome.ACK);
        assertEquals("q ready, r acked", places(2));
    }

    @Test
    void aDeadLetterIsFoundWhereItWent() {
        node.declare("d");
        node.declare("w", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d"));
        publish(new Route("/", "", "w"), name(1), name(2));
        settle(get("w"), Settle.Outcome.DISCARD);
        pass(1);
        assertEquals("d ready from w rejected", places(1));
        assertEquals("w ready", places(2));
        node.restart();
        long d = node.machine.queueNumber("/", "d");
        long seq = get("d").delivery().firstSeq();
        assertEquals("d unacked from w rejected", places(1));
        node.apply(new Redrive(d, new long[] {seq, seq}, "q", "", "", ""));
        assertEquals("d unacked from w rejected", places(1), "what somebody has is not moved");
        settle(get("w"), Settle.Outcome.DISCARD);
        pass(1);
        node.apply(new Redrive(d, new long[] {seq + 1, seq + 1}, "q", "", "", ""));
        assertEquals("q ready from d redriven", places(2));
        publish(new Route("/", "", "w"), name(1), name(2));
        assertEquals(0, ready("w"), "both came before, wherever they are");
    }

    @Test
    void whatExpiresWithoutAWayIsGoneAndWithOneIsTold() {
        node.declare("w", Map.of("x-dead-letter-exchange", "nowhere"));
        node.apply(run(of(node.connection, 1), new Route("/", "", "w"), new Extension(List.of(), 0, 5).with(name(1))));
        assertEquals("w ready", places(1));
        pass(100);
        assertEquals("w expired", places(1));
        assertEquals("stored", receipt(1).outcome());
    }

    @Test
    void aScheduledMessageIsStoredAndThenInItsQueue() {
        Extension later = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "")).with(name(1));
        node.apply(run(of(node.connection, 1), Q, later));
        node.apply(run(of(node.connection, 1), Q, later));
        assertEquals("stored", receipt(1).outcome());
        assertEquals(" scheduled", places(1));
        pass(2_000);
        assertEquals(1, ready("q"));
        assertEquals("q ready", places(1));
    }

    private static Extension later(long delay, String id, long seq) {
        return new Extension(List.of(), 0, -1, false, new Extension.Later(delay, 0, id)).with(name(seq));
    }

    /** By hand, by another message, or by one that takes its place: also of the same run. */
    @Test
    void aScheduledMessageThatNeverComesTellsSo() {
        node.apply(run(Origins.NONE, Q, later(1_000, "a", 1), later(1_000, "b", 2), later(1_000, "c", 3)));
        assertEquals(" scheduled", places(1));
        assertEquals(Reply.OK, node.apply(new CallOff("/", "a", 0, 0)));
        node.apply(run(Origins.NONE, Q, later(2_000, "b", 4), later(1_000, "d", 5), later(2_000, "d", 6)));
        node.apply(run(Origins.NONE, Q, later(-1, "c", 7)));
        for (int i = 0; i < 2; i++) {
            assertEquals(" called_off", places(1));
            assertEquals(" replaced", places(2));
            assertEquals(" called_off", places(3));
            assertEquals(" scheduled", places(4));
            assertEquals(" replaced", places(5));
            assertEquals(" scheduled", places(6));
            assertEquals("q ready", places(7));
            assertEquals("stored", receipt(1).outcome());
            node.restart();
        }
        pass(3_000);
        assertEquals("q ready", places(4));
        assertEquals(" called_off", places(1));
    }

    /** Its copies may come to one queue: one that was there from the beginning, and one that died elsewhere. */
    @Test
    void bothCopiesInOneQueueAreTold() {
        node.declare("w", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "q"));
        node.bind("amq.fanout", "q");
        node.bind("amq.fanout", "w");
        publish(new Route("/", "amq.fanout", ""), name(1));
        settle(get("w"), Settle.Outcome.DISCARD);
        pass(1);
        assertEquals(2, ready("q"));
        assertEquals("q ready, q ready from w rejected", places(1));
        settle(get("q"), Settle.Outcome.ACK);
        node.restart();
        assertEquals("q acked, q ready from w rejected", places(1));
        assertEquals(2, receipt(1).queues());
    }

    @Test
    void whatCameWithoutAllOfItsBodyIsToldAsRefused() {
        byte[] more = with(name(1)).encode();
        ByteWriter w = new ByteWriter(64);
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, more.length, 2, MessageRecord.EXTERNAL_LENGTH);
        w.raw(more, 0, more.length).uint16(0).int64(1).int64(0).int64(200);
        node.apply(new Publish(List.of(Q), w.array(), 0, w.size(), 0, Origins.NONE));
        assertTrue(refusal().contains("bod"));
        assertEquals("refused", receipt(1).outcome());
        node.restart();
        assertEquals("refused 506", receipt(1).outcome() + " " + receipt(1).code());
        publish(1);
        assertEquals("stored", receipt(1).outcome());
    }

    @Test
    void whatIsRefusedOrReachesNoQueueMayComeAgain() {
        node.declare("full", Map.of("x-max-length", 1L, "x-overflow", "reject-publish"));
        Route full = new Route("/", "", "full");
        publish(full, name(1), name(2));
        assertTrue(refusal().contains("has no room"));
        assertEquals("refused", receipt(2).outcome());
        assertEquals(506, receipt(2).code());
        assertFalse(receipt(2).isFinal());
        settle(get("full"), Settle.Outcome.ACK);
        node.restart();
        assertEquals("refused", receipt(2).outcome());
        publish(full, name(2));
        assertEquals("stored", receipt(2).outcome());
        assertEquals("full ready", places(2));

        publish(new Route("/", "", "none"), name(3));
        assertEquals("unroutable", receipt(3).outcome());
        assertFalse(receipt(3).isFinal());
        publish(Q, name(3));
        assertEquals("q ready", places(3));
    }

    @Test
    void whatIsMadeVoidNeverComes() {
        publish(1);
        assertEquals(Reply.OK, node.apply(new VoidPublish("/", "p", 2, "", "")));
        assertEquals("void", receipt(2).outcome());
        assertTrue(receipt(2).isFinal());
        publish(2);
        assertTrue(refusal().contains("number 2 of producer 'p' was made void"));
        assertEquals(1, ready("q"));
        assertEquals(Reply.OK, node.apply(new VoidPublish("/", "p", 2, "", "")), "again is the same");
        Reply.Rejected stored =
                assertInstanceOf(Reply.Rejected.class, node.apply(new VoidPublish("/", "p", 1, "", "")));
        assertTrue(stored.text().contains("came before: it is stored"));
        node.restart();
        publish(2);
        assertTrue(refusal().contains("void"));
        assertEquals(
                Reply.OK, node.apply(new VoidPublish("/", "other", 7, "", "")), "of a producer that never published");
        publish(Q, Terms.named("other", 7));
        assertTrue(refusal().contains("void"));
    }

    @Test
    void belowTheirLevelThereAreNone() {
        OneNode older = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        older.raise(VoidPublish.LEVEL - 1);
        for (Reply r : List.of(
                older.apply(new VoidPublish("/", "p", 1, "", "")), older.apply(new FenceProducer("/", "p", "", "")))) {
            String text = assertInstanceOf(Reply.Rejected.class, r).text();
            assertTrue(text.startsWith("producers are known in clusters of level 5, and this one is of level 4"), text);
        }
        assertEquals(0, older.machine.receipts().count());
    }

    private ConnectionId open(long number, Map<String, Object> properties) {
        ConnectionId id = new ConnectionId("n1", number);
        ConnectionInfo i = OneNode.info();
        ConnectionInfo own = new ConnectionInfo(
                i.name(),
                i.vhost(),
                i.user(),
                i.peer(),
                i.local(),
                i.negotiated(),
                new Arguments(new java.util.TreeMap<>(properties)));
        assertEquals(Reply.OK, node.apply(new OpenConnection(id, own)));
        return id;
    }

    @Test
    void whoTakesAProducersPlaceEndsThoseBefore() {
        final ConnectionId first = open(2, Map.of());
        final ConnectionId idle = open(3, Map.of());
        node.apply(run(of(first, 1), Q, with(name(1))));
        assertEquals(1, ready("q"));
        assertEquals(new Reply.Fenced(1), node.apply(new FenceProducer("/", "p", "", "")));
        assertEquals(1, node.forced.size());
        assertTrue(node.forced.get(0).startsWith("n1:2 another connection took the place of producer 'p' (epoch 1)"));
        for (ConnectionId older : List.of(first, idle)) {
            node.apply(run(of(older, 2), Q, with(name(2)), with(Terms.named("q", 1))));
            assertTrue(refusal().contains("another connection took the place of producer 'p'"), "" + older);
        }
        node.restart();
        final ConnectionId second = open(4, Map.of());
        node.apply(run(of(second, 1), Q, with(name(2))));
        assertEquals("stored", receipt(2).outcome());
        final ConnectionId third = open(5, Map.of("producer_id", "p"));
        assertTrue(node.forced.get(1).startsWith("n1:4 "));
        node.apply(run(of(second, 1), Q, with(name(3))));
        assertTrue(refusal().contains("epoch 2"));
        node.apply(run(of(third, 1), Q, with(name(3))));
        assertEquals("stored", receipt(3).outcome());
        assertEquals(2, receipt(3).epoch());
        open(6, Map.of("producer_id", "p"));
        assertTrue(node.forced.get(2).startsWith("n1:5 "));
    }

    private Reply.Rejected notOpened(Map<String, Object> properties) {
        ConnectionInfo i = OneNode.info();
        Arguments own = new Arguments(new java.util.TreeMap<>(properties));
        ConnectionInfo info =
                new ConnectionInfo(i.name(), i.vhost(), i.user(), i.peer(), i.local(), i.negotiated(), own);
        Reply r = node.apply(new OpenConnection(new ConnectionId("n1", 9), info));
        return assertInstanceOf(Reply.Rejected.class, r);
    }

    @Test
    void aClaimOfNoProducerIsRefused() {
        for (Object wrong : List.of(7L, "", "x".repeat(256))) {
            assertTrue(notOpened(Map.of("producer_id", wrong)).text().contains("1 to 255 bytes expected"));
        }
        assertTrue(notOpened(Map.of("producer_epoch", 1L)).text().contains("producer_id"));
        for (Object wrong : List.of("1", -1L, Long.MAX_VALUE)) {
            String text = notOpened(Map.of("producer_id", "p", "producer_epoch", wrong))
                    .text();
            assertEquals("client property 'producer_epoch': an integer from 0 to 2^62 expected", text);
        }
    }

    /** Who connects again is younger than the fence: only what epoch he says he is of keeps him out. */
    @Test
    void whoSaysWhatEpochHeIsOfIsFencedHoweverYoungHisConnectionIs() {
        publish(Q, name(1).of(0));
        assertEquals(new Reply.Fenced(1), node.apply(new FenceProducer("/", "p", "", "")));
        final ConnectionId again = open(2, Map.of());
        node.apply(run(of(again, 1), Q, with(name(2).of(0))));
        assertTrue(refusal().contains("(epoch 1): a publish of epoch 0 may not publish as it any more"));
        assertEquals("unseen", receipt(2).outcome());
        node.apply(run(Origins.NONE, Q, with(name(2).of(0)))); // by HTTP
        assertTrue(refusal().contains("a publish of epoch 0"));
        node.apply(run(of(again, 2), Q, with(name(2).of(1)), with(name(3))));
        node.apply(run(of(node.connection, 1), Q, with(name(4).of(1)))); // it is older than the fence
        node.apply(run(of(node.connection, 1), Q, with(name(5))));
        assertTrue(refusal().contains("this one may not"));
        node.restart();
        assertEquals(4, ready("q"));
        node.apply(new FenceProducer("/", "p", "", ""));
        assertFalse(commit(name(6).of(1)) instanceof Reply.Ok);
        assertEquals(Reply.OK, commit(name(6).of(2)));
    }

    /** A client that connects again by itself does so with the same properties. */
    @Test
    void aConnectionSaysOfWhatEpochItIs() {
        open(2, Map.of("producer_id", "p", "producer_epoch", 0L)); // nothing is known of it
        assertEquals(0, node.machine.receipts().count());
        assertEquals(new Reply.Fenced(1), node.apply(new FenceProducer("/", "p", "", "")));
        final Map<String, Object> first = Map.of("producer_id", "p", "producer_epoch", 1L);
        final ConnectionId old = open(3, first);
        assertEquals(1, receipt(1).epoch(), "it takes no place");
        node.apply(run(of(old, 1), Q, with(name(1))));
        assertEquals(new Reply.Fenced(2), node.apply(new FenceProducer("/", "p", "", "")));
        assertTrue(node.forced.get(0).startsWith("n1:3 "));
        node.apply(run(of(old, 2), Q, with(name(2)), with(Terms.named("other", 1))));
        assertTrue(refusal().contains("a publish of epoch 1"));
        Reply.Rejected late = notOpened(first);
        assertEquals(530, late.code());
        assertEquals(Reply.Reason.FENCED, late.reason());
        assertTrue(late.text().contains("(epoch 2): one of epoch 1"), late.text());
        node.apply(run(of(open(4, Map.of("producer_id", "p", "producer_epoch", 2L)), 1), Q, with(name(2))));
        assertEquals("stored", receipt(2).outcome());
    }

    @Test
    void ofManyGapsTheFirstAreTold() {
        for (long seq = 0; seq <= 200; seq += 2) {
            publish(seq);
        }
        assertEquals(100, node.machine.receipts().producer("/", "p").gaps().size());
        assertFalse(node.machine.receipts().producer("/", "p").moreGaps());
        publish(202);
        Receipt.ProducerView p = node.machine.receipts().producer("/", "p");
        assertEquals(100, p.gaps().size());
        assertTrue(p.moreGaps());
        assertEquals(true, ReceiptFields.of(p).get("more_gaps"));
    }

    /** A name whose last part is a number: the producer of the whole name goes before a publish of the other one. */
    @Test
    void whatIsAskedForDependsOnWhoIsKnown() {
        assertEquals(new ReceiptName("app", 7), node.machine.receipts().named("/", "amq.receipt.app.7"));
        publish(Q, Terms.named("app", 7));
        assertEquals(new ReceiptName("app", 7), node.machine.receipts().named("/", "amq.receipt.app.7"));
        publish(Q, Terms.named("app.7", 1));
        assertEquals(new ReceiptName("app.7", -1), node.machine.receipts().named("/", "amq.receipt.app.7"));
        assertEquals(new ReceiptName("app.7", 1), node.machine.receipts().named("/", "amq.receipt.app.7.1"));
        assertEquals(new ReceiptName("app", 7), node.machine.receipts().named("other", "amq.receipt.app.7"));
    }

    @Test
    void conditionsAreKept() {
        publish(Q, new Terms("p", 1, 0, -1));
        publish(Q, new Terms("p", 2, 0, -1));
        assertEquals("the last number of producer 'p' is 1, and x-expect-last is 0", refusal());
        publish(Q, new Terms("p", 2, 1, -1), new Terms("p", 3, 2, -1));
        assertEquals(3, ready("q"));
        publish(Q, new Terms("", 0, -1, 4), new Terms("", 0, -1, 4));
        assertTrue(refusal().contains("has 4 messages ready, and x-expect-queue-length-below is 4"));
        assertEquals(4, ready("q"));
        publish(Q, new Terms("p", 3, 0, 0));
        assertTrue(node.refused.isEmpty(), "it came before: its conditions do not matter");
    }

    private Reply commit(Terms... terms) {
        Extension[] all = new Extension[terms.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = with(terms[i]);
        }
        return node.apply(
                new CommitTx(node.connection, ++channel, List.of(), run(of(node.connection, all.length), Q, all)));
    }

    @Test
    void aTransactionIsThereOnceOrNotAtAll() {
        assertEquals(Reply.OK, commit(name(1), name(2)));
        assertEquals(2, ready("q"));
        assertEquals("0 0", duplicates(1, 2));
        assertEquals(Reply.OK, commit(name(1), name(2)));
        assertEquals("1 1", duplicates(1, 2));
        assertEquals(2, ready("q"));
        Reply.Rejected some = assertInstanceOf(Reply.Rejected.class, commit(name(2), name(3)));
        assertEquals(406, some.code());
        assertTrue(some.text().startsWith("1 of the transaction's 2 publishes came before"), some.text());
        assertEquals(2, ready("q"));
        assertEquals("unseen", receipt(3).outcome());
        assertEquals("1 1 0", duplicates(1, 2, 3), "nothing of it was done");
    }

    @Test
    void aTransactionWithOneNameTwiceOrWithOthersIsRefused() {
        assertInstanceOf(Reply.Rejected.class, commit(name(7), name(7)));
        assertEquals(0, ready("q"));
    }

    @Test
    void aTransactionsConditionsBuildOnEachOther() {
        assertEquals(Reply.OK, commit(new Terms("p", 1, 0, -1), new Terms("p", 2, 1, -1)));
        assertEquals(2, ready("q"));
    }

    @Test
    void aTransactionWhoseOwnPublishesMakeAnotherTooOldIsRefused() {
        Reply.Rejected old = assertInstanceOf(Reply.Rejected.class, commit(name(10_000), name(1)));
        assertTrue(old.text().contains("too old"), old.text());
        assertEquals(0, ready("q"));
        assertEquals(Reply.OK, commit(name(1), name(10_000)));
        assertEquals(2, ready("q"));
    }

    /** More than the window takes comes at once: of what is left of it all is known. */
    @Test
    void oneEntryMayBringMoreThanTheWindowTakes() {
        Terms[] many =
                LongStream.rangeClosed(1, 5_000).mapToObj(ReceiptsTest::name).toArray(Terms[]::new);
        publish(Q, many);
        assertEquals(5_000, ready("q"));
        assertEquals("forgotten", receipt(904).outcome());
        assertEquals("q ready", places(905));
        assertEquals("q ready", places(2_000));
        node.restart();
        assertEquals("q ready", places(5_000));
    }

    @Test
    void whatWasNotedAheadGoesWithTheRest() {
        Route none = new Route("/", "", "none");
        for (long seq = 0; seq <= WINDOW; seq += 64) {
            publish(none, name(seq));
        }
        assertEquals(WINDOW / 64 + 1, count(0x31));
        publish(1_000_000);
        pass(1);
        assertEquals(1, count(0x31));
        assertEquals(0, count(0x33));
        pass(ProducerLimits.RETENTION + 1);
        assertEquals(0, count(0x31) + count(0x30) + count(0x33));
    }

    /** What many jumps leave behind is no more than what they bring, and what one producer leaves goes by and by. */
    @Test
    void jumpsAreNoWork() {
        long[] jumps = LongStream.range(0, 2_000).map(n -> n * 10_000).toArray();
        publish(jumps);
        assertEquals(jumps.length, ready("q"));
        assertEquals(1, count(0x31));
        for (long seq = 1; seq <= WINDOW; seq += 32) {
            publish(Q, Terms.named("other", seq));
        }
        node.commit();
        publish(Q, Terms.named("other", 1L << 40));
        assertTrue(node.machine.owes() || count(0x33) == 0);
        node.restart();
        pass(1);
        assertFalse(node.machine.owes());
        assertEquals(2, count(0x31));
    }

    @Test
    void aFanOutToManyQueuesIsToldOfTheFirstOnes() {
        for (int i = 0; i < 100; i++) {
            node.declare("f" + i);
            node.bind("amq.fanout", "f" + i);
        }
        publish(new Route("/", "amq.fanout", ""), name(1));
        assertEquals(100, receipt(1).queues());
        assertEquals(32, receipt(1).places().size());
    }

    @Test
    void whoWasOpenedBeforeAFenceOfTheSameEntryIsOlder() {
        ConnectionId early = new ConnectionId("n1", 2);
        node.begin();
        node.machine.apply(new OpenConnection(early, OneNode.info()), node);
        node.machine.apply(new FenceProducer("/", "p", "", ""), node);
        node.end();
        node.apply(run(of(early, 1), Q, with(name(1))));
        assertTrue(refusal().contains("took the place"));
    }

    /** Batches of one entry are applied one by one, and a reader comes in between: it does not know all of that entry yet. */
    @Test
    void whoAsksWithinAnEntryKnowsAllOfTheOneBefore() {
        publish(1);
        long before = receipt(1).askedAt();
        node.begin();
        assertEquals("unseen", receipt(2).outcome());
        assertEquals(before, receipt(2).askedAt());
        assertEquals(before, node.machine.appliedIndex());
        node.machine.apply(new VoidPublish("/", "p", 2, "", ""), node);
        node.end();
        assertEquals("void", receipt(2).outcome());
        assertEquals(before + 1, receipt(2).askedAt());
        assertEquals(before + 1, receipt(2).entry().index());
    }

    @Test
    void producersOfAnotherVhostAreOthers() {
        publish(1);
        assertEquals("unseen", node.machine.receipts().receipt("other", "p", 1).outcome());
        assertNull(node.machine.receipts().producer("other", "p"));
    }

    @Test
    void whoIsNotSeenForLongIsForgottenAndThatIsTold() {
        publish(1, 2);
        long used = node.machine.clock();
        pass(ProducerLimits.RETENTION / 2);
        publish(Q, Terms.named("young", 1));
        assertEquals("stored", receipt(1).outcome());
        pass(ProducerLimits.RETENTION / 2 + 10);
        assertEquals("forgotten", receipt(1).outcome());
        assertEquals(used, receipt(1).forgottenUntil());
        assertEquals(1, node.machine.receipts().count());
        assertEquals(1, count(0x30));
        assertEquals(1, count(0x31));
        node.restart();
        assertEquals(used, receipt(1).forgottenUntil());
    }

    @Test
    void whoIsNewWhereNobodyWasForgottenIsKnownFromZeroOn() {
        publish(6, 5);
        assertTrue(node.refused.isEmpty());
        assertEquals(Reply.OK, commit(name(4), name(3)));
        assertEquals("unseen", receipt(1).outcome());
        assertEquals(4, ready("q"));
    }

    @Test
    void manyEntriesOfManyProducersComeBackAsTheyWere() {
        java.util.Random r = new java.util.Random(7);
        List<String> stored = new ArrayList<>();
        for (int n = 0; n < 400; n++) {
            String p = "p" + r.nextInt(5);
            long seq = n / 3 + r.nextInt(20);
            int k = 1 + r.nextInt(4);
            Terms[] all = new Terms[k];
            for (int i = 0; i < k; i++) {
                all[i] = Terms.named(p, seq + i);
                String key = p + ":" + (seq + i);
                if (!stored.contains(key)) {
                    stored.add(key);
                }
            }
            publish(Q, all);
            if (n % 7 == 0) {
                node.restart();
            }
        }
        assertEquals(stored.size(), ready("q"));
        for (String s : stored) {
            String[] at = s.split(":");
            Receipt told = node.machine.receipts().receipt("/", at[0], Long.parseLong(at[1]));
            assertEquals("stored", told.outcome(), s);
            assertEquals("ready", told.places().get(0).state());
        }
    }
}
