package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages that are put aside: nobody gets them but who names their token; they come back, go and are told of as they should. */
class DeferTest extends OneNodeTest {
    private static final MachineLimits FEW = MachineLimits.FORMAT_1.withState(
            StateLimits.DEFAULTS.with(StateLimit.OVERLAYS, 100, 100).with(StateLimit.DEFERRED, 4, 3));

    DeferTest() {
        super(FEW);
    }

    @BeforeEach
    void raise() {
        node.raise(BrokerMachine.LEVELS.max());
    }

    private int stored() {
        node.commit();
        List<byte[]> all = new ArrayList<>();
        store().scan(Keys.of(Keys.DEFERRED), (k, v) -> all.add(k));
        return all.size();
    }

    private void declare(String queue, int messages, Map<String, Object> arguments) {
        assertInstanceOf(Reply.QueueDeclared.class, node.declare(queue, arguments));
        if (messages > 0) {
            node.apply(OneNode.messages(messages, 20, new Route("/", "", queue)));
        }
    }

    private Reply get(String queue) {
        return node.apply(new Get(node.connection, 1, "/", queue, false));
    }

    private Delivery got(String queue) {
        return assertInstanceOf(Reply.Got.class, get(queue)).delivery();
    }

    private Delivery taken(String token) {
        return got("amq.deferred." + token);
    }

    private void assertNone(String token) {
        assertEquals(Reply.EMPTY, get("amq.deferred." + token));
    }

    private Reply defer(Delivery d, String token, long delay) {
        return defer(d, new SettleWith.Defer(token, "", null), delay);
    }

    private Reply defer(Delivery d, SettleWith.Defer how, long delay) {
        return node.apply(new SettleWith(d.holder(), Outcome.NACK_REQUEUE, d.firstSeq(), delay, null, how));
    }

