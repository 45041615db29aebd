package io.tallymq.broker;

import static io.tallymq.broker.IdMessages.all;
import static io.tallymq.broker.IdMessages.message;
import static io.tallymq.broker.IdMessages.messageId;
import static io.tallymq.broker.IdMessages.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.IdMessages.Message;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.VoidId;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.Foreseen;
import io.tallymq.broker.view.IdReceipt;
import io.tallymq.store.MemoryStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishes to exchanges that remember ids: policy dedup-id. */
class IdsTest {
    private static final Route X = new Route("/", "x", "");
    private static final long WINDOW = 600_000;

    private OneNode node;
    /** A refused transaction ends its channel. */
    private int channel = 10;

    @BeforeEach
    void start() {
        start(MachineLimits.FORMAT_1);
    }

    private void start(MachineLimits limits) {
        start(new MemoryStore(), limits);
    }

    private void start(MessageStore store, MachineLimits limits) {
        node = new OneNode(store, limits);
        node.raise(VoidPublish.LEVEL);
        declare("x");
        node.declare("q");
        node.bind("x", "q");
        set(Map.of("dedup-id", "message-id"));
    }

    private void declare(String exchange) {
        ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", exchange, fanout, false)));
    }

    private void set(Map<String, Object> definition) {
        assertInstanceOf(Reply.PolicySet.class, node.apply(policy("^x", definition)));
    }

    private void publish(Message... messages) {
        node.apply(IdMessages.run(node.connection, X, Arrays.asList(messages)));
    }

    private void publish(String... ids) {
        publish(all(ids).toArray(Message[]::new));
    }

