package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.SomeReports.Message;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.store.Chunk;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What publishers are told of their messages: x-report. */
class ReportsTest {
    private static final Route Q = new Route("/", "", "q");
    private static final String LEAVING = "acked, expired, dead-lettered, dropped, moved";

    private OneNode node;

    @BeforeEach
    void start() {
        node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        node.raise(VoidPublish.LEVEL);
        node.declare("q");
        node.declare("r");
    }

    private static Message message(String id, String words) {
        return Message.of(id, "r", words);
    }

    private void publish(Route route, Message... messages) {
        node.apply(SomeReports.run(Origins.NONE, route, List.of(messages)));
    }

    private void publish(int count, String words) {
        publish(
                Q,
                IntStream.range(0, count).mapToObj(i -> message("m" + i, words)).toArray(Message[]::new));
    }

    private Reply.Got get(String queue) {
        return (Reply.Got) node.apply(new Get(node.connection, 1, "/", queue, false));
    }

    private void settle(Reply.Got got, Outcome how) {
        long seq = got.delivery().firstSeq();
        node.apply(new Settle(got.holder(), how, new long[] {seq, seq}));
    }

    private List<String> lines() {
        List<String> all = new ArrayList<>();
        while (node.apply(new Get(node.connection, 5, "/", "r", false)) instanceof Reply.Got got) {
            all.addAll(SomeReports.bodies(node, got.delivery()));
            settle(got, Outcome.ACK);
        }
        return all;
    }