    private void settle(Delivery d, Outcome how) {
        node.apply(new Settle(d.holder(), how, new long[] {d.firstSeq(), d.firstSeq()}));
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private void assertCounts(long ready, long unacked, long deferred) {
        var q = node.queue("q");
        assertEquals(ready + " " + unacked + " " + deferred, q.ready() + " " + q.unacked() + " " + q.deferred());
    }

    private static void assertNack(int code, String text, Reply r) {
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(code, why.code());
        assertTrue(!why.reason().endsPublisher(), "it is a nack, no mistake of the client");
        assertTrue(why.text().contains(text), why.text());
        assertTrue(why.text().endsWith("; the message was given back to its queue"), why.text());
    }

    @Test
    void itIsNobodysUntilItIsTaken() {
        declare("q", 3, Map.of());
        Delivery d = got("q");
        assertEquals(Reply.OK, defer(d, "t", 0));
        assertCounts(2, 0, 1);
        restart();
        node.consume(2, "q", 10);
        assertEquals(2, node.delivered.stream().mapToInt(Delivery::count).sum(), "consumers get the others");
        pass(1_000_000);
        assertCounts(0, 2, 1);
        Delivery taken = taken("t");
        assertEquals(0, taken.firstSeq());
        assertTrue(taken.redelivered());
        assertCounts(0, 3, 0);
        assertNone("t");
        settle(taken, Outcome.ACK);
        assertCounts(0, 2, 0);
        assertEquals(0, stored());
    }

    @Test
    void whatIsGivenBackIsReadyInItsOldPlace() {
        declare("q", 2, Map.of());
        assertEquals(Reply.OK, defer(got("q"), "t", 0));
        Delivery taken = taken("t");
        settle(taken, Outcome.NACK_REQUEUE);
        assertNone("t");
        assertEquals(0, got("q").firstSeq());
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        assertEquals(Reply.OK, defer(got("q"), "t", 0));
        assertEquals(0, taken("t").firstSeq());
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        assertCounts(2, 0, 0);
    }

    @Test
    void itMayBePutAsideAgainUnderTheSameToken() {
        declare("q", 1, Map.of());
        Delivery d = got("q");
        for (int i = 0; i < 3; i++) {
            assertEquals(Reply.OK, defer(d, "t", 0));
            restart();
            d = taken("t");
        }
    }

    @Test
    void itComesBackAfterItsDelayAndItsTokenIsVoid() {
        declare("q", 2, Map.of());
        assertEquals(Reply.OK, defer(got("q"), "t", 1_000));
        pass(900);
        assertCounts(1, 0, 1);
        restart();
        pass(110);
        assertCounts(2, 0, 0);
        assertNone("t");
        assertEquals(0, got("q").firstSeq());
        assertEquals(0, stored());
    }

    @Test
    void whatIsTakenBeforeDoesNotComeBack() {
        declare("q", 1, Map.of());
        assertEquals(Reply.OK, defer(got("q"), "t", 1_000));
        taken("t");
        pass(2_000);
        assertCounts(0, 1, 0);
    }

    @Test
    void itsTimeToLiveCounts() {
        node.declare("d");
        declare(
                "q",
                1,
                Map.of("x-message-ttl", 1_000L, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d"));
        assertEquals(Reply.OK, defer(got("q"), "t", 100_000));
        pass(900);
        assertCounts(0, 0, 1);
        pass(200);
        assertCounts(0, 0, 0);
        assertNone("t");
        assertEquals(1, node.queue("d").ready());
        assertEquals(0, stored());
    }

    @Test
    void aTokenIsOneMessages() {
        declare("q", 2, Map.of());
        declare("r", 1, Map.of());
        Delivery first = got("q");
        Delivery second = got("q");
        assertEquals(Reply.OK, defer(first, "t", 0));
        assertNack(406, "is deferred with token 't'", defer(got("r"), "t", 0));
        assertEquals(1, node.queue("r").ready());
        assertNack(406, "is deferred with token 't'", defer(second, "t", 0));
        assertCounts(1, 0, 1);
        assertEquals(0, taken("t").firstSeq());
        assertEquals(Reply.OK, defer(got("q"), "t", 0), "it is free again");
    }

    @Test
    void aQueueAndTheClusterTakeSomeOfThem() {
        declare("q", 4, Map.of());
        for (int i = 0; i < 3; i++) {
            assertEquals(Reply.OK, defer(got("q"), "t" + i, 0));
        }
        assertNack(506, "queue 'q' in vhost '/' has 3 deferred messages", defer(got("q"), "t3", 0));
        assertCounts(1, 0, 3);
        declare("r", 2, Map.of());
        assertEquals(Reply.OK, defer(got("r"), "t4", 0));
        restart();
        assertNack(506, "the cluster has 4 deferred messages", defer(got("r"), "t5", 0));
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertEquals(Reply.OK, defer(got("r"), "t5", 0));
    }

    @Test
    void whatIsNotHeldIsNotPutAside() {
        declare("q", 1, Map.of());
        Delivery d = got("q");
        settle(d, Outcome.ACK);
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, defer(d, "t", 0));
        assertTrue(why.text().contains("not held any more"), why.text());
        assertNone("t");
    }

    @Test
    void aPurgeDropsIt() {
        declare("q", 3, Map.of());
        assertEquals(Reply.OK, defer(got("q"), "a", 0));
        assertEquals(Reply.OK, defer(got("q"), "b", 5_000));
        assertEquals(3, ((Reply.Removed) node.apply(new PurgeQueue(node.connection, "/", "q"))).messages());
        assertCounts(0, 0, 0);
        assertNone("a");
        assertNone("b");
        assertEquals(0, stored());
    }

    @Test
    void itGoesWithItsQueue() {
        declare("q", 1, Map.of());
        assertEquals(Reply.OK, defer(got("q"), "t", 0));
        Reply.Rejected notEmpty = assertInstanceOf(
                Reply.Rejected.class, node.apply(new DeleteQueue(node.connection, "/", "q", false, true)));
        assertEquals(Reply.Reason.NOT_EMPTY, notEmpty.reason(), "it is not empty while it has some");
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        pass(1);
        assertEquals(0, stored());
        assertNone("t");
        declare("q", 1, Map.of());
        assertEquals(Reply.OK, defer(got("q"), "t", 0));
    }

    /** An exclusive queue that is taken out by later entries: its tokens are void at once. */
    @Test
    void aTokenOfAQueueThatIsBeingTakenOutIsFree() {
        WorkLimits slow = new WorkLimits(5, 1, 1, 1, 100);
        MachineLimits limits = new MachineLimits(2, 16, 3, 200, 64, 5, slow, 4, 100, StateLimits.DEFAULTS);
        MemoryStore slowStore = new MemoryStore(0);
        OneNode slowNode = new OneNode(slowStore, limits);
        slowNode.raise(BrokerMachine.LEVELS.max());
        ConnectionId other = new ConnectionId("n1", 7);
        slowNode.apply(new OpenConnection(other, OneNode.info()));
        for (String name : List.of("own1", "own2", "own3")) {
            slowNode.apply(
                    new DeclareQueue(other, "/", name, new QueueSpec(false, true, false, Arguments.NONE), false));
            slowNode.apply(OneNode.messages(4, 20, new Route("/", "", name)));
            Reply.Got got = (Reply.Got) slowNode.apply(new Get(other, 1, "/", name, false));
            assertEquals(Reply.OK, slowNode.apply(deferring(got.delivery(), name)));
        }
        slowNode.declare("q");
        slowNode.apply(OneNode.messages(2, 20, new Route("/", "", "q")));
        Reply.Got got = (Reply.Got) slowNode.apply(new Get(slowNode.connection, 1, "/", "q", false));
        slowNode.apply(new CloseConnection(other, List.of()));
        assertTrue(slowNode.machine.owes());
        assertEquals(Reply.EMPTY, slowNode.apply(new Get(slowNode.connection, 1, "/", "amq.deferred.own3", false)));
        assertEquals(Reply.OK, slowNode.apply(deferring(got.delivery(), "own3")));
        slowNode.commit();
        long digest = slowNode.machine.digest();
        slowNode.machine = new BrokerMachine(slowStore.copy(), limits);
        assertEquals(digest, slowNode.machine.digest());
        while (slowNode.machine.owes()) {
            slowNode.apply(new Probe(false));
        }
        assertInstanceOf(
                Reply.Got.class, slowNode.apply(new Get(slowNode.connection, 1, "/", "amq.deferred.own3", false)));
    }

    private static Command deferring(Delivery d, String token) {
        SettleWith.Defer how = new SettleWith.Defer(token, "", null);
        return new SettleWith(d.holder(), Outcome.NACK_REQUEUE, d.firstSeq(), 0, null, how);
    }

    @Test
    void anExclusiveQueuesAreItsOwners() {
        ConnectionId other = new ConnectionId("n1", 2);
        node.apply(new OpenConnection(other, OneNode.info()));
        node.apply(new DeclareQueue(other, "/", "q", new QueueSpec(false, true, false, Arguments.NONE), false));
        node.apply(OneNode.messages(1, 20, new Route("/", "", "q")));
        Reply.Got got = (Reply.Got) node.apply(new Get(other, 1, "/", "q", false));
        assertEquals(Reply.OK, defer(got.delivery(), "t", 0));
        assertEquals(405, ((Reply.Rejected) get("amq.deferred.t")).code());
        assertInstanceOf(Reply.Got.class, node.apply(new Get(other, 1, "/", "amq.deferred.t", false)));
        node.apply(new CloseConnection(other, List.of()));
    }

    @Test
    void theTokenIsToldInTheSameEntry() {
        declare("q", 1, Map.of());
        declare("r", 0, Map.of());
        assertEquals(Reply.OK, defer(got("q"), new SettleWith.Defer("made", "r", "c-1"), 0));
        assertEquals(1, node.queue("r").ready());
        Delivery told = got("r");
        node.commit();
        ChunkBody body = store().load(told.chunk());
        byte[] b = body.bytes();
        int at = body.at(told.from());
        int from = MessageRecord.propertiesOffset(b, at);
        int length = MessageRecord.propertiesLength(b, at);
        assertEquals("c-1", MessageProperties.text(b, from, length, MessageProperties.Property.CORRELATION_ID));
        byte[] text = Arrays.copyOfRange(
                b,
                MessageRecord.bodyOffset(b, at),
                MessageRecord.bodyOffset(b, at) + MessageRecord.inlineLength(b, at));
        assertArrayEquals("made".getBytes(StandardCharsets.UTF_8), text);
        assertEquals(new Route("/", "", "r"), body.route(told.from()));
        assertNotNull(taken("made"));
    }

    @Test
    void whoHasThemMayBeTheSameQueue() {
        declare("q", 1, Map.of());
        assertEquals(Reply.OK, defer(got("q"), new SettleWith.Defer("made", "q", null), 0));
        assertCounts(1, 0, 1);
    }

    @Test
    void aTokenThatNobodyWouldHearOfIsRefused() {
        declare("q", 1, Map.of());
        assertNack(312, "no queue 'r' in vhost '/'", defer(got("q"), new SettleWith.Defer("t", "r", null), 0));
        declare("r", 0, Map.of("x-max-length", 0L, "x-overflow", "reject-publish"));
        assertNack(506, "queue 'r' in vhost '/' has no room", defer(got("q"), new SettleWith.Defer("t", "r", null), 0));
        assertCounts(1, 0, 0);
        assertNone("t");
    }

    @Test
    void itTakesHeadersAlong() {
        declare("q", 1, Map.of());
        Delivery d = got("q");
        HeaderOverlay headers = SomeHeaders.of("x-reason", "later");
        node.apply(new SettleWith(
                d.holder(), Outcome.NACK_REQUEUE, d.firstSeq(), 0, headers, new SettleWith.Defer("t", "", null)));
        assertEquals(headers, taken("t").headers());
    }

    @Test
    void aConsumerHasRoomAgain() {
        declare("q", 3, Map.of("x-single-active-consumer", true));
        node.consume("q", 1);
        assertEquals(Reply.OK, defer(node.delivered.get(0), "t", 0));
        assertEquals(2, node.delivered.size());
        assertEquals(0, taken("t").firstSeq(), "also of a queue with a single active consumer");
        assertEquals(2, node.delivered.size());
    }

    @Test
    void countsAsGivenBackAndNotAsFailed() {
        declare("q", 1, Map.of("x-queue-type", "quorum", "x-delivery-limit", 0L));
        assertEquals(Reply.OK, defer(got("q"), "t", 0));
        Delivery taken = taken("t");
        assertEquals(0, taken.attempts());
        assertEquals(1, taken.returns());
    }

    @Test
    void theQueuesOwnRestIsNotForIt() {
        declare("q", 1, Map.of("x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 100L));
        assertEquals(Reply.OK, defer(got("q"), "t", 0));
        pass(1_000);
        assertCounts(0, 0, 1);
    }

    /** A group that somebody has is nobody else's, not by a token either. */
    @Test
    void aGroupIsStillOneConsumersAtATime() {
        declare("q", 0, Map.of("x-group-by", "header:g"));
        node.apply(GroupsTest.messages(1, "g", List.of("a", "a", "a")));
        Delivery d = got("q");
        assertEquals(Reply.OK, defer(d, "t", 0));
        node.consume(2, "q", 1);
        assertEquals(1, node.delivered.size());
        assertNone("t");
        restart();
        assertNone("t");
        settle(node.delivered.get(0), Outcome.ACK);
        node.apply(new Cancel(node.delivered.get(0).holder()));
        settle(node.delivered.get(1), Outcome.ACK);
        taken("t");
    }

    @Test
    void ofALastValueItIsGoneWhenItComesBackBehindANewerOne() {
        declare("q", 0, Map.of("x-last-value", "g"));
        node.apply(GroupsTest.messages(1, "g", List.of("a")));
        assertEquals(Reply.OK, defer(got("q"), "t", 1_000));
        node.apply(GroupsTest.messages(1, "g", List.of("a")));
        assertCounts(1, 0, 1);
        pass(1_100);
        assertCounts(1, 0, 0);
        assertEquals(1, got("q").firstSeq());
        assertEquals(1, node.queue("q").counters().replaced());
    }

    @Test
    void theNameIsNoQueues() {
        declare("q", 1, Map.of());
        assertEquals(Reply.OK, defer(got("q"), "t", 0));
        for (boolean passive : new boolean[] {true, false}) {
            QueueSpec spec = new QueueSpec(true, false, false, Arguments.NONE);
            assertReserved(new DeclareQueue(node.connection, "/", "amq.deferred.t", spec, passive));
        }
        ConsumerSpec spec = new ConsumerSpec("t", false, false, 1, 5, Arguments.NONE);
        assertReserved(new Subscribe(node.connection, 1, "/", "amq.deferred.t", spec));
        taken("t");
    }

    private void assertReserved(Command c) {
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, node.apply(c));
        assertEquals(403, why.code());
        assertTrue(why.text().startsWith("queue name 'amq.deferred.t' contains reserved prefix 'amq.*'"), why.text());
    }

    @Test
    void belowItsLevelTheNameIsThatOfAQueueThatIsNotThere() {
        OneNode low = new OneNode(new MemoryStore(), FEW);
        low.raise(2);
        Reply r = low.apply(new Get(low.connection, 1, "/", "amq.deferred.t", false));
        assertEquals(404, ((Reply.Rejected) r).code());
    }

    @Test
    void whatAClientHeldThatGoesComesBack() {
        declare("q", 2, Map.of());
        assertEquals(Reply.OK, defer(got("q"), "t", 0));
        Delivery d = taken("t");
        Sent sent = new Sent(d.holder(), new long[] {d.firstSeq(), d.firstSeq()});
        node.apply(new CloseConnection(node.connection, List.of(sent)));
        assertCounts(2, 0, 0);
    }

    @Test
    void whatTheBrokerAloneTellsIsToldNoTokens() {
        declare("q", 1, Map.of());
        declare("amq.receipts", 0, Map.of("x-queue-type", "stream"));
        Reply r = defer(got("q"), new SettleWith.Defer("t", "amq.receipts", null), 0);
        assertNack(403, "queue 'amq.receipts' is told by the broker alone what happens", r);
        assertEquals(0, node.queue("amq.receipts").ready());
        assertCounts(1, 0, 0);
    }
}