    private static Message header(Object value) {
        return new Message(RawProperties.headers(Map.of("order", value)), Extension.NONE, 0);
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    private IdReceipt receipt(String id) {
        return node.machine.ids().receipt("/", "x", id);
    }

    private String outcome(String id) {
        return receipt(id).outcome();
    }

    private String places(String id) {
        return receipt(id).places().stream()
                .map(p -> p.queue() + " " + p.state() + (p.from().isEmpty() ? "" : " from " + p.from() + " " + p.why()))
                .collect(Collectors.joining(", "));
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

    /** With an entry now and then, as there are while there is a cluster. */
    private void pass(long millis) {
        for (long left = millis; left > 0; left -= 9_000) {
            node.passed += Math.min(left, 9_000);
            node.apply(new Probe(false));
        }
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
    }

    /** Records of a type. */
    private int count(byte type) {
        node.commit();
        int[] n = {0};
        node.memory.scan(Keys.of(type), (k, v) -> n[0]++);
        return n[0];
    }

    private int stored() {
        return count(Keys.ID_CHANGES) + count(Keys.ID_BLOCK) + count(Keys.IDS);
    }

    @Test
    void whatComesAgainIsStoredOnceAndConfirmed() {
        publish("a", "b", "a");
        publish("b", "c");
        assertEquals(3, ready("q"));
        assertTrue(node.refused.isEmpty() && node.unroutable.isEmpty());
        node.restart();
        publish("a", "c", "d");
        publish("d", "d", "e");
        assertEquals(5, ready("q"));
        assertEquals(2, receipt("a").duplicates());
        assertEquals(5, node.machine.ids().count());
    }

    @Test
    void withoutAnIdItIsJustPublished() {
        publish((String) null, "", null, "");
        assertEquals(4, ready("q"));
        assertEquals(0, node.machine.ids().count());
        assertEquals("unseen", outcome(""));
    }

    @Test
    void otherExchangesAreNotLookedAt() {
        declare("y");
        node.bind("y", "q");
        for (String exchange : List.of("y", "")) {
            node.apply(IdMessages.run(node.connection, new Route("/", exchange, "q"), all("a", "a")));
        }
        assertEquals(4, ready("q"));
        assertNull(node.machine.ids().receipt("/", "y", "a"));
        assertNull(node.machine.ids().receipt("/", "", "a"));
        assertNull(node.machine.ids().receipt("/", "none", "a"));
        assertNull(node.machine.ids().receipt("other", "x", "a"));
        declare("x2");
        publish("a");
        node.apply(IdMessages.run(node.connection, new Route("/", "x2", ""), all("a")));
        assertEquals("stored", outcome("a"));
        assertEquals("unseen", node.machine.ids().receipt("/", "x2", "a").outcome(), "it reached no queue there");
    }

    @Test
    void receiptsTellWhereAMessageIsByNow() {
        node.declare("r");
        node.bind("x", "r");
        publish("a", "b");
        long index = node.index;
        assertEquals("q ready, r ready", places("b"));
        assertEquals(index, receipt("b").entry().index());
        assertEquals(index, receipt("b").entry().time());
        assertTrue(receipt("b").isFinal());
        assertEquals(2, receipt("b").queues());
        settle(get("r"), Settle.Outcome.ACK);
        Reply.Got got = get("q");
        assertEquals("q unacked, r acked", places("a"));
        node.restart();
        assertEquals("q unacked, r acked", places("a"));
        assertEquals("q ready, r ready", places("b"));
        settle(got, Settle.Outcome.ACK);
        publish("a");
        assertEquals("q acked, r acked", places("a"), "an ack does not make it forget");
        assertEquals(1, ready("q"));
        assertEquals("unseen", outcome("c"));
        assertFalse(receipt("c").isFinal());
        assertNull(receipt("c").entry());
    }

    @Test
    void afterItsWindowAnIdMayComeAgainAndThatIsTold() {
        set(Map.of("dedup-id", "message-id", "dedup-window", 1_000L));
        publish("a");
        long came = node.machine.clock();
        node.passed += 500;
        publish("a", "b");
        assertEquals(2, ready("q"));
        assertTrue(receipt("a").knownBehind() < came);
        node.passed += 498; // the publish itself takes one
        publish("c");
        assertEquals(came + 1_000, node.machine.clock() + 0);
        assertEquals("unseen", outcome("a"));
        assertTrue(receipt("a").knownBehind() >= came, "whether it came then is not known any more");
        assertEquals("stored", outcome("b"));
        publish("a");
        assertEquals(4, ready("q"));
        assertEquals("stored", outcome("a"));
        node.restart();
        pass(2_000);
        assertEquals(0, node.machine.ids().count());
        assertEquals(1, stored(), "what is over is taken out");
        assertEquals("unseen", outcome("b"));
    }

    @Test
    void whatComesAgainWhenItIsOverIsNotTakenOutWithWhatItWas() {
        set(Map.of("dedup-id", "message-id", "dedup-window", 1_000L));
        publish("a", "b", "c");
        node.passed += 2_000;
        node.begin();
        node.machine.apply(
                IdMessages.run(node.connection, X, all("c", "b", "a")), node); // each takes two out where it comes
        node.end();
        assertEquals(6, ready("q"));
        for (String id : List.of("a", "b", "c")) {
            assertEquals("stored", outcome(id));
        }
        node.restart();
        publish("a", "b", "c");
        assertEquals(6, ready("q"));
        assertEquals(3, node.machine.ids().count());
        pass(2_000);
        assertEquals(1, stored());
    }

    @Test
    void theOldestGoWhenThereAreTooMany() {
        set(Map.of("dedup-id", "message-id", "dedup-max", 3L));
        publish("a", "b", "c");
        publish("d");
        assertEquals(3, node.machine.ids().count());
        long a = node.index - 1;
        assertEquals(a, receipt("a").knownBehind(), "ids that came later than the one that went are known");
        assertEquals("unseen", outcome("a"));
        assertEquals("stored", outcome("b"));
        publish("b", "a");
        assertEquals(5, ready("q"));
        assertEquals("unseen", outcome("b"));
        set(Map.of("dedup-id", "message-id", "dedup-max", 1L));
        pass(1);
        assertEquals(1, node.machine.ids().count());
        assertEquals("stored", outcome("a"));
        node.restart();
        publish("d", "a");
        assertEquals(7, ready("q"), "d went, and then a for it");
    }

    /** More than a block, more than an entry takes out, across restarts. */
    @Test
    void manyGoInPieces() {
        set(Map.of("dedup-id", "message-id", "dedup-window", 1_000L));
        for (int n = 0; n < 50; n++) {
            int first = 100 * n;
            publish(IntStream.range(first, first + 100).mapToObj(i -> "id" + i).toArray(String[]::new));
            if (n % 7 == 0) {
                node.restart();
            }
        }
        assertEquals(5_000, node.machine.ids().count());
        assertEquals(79, count(Keys.ID_BLOCK));
        node.passed += 2_000;
        node.apply(new Probe(false));
        long left = node.machine.ids().count();
        assertTrue(left > 0 && left < 5_000, "some per entry: " + left);
        assertTrue(node.machine.owes());
        node.restart();
        pass(1);
        assertEquals(0, node.machine.ids().count());
        assertEquals(1, stored());
    }

    @Test
    void withoutThePolicyIdsGoInPieces() {
        publish(IntStream.range(0, 3_000).mapToObj(i -> "id" + i).toArray(String[]::new));
        assertEquals(Reply.OK, node.apply(new ClearPolicy("/", "ids", false)));
        assertNull(receipt("id1"));
        assertEquals(0, node.machine.ids().count());
        assertTrue(node.machine.owes());
        set(Map.of("dedup-id", "message-id"));
        node.restart();
        publish("id1", "id1");
        assertEquals(3_001, ready("q"), "what was forgotten may come again");
        pass(1);
        assertFalse(node.machine.owes());
        assertEquals(2, stored());
        assertEquals("stored", outcome("id1"));
        node.apply(new DeleteExchange("/", "x", false));
        pass(1);
        assertEquals(0, stored());
        declare("x");
        node.bind("x", "q");
        publish("id1");
        assertEquals(3_002, ready("q"));
        assertEquals("stored", outcome("id1"));
    }

    @Test
    void anotherKindOfIdBeginsAnewAndAnotherWindowDoesNot() {
        publish("a");
        set(Map.of("dedup-id", "message-id", "dedup-window", 5_000L));
        publish("a");
        assertEquals(1, ready("q"));
        set(Map.of("dedup-id", "header:order", "dedup-window", 5_000L));
        publish("a", "a");
        assertEquals(3, ready("q"), "the property plays no role");
        publish(header("7"), header("7"), header(7L), header("8"));
        assertEquals(5, ready("q"), "an integer is as it is written");
        assertEquals("stored", outcome("7"));
        assertEquals("unseen", outcome("a"));
    }

    @Test
    void aHeaderThatIsNoIdIsRefused() {
        set(Map.of("dedup-id", "header:order"));
        for (Object wrong : List.of(true, 1.5, Map.of(), List.of(), "x".repeat(256), new byte[] {1}, "\uFFFD")) {
            node.apply(IdMessages.run(node.connection, X, List.of(header(wrong))));
            String text = refusal();
            assertTrue(text.startsWith("header 'order' is the id of a publish to exchange 'x' in vhost '/'"), text);
            node.apply(new CloseChannel(node.connection, 1, List.of()));
        }
        assertEquals(0, ready("q"));
        publish(header("x".repeat(255)), header(""));
        assertEquals(2, ready("q"));
    }

    @Test
    void whatIsRefusedOrReachesNoQueueMayComeAgain() {
        node.declare("full", Map.of("x-max-length", 1L, "x-overflow", "reject-publish"));
        node.bind("x", "full");
        publish("a", "b", "b");
        assertEquals(2, node.refused.size());
        node.forget();
        assertEquals("unseen", outcome("b"));
        settle(get("full"), Settle.Outcome.ACK);
        node.restart();
        publish("b");
        assertEquals("q ready, full ready", places("b"));

        declare("x2");
        Route x2 = new Route("/", "x2", "");
        node.apply(IdMessages.run(node.connection, x2, all("a", "a")));
        node.bind("x2", "q");
        node.apply(IdMessages.run(node.connection, x2, all("a", "a")));
        assertEquals(3, ready("q"));
    }

    private Foreseen foresee(Message m) {
        Publish p = IdMessages.run(node.connection, X, List.of(m));
        return node.machine.foresee(X, Arrays.copyOf(p.bytes(), p.end()));
    }

    @Test
    void whatWouldBeADuplicateIsForetoldAndNothingChanges() {
        publish("a");
        long digest = node.machine.digest();
        assertTrue(foresee(message("a")).duplicate());
        assertFalse(foresee(message("b")).duplicate());
        assertFalse(foresee(message("b")).duplicate());
        assertEquals(digest, node.machine.digest());
        assertEquals(0, receipt("a").duplicates());
        set(Map.of("dedup-id", "header:order"));
        assertTrue(foresee(header(true)).refusal().contains("is the id of a publish"));
    }

    @Test
    void aDuplicateIsConfirmedWhereverItWouldGoNow() {
        publish("a");
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        publish("a");
        assertTrue(node.refused.isEmpty() && node.unroutable.isEmpty());
        assertEquals("q deleted", places("a"));
    }

    @Test
    void deadLettersAndMovedMessagesAreNotLookedAtAgainAndAreFound() {
        node.declare("w", Map.of("x-dead-letter-exchange", "x2"));
        declare("x2");
        node.bind("x2", "q");
        declare("x3");
        node.bind("x3", "w");
        Route x3 = new Route("/", "x3", "");
        node.apply(IdMessages.run(node.connection, new Route("/", "x2", ""), all("a")));
        node.apply(IdMessages.run(node.connection, x3, all("a", "b")));
        settle(get("w"), Settle.Outcome.DISCARD);
        node.restart();
        pass(1);
        assertEquals(2, ready("q"), "x2 has seen such an id, and takes the dead letter");
        IdReceipt r = node.machine.ids().receipt("/", "x3", "a");
        assertEquals(
                "[Place[queue=q, state=ready, from=w, why=rejected]]",
                r.places().toString());
        assertEquals(
                "[Place[queue=q, state=ready, from=, why=]]",
                node.machine.ids().receipt("/", "x2", "a").places().toString());
        node.restart();
        long q = node.machine.queueNumber("/", "q");
        long seq = get("q").delivery().firstSeq() + 1;
        node.declare("s");
        node.apply(new Redrive(q, new long[] {seq, seq}, "s", "", "", ""));
        r = node.machine.ids().receipt("/", "x3", "a");
        assertEquals(
                "[Place[queue=s, state=ready, from=q, why=redriven]]",
                r.places().toString());
        long w = node.machine.queueNumber("/", "w");
        node.apply(new Redrive(w, new long[] {0, 100}, "s", "", "", ""));
        r = node.machine.ids().receipt("/", "x3", "b");
        assertEquals(
                "[Place[queue=s, state=ready, from=w, why=redriven]]",
                r.places().toString());
        node.apply(IdMessages.run(node.connection, x3, all("a", "b")));
        assertEquals(0, ready("w"));
        node.restart();
    }

    @Test
    void aScheduledMessageIsStoredAndThenInItsQueue() {
        Extension later = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, ""));
        publish(message("a").with(later), message("a").with(later), message("b").with(later));
        publish("a");
        assertEquals("stored", outcome("a"));
        assertEquals(" scheduled", places("a"));
        assertEquals(0, ready("q"));
        node.restart();
        pass(2_000);
        assertEquals(2, ready("q"));
        assertEquals("q ready", places("a"));
        publish(message("b").with(later), message("c").with(later));
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        pass(2_000);
        assertEquals(" unroutable", places("c"));
        assertEquals("stored", outcome("c"));
    }