    /** What the queue of reports has, which is empty then. */
    private List<String> told() {
        return lines().stream().map(SomeReports::brief).toList();
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private void goOn() {
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
    }

    private void delete(String queue) {
        node.apply(new DeleteQueue(node.connection, "/", queue, false, false));
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    private String everything() {
        return node.machine.reports().told() + " told, "
                + node.machine.reports().lost() + " lost";
    }

    @Test
    void anAckIsToldInItsEntryByAMessageThatSaysAll() {
        publish(
                Q,
                message("order 17", "acked")
                        .with(SomeReports.telling(ReportEvent.ACKED.bit())
                                .with(Terms.named("p", 9).telling(ReportEvent.ACKED.bit()))));
        assertEquals(0, ready("r"), "nothing has happened that it asks for");
        settle(get("q"), Outcome.ACK);
        assertEquals(1, ready("r"), "by the entry of the ack");
        assertFalse(node.machine.owes());
        long at = node.index;
        node.restart();
        String line = lines().get(0);
        assertEquals("acked order 17 q", SomeReports.brief(line));
        assertEquals(Long.toString(at), SomeReports.member(line, "index"));
        assertEquals(Long.toString(at), SomeReports.member(line, "time"));
        assertEquals("1", SomeReports.member(line, "term"));
        assertEquals("p", SomeReports.member(line, "producer"));
        assertEquals("9", SomeReports.member(line, "seq"));
        assertFalse(line.contains("\n"));
        assertEquals("1 told, 0 lost", everything());
        assertEquals(0, node.queue("q").ready() + node.queue("q").unacked());
    }

    @Test
    void onlyWhatIsAskedForIsTold() {
        publish(3, "stored");
        assertEquals(List.of("stored m0 [q]", "stored m1 [q]", "stored m2 [q]"), told());
        settle(get("q"), Outcome.ACK);
        settle(get("q"), Outcome.DISCARD);
        assertEquals(List.of(), told());
        publish(Q, message("a", "dropped"), message("b", "acked"));
        settle(get("q"), Outcome.ACK);
        settle(get("q"), Outcome.DISCARD);
        settle(get("q"), Outcome.DISCARD);
        assertEquals(List.of("dropped a q rejected"), told());
    }

    @Test
    void whatGoesBackIsNotToldBeforeItLeaves() {
        publish(1, ReportEvent.words());
        assertEquals(List.of("stored m0 [q]"), told());
        settle(get("q"), Outcome.NACK_REQUEUE);
        node.restart();
        settle(get("q"), Outcome.REJECT_REQUEUE);
        settle(get("q"), Outcome.RELEASE);
        assertEquals(List.of(), told());
        settle(get("q"), Outcome.ACK);
        assertEquals(List.of("acked m0 q"), told());
    }

    @Test
    void aMessageInSeveralQueuesIsToldOfEach() {
        node.declare("q2");
        for (String q : List.of("q", "q2")) {
            node.apply(new BindQueue(node.connection, "/", new BindingKey("amq.fanout", q, "", Arguments.NONE), true));
        }
        publish(new Route("/", "amq.fanout", ""), message("m", "stored,acked,dropped"));
        assertEquals(List.of("stored m [q,q2]"), told());
        settle(get("q2"), Outcome.ACK);
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertEquals(List.of("acked m q2", "dropped m q purged"), told());
    }

    @Test
    void whatIsRefusedOrGoesNowhereIsToldWhy() {
        node.declare("full", Map.of("x-max-length", 1L, "x-overflow", "reject-publish"));
        publish(new Route("/", "", "full"), message("a", "stored,refused"), message("b", "stored,refused"));
        List<String> told = told();
        assertEquals("stored a [full]", told.get(0));
        assertTrue(told.get(1).startsWith("refused b queue 'full' in vhost '/' has no room"), told.get(1));
        assertEquals(2, told.size());
        publish(new Route("/", "", "none"), message("c", ReportEvent.words()));
        assertEquals(List.of("dropped c unroutable"), told());
    }

    @Test
    void whatExpiresIsTold() {
        node.declare("short", Map.of("x-message-ttl", 100L));
        publish(new Route("/", "", "short"), message("a", LEAVING), message("b", LEAVING));
        publish(
                Q,
                message("c", LEAVING).with(new Extension(List.of(), 0, 50).with(Terms.NONE.telling(SomeReports.ALL))));
        node.restart();
        told();
        pass(200);
        assertEquals(
                List.of("expired c q expired", "expired a short expired", "expired b short expired"), sorted(told()));
        assertEquals(0, node.queue("short").counters().acked());
    }

    private static List<String> sorted(List<String> all) {
        return all.stream()
                .sorted((a, b) -> a.substring(a.indexOf(' ') + 1).compareTo(b.substring(b.indexOf(' ') + 1)))
                .sorted((a, b) -> Boolean.compare(!a.contains(" c "), !b.contains(" c ")))
                .toList();
    }

    @Test
    void deadLettersAreToldWithWhereTheyWentAndGoOnBeingTold() {
        node.declare("d", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
        node.declare("dead");
        publish(new Route("/", "", "d"), message("a", LEAVING), message("b", LEAVING));
        settle(get("d"), Outcome.DISCARD);
        assertEquals(List.of("dead-lettered a d rejected [dead]"), told());
        node.restart();
        settle(get("dead"), Outcome.ACK);
        assertEquals(List.of("acked a dead"), told());
        delete("dead");
        settle(get("d"), Outcome.DISCARD);
        assertEquals(List.of("dropped b d rejected"), told());
    }

    @Test
    void whatExpiresAndGoesNowhereIsExpired() {
        node.declare("d", Map.of("x-dead-letter-exchange", "nowhere", "x-message-ttl", 10L));
        publish(new Route("/", "", "d"), message("a", LEAVING));
        pass(100);
        assertEquals(List.of("expired a d expired"), told());
    }

    @Test
    void aLimitDropsAndTells() {
        node.declare("one", Map.of("x-max-length", 1L));
        publish(new Route("/", "", "one"), message("a", LEAVING), message("b", LEAVING), message("c", LEAVING));
        assertEquals(List.of("dropped a one maxlen", "dropped b one maxlen"), told());
    }

    @Test
    void whoFailsTooOftenIsTold() {
        node.declare("f", Map.of("x-queue-type", "quorum", "x-delivery-limit", 1L));
        publish(new Route("/", "", "f"), message("a", LEAVING));
        settle(get("f"), Outcome.REJECT_REQUEUE);
        assertEquals(List.of(), told());
        settle(get("f"), Outcome.REJECT_REQUEUE);
        assertEquals(List.of("dropped a f delivery_limit"), told());
    }

    @Test
    void aNewerValueTakesThePlaceAndTells() {
        node.declare("l", Map.of("x-last-value", "g"));
        Route l = new Route("/", "", "l");
        publish(l, message("x", LEAVING));
        publish(l, message("x", LEAVING));
        assertEquals(List.of("dropped x l replaced"), told());
        node.restart();
        publish(l, message("x", "stored"));
        assertEquals(2, told().size(), "stored, and the one before is replaced");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-max-priority", "x-group-by", "x-fair-by"})
    void queuesWithLanesTell(String argument) {
        node.declare("p", Map.of(argument, argument.equals("x-max-priority") ? 9L : "header:g"));
        Message[] some = IntStream.range(0, 12)
                .mapToObj(i -> new Message("m" + i, "r", SomeReports.telling(SomeReports.ALL), i % 7, 1))
                .toArray(Message[]::new);
        publish(new Route("/", "", "p"), some);
        assertEquals(12, told().size());
        settle(get("p"), Outcome.ACK);
        node.restart();
        settle(get("p"), Outcome.ACK);
        node.apply(new PurgeQueue(node.connection, "/", "p"));
        goOn();
        List<String> told = told();
        assertEquals(12, told.size());
        assertEquals(2, told.stream().filter(t -> t.startsWith("acked")).count());
        assertEquals(10, told.stream().filter(t -> t.endsWith("purged")).count());
        assertEquals(12, told.stream().map(t -> t.split(" ")[1]).distinct().count());
    }

    @Test
    void aQueueThatIsDeletedTellsOfAllThatWasInIt() {
        publish(5, LEAVING);
        Reply.Got held = get("q");
        settle(get("q"), Outcome.NACK_REQUEUE);
        settle(held, Outcome.ACK);
        get("q");
        node.restart();
        told();
        delete("q");
        node.restart();
        goOn();
        List<String> told = told();
        assertEquals(4, told.size(), told.toString());
        assertTrue(told.stream().allMatch(t -> t.startsWith("dropped m") && t.endsWith(" q deleted")), told.toString());
        node.commit();
        for (int type : new int[] {0x20, 0x11, 0x38, 0x39}) {
            node.memory.scan(new byte[] {(byte) type}, (k, v) -> assertTrue(k[0] == 0x20, Arrays.toString(k)));
        }
    }

    @Test
    void manyAreToldByTheFollowingEntriesAndAreGoneAtOnce() {
        int many = 3_500;
        for (int i = 0; i < many; i += 500) {
            publish(500, LEAVING);
        }
        node.consume(2, "q", 2 * many);
        Delivery first = node.delivered.get(0);
        long[] all = {first.firstSeq(), first.firstSeq() + many - 1};
        node.apply(new Settle(first.holder(), Outcome.ACK, all));
        assertEquals(0, node.queue("q").unacked());
        assertEquals(0, node.queue("q").unackedBytes() + node.queue("q").readyBytes());
        long inTheEntry = ready("r");
        assertTrue(inTheEntry >= 700 && inTheEntry <= 1_000, inTheEntry + " by the entry itself");
        assertTrue(node.machine.owes());
        node.restart();
        int entries = 0;
        for (; node.machine.owes(); entries++) {
            long before = ready("r");
            node.apply(new Probe(false));
            assertTrue(ready("r") - before <= 1_000);
        }
        assertTrue(entries >= 3 && entries < 8, entries + " entries");
        assertEquals(many, ready("r"));
        node.commit();
        node.memory.scan(new byte[] {0x38}, (k, v) -> assertFalse(true, "a mark is left"));
    }

    private Message[] wanting(String words, int many) {
        return IntStream.range(0, many).mapToObj(i -> message("n" + i, words)).toArray(Message[]::new);
    }

    /** What one entry brings is told by those that follow, in its order and as of its entry, and before what comes later. */
    @Test
    void manyThatComeAreToldByTheFollowingEntries() {
        int many = 3_500;
        publish(Q, wanting("stored", many));
        long index = node.index;
        assertEquals(many, ready("q"));
        assertEquals(1_000, ready("r"), "by the entry itself");
        assertTrue(node.machine.owes());
        node.restart();
        publish(Q, message("last", "stored"));
        assertEquals(2_000, ready("r"));
        for (node.restart(); node.machine.owes(); node.restart()) {
            long before = ready("r");
            node.apply(new Probe(false));
            assertTrue(ready("r") - before <= 1_000);
        }
        assertEquals(many + 1, ready("r"));
        List<String> lines = new ArrayList<>();
        for (Chunk c : node.memory.chunks(node.machine.queueNumber("/", "r"), 0, Long.MAX_VALUE)) {
            lines.addAll(SomeReports.bodies(
                    node, new Delivery(0, c, 0, node.memory.load(c).count(), false, 0, 0)));
        }
        for (int i = 0; i < many; i++) {
            assertEquals("n" + i, SomeReports.member(lines.get(i), "message_id"));
            assertEquals("[q]", SomeReports.member(lines.get(i), "queues"));
            assertEquals(Long.toString(index), SomeReports.member(lines.get(i), "index"));
        }
        assertEquals("last", SomeReports.member(lines.get(many), "message_id"));
        node.memory.scan(new byte[] {0x3b}, (k, v) -> assertFalse(true, "something is left"));
    }

    /** Whoever wants more than entries may tell, all the time, is told late, and in the end not of all. */
    @Test
    void whatIsKeptIsBounded() {
        WorkLimits work = new WorkLimits(100, 5, 2, 2, 100);
        node = new OneNode(
                new MemoryStore(), new MachineLimits(2, 16, 3, 200, 64, 5, work, 4, 100, StateLimits.DEFAULTS));
        node.raise(VoidPublish.LEVEL);
        node.declare("q");
        node.declare("r");
        int came = 0;
        for (int n = 0; n < 150; n++) {
            long before = ready("r");
            publish(Q, wanting("stored", 20));
            came += 20;
            long kept = came - ready("r") - node.machine.reports().lost();
            assertTrue(kept <= 1_000 + 20, came + " came, and kept are " + kept);
            assertTrue(ready("r") - before <= 12, "one entry told " + (ready("r") - before));
            if (n % 10 == 0) {
                node.restart();
            }
        }
        assertTrue(node.machine.reports().lost() > 0, "all is kept");
        assertEquals(came, ready("q"));
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
        assertEquals(came, ready("r") + node.machine.reports().lost());
    }

    @Test
    void whatComesToManyAuditedQueuesIsToldInPieces() {
        node.declare("amq.receipts", Map.of("x-queue-type", "stream"));
        node.apply(
                new DeclareExchange("/", "fan", new ExchangeSpec("fanout", true, false, false, Arguments.NONE), false));
        for (int i = 0; i < 8; i++) {
            node.declare("a" + i, Map.of("x-receipts", "stream"));
            node.bind("fan", "a" + i);
        }
        publish(new Route("/", "fan", ""), wanting("acked", 500));
        assertEquals(1_000, ready("amq.receipts"));
        for (node.restart(); node.machine.owes(); node.restart()) {
            long before = ready("amq.receipts");
            node.apply(new Probe(false));
            assertTrue(ready("amq.receipts") - before <= 1_000);
        }
        assertEquals(4_000, ready("amq.receipts"));
        assertEquals(4_000, node.machine.reports().told());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLargePurgeAndDeleteAreToldInPieces(boolean purge) {
        for (int i = 0; i < 6; i++) {
            publish(500, LEAVING);
        }
        Reply.Got got = get("q");
        node.restart();
        if (purge) {
            assertEquals(
                    2_999,
                    assertInstanceOf(Reply.Removed.class, node.apply(new PurgeQueue(node.connection, "/", "q")))
                            .messages());
            assertEquals(0, ready("q"));
        } else {
            delete("q");
            assertTrue(node.machine.queue("/", "q").isEmpty());
        }
        assertTrue(node.machine.owes());
        long before = ready("r");
        node.declare("q");
        assertTrue(before <= 1_000, before + " by the entry itself");
        while (node.machine.owes()) {
            node.restart();
            publish(Q, message("new", "stored"));
        }
        long later = ready("q");
        settle(purge ? got : get("q"), Outcome.ACK);
        long reports = ready("r");
        assertEquals(3_000 + later, reports);
    }

    /** They go some per entry, and some of what left them before is not told yet. */
    @Test
    void queuesThatGoWithTheirConnectionTellOfAllThatWasInThem() {
        WorkLimits work = new WorkLimits(1_000, 1, 2, 2, 100);
        node = new OneNode(
                new MemoryStore(), new MachineLimits(2, 16, 3, 200, 64, 5, work, 4, 100, StateLimits.DEFAULTS));
        node.raise(VoidPublish.LEVEL);
        node.declare("r");
        ConnectionId own = new ConnectionId("n1", 2);
        node.apply(new OpenConnection(own, OneNode.info()));
        List<Reply.Got> held = new ArrayList<>();
        for (String q : List.of("a", "b", "c")) {
            QueueSpec spec = new QueueSpec(false, true, false, Arguments.NONE);
            node.apply(new DeclareQueue(own, "/", q, spec, false));
            publish(
                    new Route("/", "", q),
                    IntStream.range(0, 10)
                            .mapToObj(i -> message(q + i, LEAVING))
                            .toArray(Message[]::new));
            for (int i = 0; i < 7; i++) {
                held.add((Reply.Got) node.apply(new Get(own, 1, "/", q, false)));
            }
        }
        node.restart();
        node.begin();
        for (Reply.Got got : held) {
            long seq = got.delivery().firstSeq();
            node.machine.apply(new Settle(got.holder(), Outcome.ACK, new long[] {seq, seq}), node);
        }
        node.machine.apply(new CloseConnection(own, List.of()), node);
        node.end();
        assertTrue(node.machine.owes());
        for (node.restart(); node.machine.owes(); node.restart()) {
            node.apply(new Probe(false));
        }
        List<String> told = told();
        assertEquals(30, told.size(), told.toString());
        assertEquals(21, told.stream().filter(t -> t.startsWith("acked")).count(), told.toString());
        assertEquals(30, told.stream().map(t -> t.split(" ")[1]).distinct().count());
        node.commit();
        for (int type : new int[] {0x11, 0x38, 0x39}) {
            node.memory.scan(new byte[] {(byte) type}, (k, v) -> assertFalse(true, Arrays.toString(k)));
        }
    }

    @Test
    void aTargetThatIsNotThereOrFullIsToldNothingAndNothingWaits() {
        publish(
                Q,
                Message.of("a", "none", LEAVING),
                Message.of("b", "small", LEAVING),
                Message.of("c", "small", LEAVING));
        node.declare("small", Map.of("x-max-length", 1L, "x-overflow", "reject-publish"));
        for (int i = 0; i < 3; i++) {
            settle(get("q"), Outcome.ACK);
        }
        assertEquals(0, node.queue("q").unacked() + ready("q"));
        assertEquals(1, ready("small"));
        assertEquals("1 told, 2 lost", everything());
        publish(3, "acked");
        delete("r");
        settle(get("q"), Outcome.ACK);
        assertEquals("1 told, 3 lost", everything());
        node.restart();
        assertEquals("1 told, 3 lost", everything());
    }

    @Test
    void reportsAreToldOfToNobodyAndDieAsOthersDo() {
        node.declare(
                "told", Map.of("x-max-length", 1L, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "told"));
        publish(Q, Message.of("a", "told", LEAVING), Message.of("b", "told", LEAVING));
        settle(get("q"), Outcome.ACK);
        settle(get("q"), Outcome.ACK);
        goOn();
        assertEquals(1, ready("told"), "what died comes back where it died, once, and is a cycle then");
        assertEquals(2, node.machine.reports().told());
        // One that is told of in the queue that it is in itself.
        publish(new Route("/", "", "told"), Message.of("c", "told", LEAVING));
        goOn();
        assertEquals(1, ready("told"));
    }

    @Test
    void aTransactionTellsInItsEntry() {
        publish(2, LEAVING);
        Reply.Got got = get("q");
        long seq = got.delivery().firstSeq();
        Settle ack = new Settle(got.holder(), Outcome.ACK, new long[] {seq, seq});
        CommitTx tx = new CommitTx(
                node.connection, 1, List.of(ack), SomeReports.run(Origins.NONE, Q, List.of(message("t", "stored"))));
        assertEquals(Reply.OK, node.apply(tx));
        assertEquals(2, ready("r"));
        assertEquals(List.of("stored t [q]", "acked m0 q"), told());
    }

    @Test
    void whatWaitsForItsTimeIsStoredAndMayBeCalledOff() {
        Extension later = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "s"))
                .with(Terms.NONE.telling(SomeReports.ALL));
        publish(Q, message("a", "").with(later));
        String line = lines().get(0);
        assertEquals("stored a []", SomeReports.brief(line));
        assertEquals(node.index - 2 + 1_000, Long.parseLong(SomeReports.member(line, "due")), 3);
        publish(Q, message("b", "").with(later));
        assertEquals(
                List.of("stored b []", "dropped a replaced"),
                told().stream().sorted((x, y) -> y.compareTo(x)).toList());
        pass(2_000);
        assertEquals(List.of(), told());
        settle(get("q"), Outcome.ACK);
        assertEquals(List.of("acked b q"), told());
        publish(Q, message("c", "").with(later));
        node.restart();
        node.apply(new CallOff("/", "s", 0, 0));
        assertEquals(List.of("stored c []", "dropped c called_off"), told());
        publish(Q, message("d", "").with(later));
        delete("q");
        pass(2_000);
        assertEquals(List.of("stored d []", "dropped d unroutable"), told());
    }

    @Test
    void aQueueThatIsDeletedBetweenEventAndReportIsToldNothing() {
        publish(
                Q,
                message("a", "")
                        .with(new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "s"))
                                .with(Terms.NONE.telling(ReportEvent.DROPPED.bit()))));
        node.begin();
        node.machine.apply(new CallOff("/", "s", 0, 0), node);
        node.machine.apply(new DeleteQueue(node.connection, "/", "r", false, false), node);
        node.end();
        assertEquals("0 told, 1 lost", everything());
        node.commit();
        node.memory.scan(new byte[] {0x20}, (k, v) -> assertFalse(true, "a chunk of a queue that is gone"));
    }

    @Test
    void aStreamTellsWhenItGivesUpWhatIsTooMuch() {
        node.declare("s", Map.of("x-queue-type", "stream", "x-max-length", 1L));
        publish(new Route("/", "", "s"), message("a", LEAVING));
        node.restart();
        publish(new Route("/", "", "s"), message("b", LEAVING));
        assertEquals(List.of("dropped a s maxlen"), told());
        assertEquals(1, ready("s"));
    }

    @Test
    void whatIsMovedByHandIsTold() {
        node.declare("other");
        publish(2, LEAVING);
        long q = node.machine.queueNumber("/", "q");
        node.apply(new Redrive(q, node.machine.ready(q, 0, Long.MAX_VALUE, 4), "other", "", "", ""));
        assertEquals(List.of("moved m0 q redriven [other]", "moved m1 q redriven [other]"), told());
        settle(get("other"), Outcome.ACK);
        assertEquals(List.of("acked m0 other"), told());
    }

    @Test
    void whatCameBeforeIsNotToldAgain() {
        Extension named = Extension.NONE.with(Terms.named("p", 1).telling(SomeReports.ALL));
        publish(Q, message("a", "").with(named));
        publish(Q, message("a", "").with(named));
        assertEquals(List.of("stored a [q]"), told());
    }

    @Test
    void aQueueWhereNobodyAskedHasNothingOfIt() {
        publish(Q, Message.of("a", null, "stored"), Message.of("b", "r", "stored, refused"));
        node.commit();
        int[] versions = new int[3];
        for (var c : node.memory.chunks(node.machine.queueNumber("/", "q"), 0, Long.MAX_VALUE)) {
            versions[c.hasReports() ? 1 : 0]++;
        }
        assertEquals(1, versions[0], "who wants to hear of other things costs the chunk nothing");
        publish(1, "acked");
        node.commit();
        for (var c : node.memory.chunks(node.machine.queueNumber("/", "q"), 0, Long.MAX_VALUE)) {
            versions[c.hasReports() ? 2 : 0]++;
        }
        assertEquals(1, versions[2]);
    }

    private List<String> feed() {
        node.commit();
        List<String> all = new ArrayList<>();
        for (Chunk c : node.memory.chunks(node.machine.queueNumber("/", ReportQueue.FEED), 0, Long.MAX_VALUE)) {
            int n = node.memory.load(c).count();
            all.addAll(SomeReports.bodies(node, new Delivery(0, c, 0, n, false, 0, 0)));
        }
        return all.stream().map(SomeReports::brief).toList();
    }

    private void audit(String pattern) {
        Arguments definition = new Arguments(Map.of("receipts", "stream"));
        Reply reply = node.apply(new SetPolicy("/", "audit", false, new PolicySpec(pattern, "queues", 0, definition)));
        assertInstanceOf(Reply.PolicySet.class, reply);
        goOn();
    }

    @Test
    void aPolicyKeepsAFeedOfAllQueuesThatItMatches() {
        assertInstanceOf(Reply.Rejected.class, node.declare(ReportQueue.FEED), "the name is a stream's");
        assertInstanceOf(Reply.QueueDeclared.class, node.declare(ReportQueue.FEED, Map.of("x-queue-type", "stream")));
        node.declare("dead");
        node.declare("a1", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
        Route a1 = new Route("/", "", "a1");
        publish(a1, Message.of("before", null, "").with(Extension.NONE));
        audit("^(a|dead|amq)");
        publish(a1, Message.of("m1", null, "stored").with(Extension.NONE), message("m2", "acked"));
        assertEquals(List.of("stored m1 a1", "stored m2 a1"), feed());
        settle(get("a1"), Outcome.ACK);
        settle(get("a1"), Outcome.DISCARD);
        goOn();
        node.restart();
        settle(get("a1"), Outcome.ACK);
        assertEquals(List.of("acked m2 a1"), told(), "who asked himself is told himself");
        settle(get("dead"), Outcome.ACK);
        assertEquals(
                List.of(
                        "stored m1 a1",
                        "stored m2 a1",
                        "dead-lettered m1 a1 rejected [dead]",
                        "stored m1 dead",
                        "acked m2 a1",
                        "acked m1 dead"),
                feed(),
                "what came before the policy is not told of");
        publish(a1, Message.of("m3", null, "").with(Extension.NONE));
        delete("a1");
        goOn();
        assertEquals("dropped m3 a1 deleted", feed().get(7));
        assertEquals(0, node.machine.reports().lost());
        publish(Q, message("m4", "acked"));
        settle(get("q"), Outcome.ACK);
        assertEquals(8, feed().size(), "q is none of them");
    }

    @Test
    void theFeedIsNotToldOfAndWithoutItNothingWaits() {
        audit(".*");
        publish(2, "acked");
        assertEquals("0 told, 2 lost", everything());
        node.declare(ReportQueue.FEED, Map.of("x-queue-type", "stream"));
        settle(get("q"), Outcome.ACK);
        assertEquals(List.of("acked m0 q", "stored r"), sorted(feed()), "the report is a message that came, too");
        assertFalse(node.machine.owes());
    }

    @Test
    void namesAndReasonsAreJson() {
        String id = "\"\\\u0001\uD83D\uDE00é";
        publish(Q, message(id, "acked"));
        settle(get("q"), Outcome.ACK);
        assertTrue(lines().get(0).contains("\"message_id\":\"\\\"\\\\\\u0001\\ud83d\\ude00é\""));
    }

    /** A message that is to go to these queues, which hold back what they hand on for five seconds. */
    private void publishToBeHeldBack(String... queues) {
        Arguments direct = new Arguments(Map.of("x-delayed-type", "direct"));
        ExchangeSpec spec = new ExchangeSpec("x-delayed-message", true, false, false, direct);
        node.apply(new DeclareExchange("/", "later", spec, false));
        for (String q : queues) {
            node.bind("later", "q", q);
            node.declare(q, Map.of("x-dead-letter-exchange", "later", "x-dead-letter-routing-key", q));
            node.bind("amq.fanout", q);
        }
        byte[] more = Extension.NONE
                .with(Terms.named("p", 1).telling(ReportEvent.bits(LEAVING)))
                .encode();
        Map<String, Object> values = new TreeMap<>();
        values.put("reply_to", "r");
        values.put("headers", new TreeMap<>(Map.of("x-delay", -5_000L)));
        byte[] all = PropertiesBuilder.build(values);
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, more.length, all.length, 1);
        w.raw(more, 0, more.length).raw(all, 0, all.length).uint8('x');
        Route fan = new Route("/", "amq.fanout", "");
        node.apply(new Publish(List.of(fan), w.array(), 0, w.size(), 0, Origins.NONE));
    }

    private List<String> places() {
        return node.machine.receipts().receipt("/", "p", 1).places().stream()
                .map(p -> p.queue() + " " + p.state())
                .sorted()
                .toList();
    }

    /** One letter is kept for later at its exchange: it is on its way, and what is told as the end of it is its end. */
    @Test
    void aLetterThatWaitsForItsTimeIsNotLost() {
        publishToBeHeldBack("dq");
        settle(get("dq"), Outcome.DISCARD);
        assertEquals(1, node.machine.scheduled(null, 10).items().size());
        List<String> first = lines();
        assertEquals(1, first.size());
        assertEquals("dead-lettered", SomeReports.member(first.get(0), "event"));
        pass(6_000);
        assertEquals(List.of("q ready"), places());
        settle(get("q"), Outcome.ACK);
        assertEquals("acked", SomeReports.member(lines().get(0), "event"));
    }

    @Test
    void whereLettersComeThatWaitedIsTold() {
        publishToBeHeldBack("d1", "d2");
        assertEquals(List.of("d1 ready", "d2 ready"), places());
        settle(get("d1"), Outcome.DISCARD);
        assertEquals(List.of("d2 ready"), places());
        pass(6_000);
        assertEquals(List.of("d2 ready", "q ready"), places());
        settle(get("d2"), Outcome.DISCARD);
        pass(6_000);
        assertEquals(List.of("q ready", "q ready"), places());
    }

    /** More queues than an entry can tell of, and the first of them always have something new: the others have their turn all the same. */
    @Test
    void allQueuesHaveTheirTurn() {
        node = new OneNode(
                new MemoryStore(),
                new MachineLimits(
                        256,
                        100_000,
                        1_000,
                        256 << 10,
                        512,
                        4_096,
                        new WorkLimits(32_768, 500, 2, 64, 4_096),
                        8,
                        250_000,
                        StateLimits.DEFAULTS));
        node.raise(VoidPublish.LEVEL);
        node.declare("r");
        final long reader = ((Reply.Subscribed) node.consume("r", 0)).consumer();
        List<Long> consumers = new ArrayList<>();
        Message[] many =
                IntStream.range(0, 30).mapToObj(i -> message("m" + i, "acked")).toArray(Message[]::new);
        for (String q : List.of("q0", "q1", "q2")) {
            node.declare(q);
            consumers.add(((Reply.Subscribed) node.consume(q, 0)).consumer());
            publish(new Route("/", "", q), many);
        }
        node.apply(new Settle(consumers.get(2), Outcome.ACK, new long[] {0, 29}));
        node.apply(new Settle(consumers.get(1), Outcome.ACK, new long[] {0, 29}));
        for (long seq = 0; seq < 30; seq++) {
            node.apply(new Settle(consumers.get(0), Outcome.ACK, new long[] {seq, seq}));
        }
        List<String> told = node.delivered.stream()
                .filter(d -> d.holder() == reader)
                .flatMap(d -> SomeReports.bodies(node, d).stream())
                .map(line -> SomeReports.member(line, "queue"))
                .toList();
        assertTrue(told.stream().filter("q1"::equals).count() > 5, told.toString());
        assertTrue(told.stream().filter("q2"::equals).count() > 5, told.toString());
    }
}
