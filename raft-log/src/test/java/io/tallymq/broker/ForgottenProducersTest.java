package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.FenceProducer;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.ProducerLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.Receipt;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Producers that were not used for long, or had to make room: which of their numbers came, and who may publish as them, stays known of so many. */
class ForgottenProducersTest {
    private static final Route Q = new Route("/", "", "q");
    private static final PasswordHash HASH = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
    private static final int ROOM = 3;
    private static final long BUSY = 60_000;

    private OneNode node;
    private int channel = 10;

    private void start(ProducerLimits limits) {
        node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1.withProducers(limits));
        node.raise(VoidPublish.LEVEL);
        node.declare("q");
    }

    /** Of so many that are forgotten something stays known. */
    private void start(int past) {
        start(new ProducerLimits(ProducerLimits.MOST, ProducerLimits.RETENTION, ProducerLimits.BUSY, past));
    }

    private static Publish run(ConnectionId by, Route route, Terms... terms) {
        ByteWriter w = new ByteWriter(256);
        for (Terms t : terms) {
            write(w, 0, t);
        }
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, origins(by, terms.length));
    }

    /** @param route which of the run's */
    private static void write(ByteWriter to, int route, Terms t) {
        byte[] more = Extension.NONE.with(t).encode();
        MessageRecord.writeHeader(to, 0, route, more.length, 2, 1);
        to.raw(more, 0, more.length).uint16(0).uint8('x');
    }

    private static Origins origins(ConnectionId by, int messages) {
        ByteWriter o = new ByteWriter(16).varint(1).varint(by.number()).varint(1);
        o.varint(1).varint(messages).varint(0);
        return new Origins(new ByteReader(o.toBytes()), by.node());
    }

    private static Terms[] of(String id, long... seqs) {
        return LongStream.of(seqs).mapToObj(seq -> Terms.named(id, seq)).toArray(Terms[]::new);
    }

    private void publish(String id, long... seqs) {
        node.apply(run(node.connection, Q, of(id, seqs)));
    }

    private Reply commit(long... seqs) {
        return node.apply(new CommitTx(node.connection, ++channel, List.of(), run(node.connection, Q, of("p", seqs))));
    }

    private String outcome(String id, long seq) {
        return node.machine.receipts().receipt("/", id, seq).outcome();
    }

    private Receipt.ProducerView view(String id) {
        return node.machine.receipts().producer("/", id);
    }

    private long ready() {
        return node.queue("q").ready();
    }

    private String refusal() {
        assertEquals(1, node.refused.size(), node.told());
        String text = node.refused.values().iterator().next();
        node.forget();
        return text;
    }

    private void assertNotRefused() {
        assertTrue(node.refused.isEmpty(), node.told());
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private void forget() {
        pass(ProducerLimits.RETENTION + 10);
        assertEquals(0, node.machine.receipts().count());
    }

    private Reply makeVoid(String id, long seq) {
        return node.apply(new VoidPublish("/", id, seq, "", ""));
    }

    private int count(byte type) {
        node.commit();
        int[] n = {0};
        node.memory.scan(Keys.of(type), (k, v) -> n[0]++);
        return n[0];
    }

    @Test
    void whatCameBeforeIsStoredOnceStill() {
        start(ProducerLimits.DEFAULTS);
        publish("p", 3, 4, 6);
        forget();
        assertEquals("forgotten forgotten unseen unseen", outcomes(3, 4, 5, 7));
        node.restart();
        assertEquals("forgotten forgotten unseen unseen", outcomes(3, 4, 5, 7));
        assertEquals(6, view("p").last());
        assertEquals("[0, 2][5, 5]", gaps("p"));
        publish("p", 4, 5, 6, 7);
        assertNotRefused();
        assertEquals(5, ready(), "5 and 7 are new");
        assertEquals("forgotten forgotten stored stored unseen", outcomes(3, 4, 5, 7, 8));
        assertEquals("[0, 2]", gaps("p"));
        node.restart();
        publish("p", 3, 7, 2);
        assertNotRefused();
        assertEquals(6, ready());
        assertEquals(0, count(Keys.PRODUCER_PAST), "it is known now");
    }

    private String outcomes(long... seqs) {
        StringBuilder all = new StringBuilder();
        for (long seq : seqs) {
            all.append(all.length() == 0 ? "" : " ").append(outcome("p", seq));
        }
        return all.toString();
    }

    private String gaps(String id) {
        StringBuilder all = new StringBuilder();
        view(id).gaps()
                .forEach(g ->
                        all.append('[').append(g[0]).append(", ").append(g[1]).append(']'));
        return all.toString();
    }

    /** Again and again. */
    @Test
    void itIsForgottenAsOftenAsItLikes() {
        start(2);
        for (int i = 0; i < 5; i++) {
            publish("p", i, Math.max(0, i - 1));
            assertNotRefused();
            assertEquals(i + 1, ready());
            forget();
            node.restart();
        }
        assertEquals(1, count(Keys.PRODUCER_PAST));
        assertTrue(count(Keys.PRODUCER_PAST_ORDER) <= 2);
        assertEquals("forgotten unseen", outcomes(4, 5));
    }

    private ConnectionId open(long number, Map<String, Object> client) {
        ConnectionId id = new ConnectionId("n1", number);
        ConnectionInfo i = OneNode.info();
        ConnectionInfo with = new ConnectionInfo(
                i.name(),
                i.vhost(),
                i.user(),
                i.peer(),
                i.local(),
                i.negotiated(),
                new Arguments(new TreeMap<>(client)));
        assertEquals(Reply.OK, node.apply(new OpenConnection(id, with)));
        return id;
    }

    @Test
    void whoWasFencedStaysFenced() {
        start(ProducerLimits.DEFAULTS);
        publish("p", 1);
        assertEquals(new Reply.Fenced(1), node.apply(new FenceProducer("/", "p", "", "")));
        forget();
        node.restart();
        assertEquals(1, view("p").epoch());
        publish("p", 2);
        assertTrue(refusal().contains("took the place of producer 'p' (epoch 1)"));
        ConnectionId late = open(77, Map.of());
        node.apply(run(late, Q, Terms.named("p", 2).of(0)));
        assertTrue(refusal().contains("a publish of epoch 0"));
        Map<String, Object> old = Map.of("producer_id", "p", "producer_epoch", 0L);
        ConnectionInfo i = OneNode.info();
        ConnectionInfo with = new ConnectionInfo(
                i.name(), i.vhost(), i.user(), i.peer(), i.local(), i.negotiated(), new Arguments(new TreeMap<>(old)));
        Reply.Rejected no = assertInstanceOf(
                Reply.Rejected.class, node.apply(new OpenConnection(new ConnectionId("n1", 78), with)));
        assertEquals(530, no.code());
        assertEquals(0, node.machine.receipts().count(), "who is refused takes no place");
        assertEquals(1, ready());
        node.apply(run(late, Q, Terms.named("p", 2).of(1)));
        assertEquals("stored", outcome("p", 2));
        forget();
        assertEquals(new Reply.Fenced(2), node.apply(new FenceProducer("/", "p", "", "")));
    }

    @Test
    void whoWasOnlyFencedToo() {
        start(ProducerLimits.DEFAULTS);
        node.apply(new FenceProducer("/", "p", "", ""));
        forget();
        publish("p", 2);
        assertTrue(refusal().contains("(epoch 1)"));
    }

    @Test
    void whatIsVoidStaysVoid() {
        start(ProducerLimits.DEFAULTS);
        publish("p", 16);
        assertEquals(Reply.OK, makeVoid("p", 17));
        forget();
        assertEquals("forgotten void unseen", outcomes(16, 17, 18));
        publish("p", 17);
        assertTrue(refusal().contains("number 17 of producer 'p' was made void"));
        assertEquals(Reply.OK, makeVoid("p", 17));
        assertTrue(
                assertInstanceOf(Reply.Rejected.class, makeVoid("p", 16)).text().contains("came before"));
        assertEquals(Reply.OK, makeVoid("p", 15));
        publish("p", 17, 18);
        assertTrue(refusal().contains("void"));
        assertEquals(2, ready());
        assertEquals("void forgotten void stored", outcomes(15, 16, 17, 18));
    }

    /** More than its record takes: then all up to the last one is too old. */
    @Test
    void ofManyGapsOnlyTheLastNumberStaysKnown() {
        start(ProducerLimits.DEFAULTS);
        publish("p", LongStream.range(0, 200).map(n -> 2 * n).toArray());
        forget();
        node.restart();
        assertEquals(398, view("p").last());
        assertEquals("", gaps("p"));
        assertEquals("forgotten forgotten unseen", outcomes(397, 398, 399));
        publish("p", 397);
        assertTrue(refusal().contains("forgotten"));
        publish("p", 398);
        assertTrue(refusal().contains("forgotten"));
        assertInstanceOf(Reply.Rejected.class, makeVoid("p", 397));
        publish("p", 399, 400);
        assertNotRefused();
        assertEquals("forgotten forgotten stored", outcomes(397, 398, 399));
        assertEquals(202, ready());
        forget();
        assertEquals("forgotten forgotten unseen", outcomes(397, 399, 401));
        publish("p", 397);
        assertTrue(refusal().contains("forgotten"));
    }

    @Test
    void aTransactionLooksAtWhatIsKnown() {
        start(ProducerLimits.DEFAULTS);
        publish("p", 3, 4);
        forget();
        assertInstanceOf(Reply.Rejected.class, commit(4, 5));
        assertEquals(2, ready());
        assertEquals(Reply.OK, commit(4, 3));
        assertEquals(2, ready());
        forget();
        assertEquals(Reply.OK, commit(6, 5));
        assertEquals(4, ready());
        assertEquals("stored stored", outcomes(5, 6));
    }

    /** Three have room; behind a time without a cluster all of them are idle, and may be about to publish again. */
    @Test
    void whoHadToMakeRoomIsKnownAgain() {
        start(new ProducerLimits(ROOM, ProducerLimits.RETENTION, BUSY, 100));
        for (String id : List.of("a", "b", "c")) {
            publish(id, 1, 2);
        }
        publish("d", 1);
        assertTrue(refusal().contains("limit producers, 3 in all"));
        pass(BUSY);
        for (String id : List.of("d", "e", "f")) {
            publish(id, 1);
        }
        assertNotRefused();
        assertEquals(9, ready());
        publish("a", 2, 3);
        assertEquals(2, node.refused.size(), "no room for it");
        node.forget();
        pass(BUSY);
        for (String id : List.of("a", "b", "c", "a", "b", "c")) {
            publish(id, 2, 3);
        }
        assertNotRefused();
        assertEquals(12, ready());
        node.restart();
        pass(BUSY);
        publish("d", 1);
        assertEquals(12, ready());
        assertEquals(ROOM, node.machine.receipts().count());
        assertEquals(3, count(Keys.PRODUCER_PAST));
    }

    @Test
    void ofTheOldestNothingIsKnownAnyMore() {
        start(2);
        for (String id : List.of("a", "b", "c")) {
            publish(id, 1);
            pass(10);
        }
        forget();
        assertNull(view("a"));
        assertNotNull(view("b"));
        assertEquals("forgotten", outcome("a", 2));
        assertEquals("unseen", outcome("b", 2));
        assertEquals(2, count(Keys.PRODUCER_PAST));
        assertEquals(2, count(Keys.PRODUCER_PAST_ORDER));
        assertEquals(2, node.machine.receipts().past());
        long lost = node.machine.receipts().lostUntil("/");
        assertTrue(lost > 0 && lost < view("b").used(), lost + " " + view("b").used());
        node.restart();
        publish("b", 1);
        publish("a", 1);
        assertEquals(4, ready(), "what a published is stored again");
        assertEquals("forgotten", outcome("a", 0));
        assertEquals(lost, node.machine.receipts().lostUntil("/"));
    }

    @Test
    void aVirtualHostThatGoesTakesThemAlong() {
        start(ProducerLimits.DEFAULTS);
        node.apply(new Administer("", "", new FirstUser("root", HASH, "/")));
        node.apply(new Administer("root", "", new SetVhost("v", VhostSpec.PLAIN)));
        for (int i = 0; i < 40; i++) {
            node.apply(new VoidPublish("v", "p" + i, 1, "", ""));
        }
        publish("p", 1);
        forget();
        assertEquals(41, count(Keys.PRODUCER_PAST));
        assertEquals(41, node.machine.receipts().past());
        assertEquals(Reply.OK, node.apply(new Administer("root", "", new DeleteVhost("v"))));
        pass(1);
        assertEquals(1, count(Keys.PRODUCER_PAST));
        assertEquals(1, count(Keys.PRODUCER_PAST_ORDER));
        assertEquals(1, count(Keys.PRODUCERS_FORGOTTEN));
        assertEquals(1, node.machine.receipts().past());
        node.apply(new Administer("root", "", new SetVhost("v", VhostSpec.PLAIN)));
        assertEquals("unseen", node.machine.receipts().receipt("v", "p1", 1).outcome());
        assertEquals("forgotten", outcome("p", 1));
    }

    // Of these nothing is known any more.

    private void lost() {
        start(0);
        publish("p", 3, 4);
        forget();
        assertEquals("forgotten", outcome("p", 4));
        assertNull(view("p"));
        assertTrue(node.machine.receipts().lostUntil("/") > 0);
    }

    /** By a connection that is opened now. */
    private void afterwards(long seq) {
        node.apply(run(open(77, Map.of()), Q, Terms.named("p", seq)));
        assertNotRefused();
    }

    /** It may publish again what came before: what it had no answer to first, the rest in order. */
    @Test
    void whoIsLostIsKnownFromTheFirstNumberOnThatComesAgain() {
        lost();
        publish("p", 5, 7);
        assertEquals("forgotten stored unseen", outcomes(4, 5, 6));
        publish("p", 4);
        assertTrue(refusal().contains("it was forgotten meanwhile, and whether what is below 5 came"));
        node.restart();
        assertEquals("forgotten", outcome("p", 4));
        assertEquals(5, view("p").first());
        publish("p", 6, 5);
        assertNotRefused();
        assertEquals(5, ready(), "it fills its gap, and what comes again is confirmed");
        assertEquals("unseen", outcome("p", 8));
    }

    @Test
    void alsoWithAFirstNumberThatGoesNowhere() {
        lost();
        node.apply(run(node.connection, new Route("/", "", "nowhere"), Terms.named("p", 9)));
        assertEquals("unroutable", outcome("p", 9));
        assertEquals("forgotten", outcome("p", 8));
        publish("p", 9);
        assertEquals("stored", outcome("p", 9));
    }

    /** As the recipe asks it: it has to be told apart from one that is new for sure. */
    @Test
    void whoTakesTheirPlaceIsToldThatNothingIsKnown() {
        lost();
        node.apply(new FenceProducer("/", "p", "", ""));
        assertEquals("forgotten", outcome("p", 4));
        Map<String, Object> told = ReceiptFields.of(view("p"));
        assertEquals(true, told.get("begins"));
        assertEquals(-1L, told.get("last"));
        assertTrue((long) told.get("producers_forgotten_until") > 0, told.toString());
        assertTrue(!told.containsKey("window_from"), told.toString());
        afterwards(6);
        node.restart();
        assertEquals("forgotten", outcome("p", 5));
        assertEquals("stored", outcome("p", 6));
        told = ReceiptFields.of(view("p"));
        assertEquals(6L, told.get("window_from"));
        assertTrue(!told.containsKey("begins"), told.toString());
    }

    /** It may have come, so nobody can say that it never does: also what is above the first number that it publishes again. */
    @Test
    void whatMayHaveBeenLostIsNotMadeVoid() {
        lost();
        for (int i = 0; i < 2; i++) {
            Reply.Rejected no = assertInstanceOf(Reply.Rejected.class, makeVoid("p", 5));
            assertTrue(no.text().contains("can't be made void"), no.text());
            node.apply(new FenceProducer("/", "p", "", ""));
        }
        afterwards(3);
        assertInstanceOf(Reply.Rejected.class, makeVoid("p", 2));
        assertInstanceOf(Reply.Rejected.class, makeVoid("p", 4), "it is stored, of all things");
        node.restart();
        assertInstanceOf(Reply.Rejected.class, makeVoid("p", 4));
        assertEquals("unseen", outcome("p", 4));
    }

    @Test
    void aTransactionOfWhoIsLostIsLookedAtTheSame() {
        lost();
        assertInstanceOf(Reply.Rejected.class, commit(6, 5));
        assertEquals(2, ready());
        assertEquals("forgotten", outcome("p", 6));
        assertEquals(Reply.OK, commit(5, 6));
        assertEquals("stored", outcome("p", 6));
        assertEquals("forgotten", outcome("p", 4));
    }

    /** What is known of him is looked for in the store: that is work of each slice, however often its replica has begun anew. */
    @Test
    void slicesAreAsLongOnAReplicaThatWasRestoredWithinThem() {
        WorkLimits small = new WorkLimits(64, 500, 1_000, 64, 4_096);
        MachineLimits f = MachineLimits.FORMAT_1;
        TwoNodes two = new TwoNodes(
                "slices",
                new MachineLimits(256, 100_000, 1_000, 256 << 10, 512, 4_096, small, 8, 250_000, f.state()),
                true);
        two.restartWithin();
        two.both(n -> {
            n.raise(VoidPublish.LEVEL);
            n.declare("q1");
            return n.declare("q2");
        });
        List<Route> routes = List.of(new Route("/", "", "q1"), new Route("/", "", "q2"));
        two.both(n -> n.apply(run(n.connection, routes.get(0), Terms.named("p", 5_000))));
        two.both(n -> {
            n.passed += ProducerLimits.RETENTION + 10;
            Reply r;
            do {
                r = n.apply(new Probe(false));
            } while (n.machine.owes());
            return r;
        });
        ByteWriter w = new ByteWriter(1 << 14);
        for (int i = 0; i < 200; i++) {
            write(w, 0, Terms.named("p", 1));
            write(w, 0, Terms.NONE);
            write(w, 1, Terms.NONE);
        }
        two.both(n -> n.apply(new Publish(routes, w.array(), 0, w.size(), 0, origins(n.connection, 600))));
        assertEquals(201, two.straight.queue("q1").ready());
    }

    /** Two sleepers take turns in a transaction: what is known of others stays. */
    @Test
    void aTransactionWakesEachProducerOnce() {
        start(6);
        publish("x", 1);
        publish("p", 1);
        publish("r", 1);
        forget();
        Terms[] turns = new Terms[6];
        for (int i = 0; i < turns.length; i++) {
            turns[i] = Terms.named(i % 2 == 0 ? "p" : "r", 2 + i / 2);
        }
        assertEquals(
                Reply.OK,
                node.apply(new CommitTx(node.connection, ++channel, List.of(), run(node.connection, Q, turns))));
        assertEquals(9, ready());
        publish("x", 1);
        assertEquals(9, ready(), "it came before");
    }
}