    /** Of two scheduled messages with one id, of which the first was forgotten, it is told where the second is. */
    @Test
    void aScheduledMessageOfAnIdThatCameAgainIsAnother() {
        set(Map.of("dedup-id", "message-id", "dedup-window", 100L));
        Extension soon = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, ""));
        Extension late = new Extension(List.of(), 0, -1, false, new Extension.Later(5_000, 0, ""));
        publish(message("a").with(soon));
        pass(950);
        publish(message("a").with(late));
        pass(90);
        assertEquals(1, ready("q"));
        assertEquals("stored", outcome("a"));
        assertEquals(" scheduled", places("a"), "it still waits");
    }

    @Test
    void aScheduledMessageThatNeverComesTellsSo() {
        Extension one = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "one"));
        Extension other = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "other"));
        publish(message("a").with(one), message("b").with(one), message("c").with(other));
        node.apply(new CallOff("/", "other", 0, 0));
        assertEquals(" replaced", places("a"));
        assertEquals(" scheduled", places("b"));
        node.restart();
        assertEquals(" called_off", places("c"));
        pass(2_000);
        assertEquals("q ready", places("b"));
        assertEquals(" replaced", places("a"));
    }

    private Reply commit(Message... messages) {
        return node.apply(new CommitTx(
                node.connection, ++channel, List.of(), IdMessages.run(node.connection, X, Arrays.asList(messages))));
    }

    @Test
    void aTransactionIsThereOnceOrNotAtAll() {
        assertEquals(Reply.OK, commit(message("a"), message("b")));
        assertEquals(Reply.OK, commit(message("a"), message("b")));
        assertEquals(2, ready("q"));
        Reply.Rejected some = assertInstanceOf(Reply.Rejected.class, commit(message("b"), message("c")));
        assertEquals(406, some.code());
        assertTrue(some.text().startsWith("1 of the transaction's 2 publishes came before, by their names or ids"));
        assertInstanceOf(Reply.Rejected.class, commit(message("a"), message(null)));
        assertInstanceOf(Reply.Rejected.class, commit(message("c"), message("c")), "one id twice");
        assertEquals("unseen", outcome("c"));
        assertEquals(Reply.OK, commit(message("c"), message(null)));
        assertEquals(4, ready("q"));
        assertEquals("q ready", places("c"));
        set(Map.of("dedup-id", "header:order"));
        assertInstanceOf(Reply.Rejected.class, commit(header("1"), header(true)));
        assertEquals("unseen", outcome("1"));
        assertEquals(4, ready("q"));
    }

    @Test
    void aTransactionWhosePublishesAllCameSettles() {
        publish("a");
        Reply.Got got = get("q");
        long seq = got.delivery().firstSeq();
        List<Settle> acks = List.of(new Settle(got.holder(), Settle.Outcome.ACK, new long[] {seq, seq}));
        Publish again = IdMessages.run(node.connection, X, all("a"));
        assertEquals(Reply.OK, node.apply(new CommitTx(node.connection, 9, acks, again)));
        assertEquals("q acked", places("a"));
        assertEquals(0, ready("q"));
    }

    @Test
    void nameAndIdCountBothAndTheNameIsFirst() {
        publish(named("a", 1));
        publish(named("a", 2));
        assertEquals(1, ready("q"));
        assertEquals("duplicate", node.machine.receipts().receipt("/", "p", 2).outcome());
        publish(named("b", 1));
        assertEquals(1, ready("q"));
        assertEquals("unseen", outcome("b"), "its name came before: nobody looks at its id");
        assertEquals(1, receipt("a").duplicates());
        assertEquals(Reply.OK, commit(named("a", 3), named("z", 1)));
        assertEquals("duplicate", node.machine.receipts().receipt("/", "p", 3).outcome());
        assertInstanceOf(Reply.Rejected.class, commit(named("a", 4), named("c", 5)));
        assertEquals("unseen", node.machine.receipts().receipt("/", "p", 4).outcome());
        publish(named("c", 100_000));
        publish(named("a", 7));
        assertTrue(refusal().contains("too old"), "what its name refuses its id does not confirm");
    }

    private static Message named(String id, long seq) {
        return message(id).with(Extension.NONE.with(Terms.named("p", seq)));
    }

    private void publishUpload(long upload, String id, long length) {
        byte[] properties = messageId(id);
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, properties.length, MessageRecord.EXTERNAL_LENGTH);
        w.raw(properties, 0, properties.length).int64(upload).int64(0).int64(length);
        node.apply(new Publish(List.of(X), w.toBytes(), 0, w.size(), 0, Origins.NONE));
    }

    @Test
    void aBodyInPartsIsDecidedWithItsLastPart() {
        byte[] part = new byte[100];
        publishUpload(1, "a", 200);
        assertTrue(refusal().contains("did not arrive in all its parts"));
        assertEquals("unseen", outcome("a"));
        for (long upload : new long[] {2, 3}) {
            node.apply(new BodyPart(node.connection, upload, part, 0, 100));
            node.apply(new BodyPart(node.connection, upload, part, 0, 100));
        }
        publishUpload(2, "a", 200);
        assertEquals("q ready", places("a"));
        publishUpload(3, "a", 200);
        assertEquals(1, ready("q"));
        assertEquals(0, count(Keys.UPLOAD), "the body of the duplicate goes");
    }

    @Test
    void whatIsMadeVoidDoesNotComeForNow() {
        publish("a");
        assertEquals(Reply.OK, node.apply(new VoidId("/", "x", "b", "", "")));
        assertEquals("void", outcome("b"));
        assertTrue(receipt("b").isFinal());
        publish("b");
        assertTrue(refusal().contains("id 'b' was made void"));
        assertEquals(Reply.OK, node.apply(new VoidId("/", "x", "b", "", "")));
        Reply.Rejected stored = assertInstanceOf(Reply.Rejected.class, node.apply(new VoidId("/", "x", "a", "", "")));
        assertTrue(stored.text().contains("came before: it is stored"));
        node.restart();
        assertInstanceOf(Reply.Rejected.class, commit(message("b")));
        assertEquals("void", outcome("b"));
        assertEquals(
                404,
                assertInstanceOf(Reply.Rejected.class, node.apply(new VoidId("/", "y", "a", "", "")))
                        .code());
        assertEquals(
                406,
                assertInstanceOf(Reply.Rejected.class, node.apply(new VoidId("/", "x", "x".repeat(256), "", "")))
                        .code());
        pass(WINDOW + 10);
        publish("b");
        assertEquals(2, ready("q"));
    }

    /** Nobody could ask or publish while there was no cluster, or be told that his message is there. */
    @Test
    void timeWithoutAClusterDoesNotCount() {
        publish("a");
        pass(WINDOW / 2);
        publish("b");
        node.passed += 3 * WINDOW;
        publish("a", "b");
        assertEquals(2, ready("q"));
        assertEquals("stored", outcome("a"));
        node.restart();
        pass(WINDOW - 1_000);
        publish("b");
        assertEquals(2, ready("q"));
        pass(1_000);
        assertEquals(0, node.machine.ids().count());
        publish("b");
        assertEquals(3, ready("q"));
        node.restart();
    }

    @Test
    void belowTheirLevelThereAreNone() {
        OneNode older = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        older.raise(VoidPublish.LEVEL - 1);
        long digest = older.machine.digest();
        for (String key : List.of("dedup-id", "dedup-window", "dedup-max")) {
            Object value = key.equals("dedup-id") ? "message-id" : (Object) 1L;
            Reply r = older.apply(policy(".*", Map.of(key, value)));
            String text = assertInstanceOf(Reply.Rejected.class, r).text();
            assertTrue(text.startsWith("'" + key + "' is known in clusters of level 5, and this one is of level 4"));
        }
        assertInstanceOf(Reply.Rejected.class, older.apply(new VoidId("/", "amq.fanout", "a", "", "")));
        assertTrue(older.machine.policies(false).isEmpty());
        assertTrue(digest != 0 && older.machine.ids().count() == 0);
    }

    @Test
    void aPolicyThatMeansNothingIsRefused() {
        for (Map<String, Object> bad : List.<Map<String, Object>>of(
                Map.of("dedup-id", "correlation-id"),
                Map.of("dedup-id", "header:"),
                Map.of("dedup-id", 7L),
                Map.of("dedup-id", "message-id", "dedup-window", 7L * 24 * 3_600_000 + 1),
                Map.of("dedup-id", "message-id", "dedup-window", 0L),
                Map.of("dedup-id", "message-id", "dedup-max", 10_000_001L))) {
            Reply.Rejected r = assertInstanceOf(Reply.Rejected.class, node.apply(policy("^x", bad)));
            assertTrue(r.text().startsWith("Validation failed"), r.text());
        }
    }

    @Test
    void anOperatorLimitsWhatPoliciesAskFor() {
        Arguments limit = new Arguments(new TreeMap<>(Map.of("dedup-max", 2L, "dedup-window", 1_000L)));
        PolicySpec spec = new PolicySpec("^x", "exchanges", 0, limit);
        assertInstanceOf(Reply.PolicySet.class, node.apply(new SetPolicy("/", "o", true, spec)));
        publish("a", "b", "c");
        assertEquals(2, node.machine.ids().count());
        assertEquals(1_000, receipt("a").window());
        Arguments id = new Arguments(new TreeMap<>(Map.of("dedup-id", "message-id")));
        PolicySpec on = new PolicySpec("^x", "exchanges", 0, id);
        assertInstanceOf(Reply.Rejected.class, node.apply(new SetPolicy("/", "p", true, on)));
    }

    @Test
    void anExchangeDeclaredWithSuchArgumentsRemembersNothing() {
        Arguments a = new Arguments(new TreeMap<>(Map.of("dedup-id", "message-id", "x-dedup-id", "message-id")));
        node.apply(new DeclareExchange("/", "z", new ExchangeSpec("fanout", true, false, false, a), false));
        assertNull(node.machine.ids().receipt("/", "z", "a"));
    }

    @Test
    void ofExchangesWithDotsTheLongestThatRemembersIsMeant() {
        declare("x.y");
        node.bind("x.y", "q");
        publish("y.1");
        node.apply(IdMessages.run(node.connection, new Route("/", "x.y", ""), all("1", "z.2")));
        assertEquals("x.y", node.machine.ids().receipt("/", "x.y.1").exchange());
        assertEquals("z.2", node.machine.ids().receipt("/", "x.y.z.2").id());
        assertEquals("x", node.machine.ids().receipt("/", "x.1").exchange());
        assertEquals("unseen", node.machine.ids().receipt("/", "x.1").outcome());
        node.apply(new DeleteExchange("/", "x.y", false));
        IdReceipt r = node.machine.ids().receipt("/", "x.y.1");
        assertEquals("x", r.exchange());
        assertEquals("y.1", r.id());
        assertEquals("stored", r.outcome());
        for (String none : List.of("x", "x.", "q.1", ".1", "")) {
            assertNull(node.machine.ids().receipt("/", none), none);
        }
    }

    /** What is known of it is read and written anew, with all its queues: of such a slice takes fewer. */
    @Test
    void aDuplicateIsMoreWorkTheMoreQueuesItStandsIn() {
        assertTrue(2 * slicesOfDuplicates(20) >= 3 * slicesOfDuplicates(1));
    }

    /** What came again when it was over stands at two places until the first goes; which of both is looked at last depends on the replica. */
    @Test
    void whatADuplicateIsOfTwoPlacesIsAsMuchWorkOnAllReplicas() {
        List<Long> work = slicesOfTwice(0);
        for (int seed = 1; seed < 5; seed++) {
            assertEquals(work, slicesOfTwice(seed), "seed " + seed);
        }
    }

    private List<Long> slicesOfTwice(long seed) {
        MessageStore store = new CountingStore(new MemoryStore()) {
            @Override
            public long hashSeed() {
                return seed;
            }
        };
        start(store, MachineLimits.FORMAT_1);
        set(Map.of("dedup-id", "message-id", "dedup-window", 1_000L));
        publish(IntStream.range(0, 6_000).mapToObj(IdsTest::ofSomeLength).toArray(String[]::new));
        node.commit();
        node.passed += 1_000;
        String[] twice = IntStream.range(0, 4_000)
                .mapToObj(i -> ofSomeLength(4_000 + i % 2_000))
                .toArray(String[]::new);
        List<Long> slices = node.slices(IdMessages.run(node.connection, X, all(twice)));
        assertEquals(8_000, ready("q"));
        assertEquals(1, receipt(ofSomeLength(5_000)).duplicates());
        return slices;
    }

    /** So that some blocks take just less than what counts as a unit more. */
    private static String ofSomeLength(int id) {
        return "x".repeat(id / 64 % 8) + id;
    }

    private int slicesOfDuplicates(int queues) {
        start(MachineLimits.FORMAT_1);
        for (int i = 1; i < queues; i++) {
            node.declare("q" + i);
            node.bind("x", "q" + i);
        }
        String[] ids = IntStream.range(0, 5_000).mapToObj(i -> "id" + i).toArray(String[]::new);
        publish(ids);
        Publish p = IdMessages.run(node.connection, X, all(ids));
        node.begin();
        int slices = 1;
        while (node.machine.publish(p, node)) {
            slices++;
        }
        node.end();
        assertEquals(5_000, ready("q"));
        return slices;
    }

    /** An entry's publishes are written in pieces: who comes back in between goes on as if nothing was. */
    @Test
    void aCrashWithinAnEntryForgetsNoId() {
        MachineLimits small =
                new MachineLimits(2, 16, 3, 200, 64, 5, new WorkLimits(12, 5, 7, 7, 40), 4, 60, StateLimits.DEFAULTS);
        start(small);
        publish("old");
        node.commit();
        String[] ids = IntStream.range(0, 120)
                .mapToObj(i -> i % 10 == 0 ? "old" : "id" + i % 50)
                .toArray(String[]::new);
        Publish p = IdMessages.run(node.connection, X, all(ids));
        node.begin();
        int pieces = 1;
        while (node.machine.publish(p, node)) {
            pieces++;
            assertTrue(node.machine.commitWithin(0, 0));
            if (pieces == 4) {
                node.memory = node.memory.copy();
                BrokerMachine back = new BrokerMachine(node.memory, small);
                Progress done = back.progress(node.index);
                back.resume(new Stamp(1, node.index, node.index + node.passed), "n1");
                node.machine = back;
                p = new Publish(p.routes(), p.bytes(), done.offset(), p.end(), done.ordinal(), p.origins());
            }
        }
        node.end();
        assertTrue(pieces > 4, "" + pieces);
        assertEquals(46, ready("q"), "45 and the old one");
        assertEquals(12, receipt("old").duplicates());
        assertEquals(2, receipt("id1").duplicates());
        assertEquals("q ready", places("id49"));
        node.restart();
        assertEquals(46, node.machine.ids().count());
    }

    /** What an entry brings is seen by the next ones, written or not, and what is not there costs no memory. */
    @Test
    void nothingOfAnIdStaysInMemory() {
        publish("a");
        publish("b");
        publish("a");
        node.commit();
        publish("a");
        assertEquals(2, ready("q"));
        assertEquals(2, receipt("a").duplicates());
        node.commit();
        int[] n = {0};
        node.memory.scan(Keys.of(Keys.ID_CHANGES), (k, v) -> n[0] += v.length);
        assertTrue(n[0] > 0);
        node.memory.delete(Keys.of(Keys.ID_CHANGES, number(), 0));
        node.memory.commit(node.memory.applied());
        assertEquals(0, receipt("a").duplicates(), "the store is all there is");
    }

    private long number() {
        long[] found = {0};
        node.memory.scan(Keys.of(Keys.IDS), (k, v) -> found[0] = ByteReader.int64(k, 1));
        return found[0];
    }
}
