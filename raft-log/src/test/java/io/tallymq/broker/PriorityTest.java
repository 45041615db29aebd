package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
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

/** Priorities of messages. After every entry the machine is replaced by one that comes from the store. */
class PriorityTest extends OneNodeTest {
    private static final int UNSAID = -1;
    private static final Route Q = new Route("/", "", "q");

    PriorityTest() {
        node.raise(2);
    }

    private Reply apply(Command c) {
        Reply r = node.apply(c);
        restart();
        return r;
    }

    private void declare(String queue, Object... arguments) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        Reply r = node.declare(queue, a);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    private void declareQuorum(String queue, Object... arguments) {
        Object[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "x-queue-type";
        all[arguments.length + 1] = "quorum";
        declare(queue, all);
    }

    /** Messages named as given, each with the priority behind the colon, if there is one; and the time to live behind an @. */
    static Publish messages(Route route, String... messages) {
        ByteWriter w = new ByteWriter();
        for (String m : messages) {
            String[] timed = m.split("@");
            String[] parts = timed[0].split(":");
            ByteWriter properties = properties(parts.length == 1 ? UNSAID : Integer.parseInt(parts[1]));
            long expiration = timed.length == 1 ? -1 : Long.parseLong(timed[1]);
            byte[] more = new Extension(List.of(), 0, expiration).encode();
            byte[] body = parts[0].getBytes();
            MessageRecord.writeHeader(w, 0, 0, more.length, properties.size(), body.length);
            w.raw(more, 0, more.length)
                    .raw(properties.array(), 0, properties.size())
                    .raw(body, 0, body.length);
        }
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    private static ByteWriter properties(int priority) {
        ByteWriter w = new ByteWriter();
        w.uint16(1 << 15 | 1 << 12 | (priority < 0 ? 0 : 1 << 11));
        w.uint8(4).raw("text".getBytes(), 0, 4).uint8(2);
        return priority < 0 ? w : w.uint8(priority);
    }

    private void publish(String... messages) {
        apply(messages(Q, messages));
    }

    private Reply.Got got() {
        return (Reply.Got) apply(new Get(node.connection, 1, "/", "q", false));
    }

    private List<String> names(Delivery d) {
        return names(node, d);
    }

    private List<String> names(OneNode of, Delivery d) {
        ChunkBody body = of.memory.load(d.chunk());
        List<String> names = new ArrayList<>();
        for (int i = d.from(); i < d.to(); i++) {
            int at = body.at(i);
            names.add(new String(
                    body.bytes(),
                    MessageRecord.bodyOffset(body.bytes(), at),
                    MessageRecord.inlineLength(body.bytes(), at)));
        }
        return names;
    }

    /** Fetches and acks all of a queue. */
    private String drain(String queue) {
        List<String> names = new ArrayList<>();
        while (apply(new Get(node.connection, 1, "/", queue, true)) instanceof Reply.Got g) {
            names.addAll(names(g.delivery()));
            settle(g.holder(), g.delivery(), Outcome.ACK);
        }
        return String.join(" ", names);
    }

    private String drain() {
        return drain("q");
    }

    /** What consumers were handed since the last time, in order. */
    private String handed() {
        List<String> names = new ArrayList<>();
        node.delivered.forEach(d -> names.addAll(names(d)));
        node.delivered.clear();
        return String.join(" ", names);
    }

    private void settle(long holder, Delivery d, Outcome how) {
        apply(new Settle(holder, how, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}));
    }

    private void settle(Reply.Got g, Outcome how) {
        settle(g.holder(), g.delivery(), how);
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    /** Some milliseconds go by, and the log goes on as long as there is work. */
    private void pass(long millis) {
        node.passed += millis;
        do {
            apply(new Probe(false));
        } while (node.machine.owes());
    }

    /** All queues go; what the store has of them then is a leak. */
    private void assertNothingIsLeft() {
        for (BrokerView.QueueInfo q : node.machine.queues()) {
            apply(new DeleteQueue(node.connection, "/", q.name(), false, false));
        }
        pass(1);
        for (byte type = Keys.QUEUE_STATE; type <= Keys.SHARED_REFERENCES; type++) {
            store().scan(Keys.of(type), (k, v) -> assertTrue(k[0] == Keys.CHANNEL, Arrays.toString(k)));
        }
    }

    @Test
    void whoHasMoreComesFirstAndEqualsComeInOrder() {
        declare("q", "x-max-priority", 5L);
        publish("a", "b:1", "c:5", "d:0", "e:5", "f:1");
        publish("g:5", "h", "i:2");
        assertEquals(9, ready("q"));
        assertEquals("c e g i b f a d h", drain());
        publish("j", "k:3");
        assertEquals("k j", drain());
        assertNothingIsLeft();
    }

    @Test
    void moreThanTheHighestCountsAsTheHighest() {
        declare("q", "x-max-priority", 5L);
        publish("a:4", "b:5", "c:200", "d:255", "e:6");
        assertEquals("b c d e a", drain());
    }

    @Test
    void theHighestPossible() {
        declare("q", "x-max-priority", 255L);
        for (int p = 0; p < 256; p++) {
            publish(p + ":" + p);
        }
        publish("last");
        for (int p = 255; p >= 0; p--) {
            assertEquals(List.of(Integer.toString(p)), names(got().delivery()));
        }
        assertEquals("last", drain());
        assertNothingIsLeft();
    }

    @Test
    void withoutPrioritiesThatOfAMessageMeansNothing() {
        declare("q");
        publish("a", "b:9", "c:1");
        assertEquals("a b c", drain());
        declare("zero", "x-max-priority", 0L);
        apply(messages(new Route("/", "", "zero"), "a", "b:9", "c:1"));
        assertEquals("a b c", drain("zero"));
    }

    @Test
    void aQuorumQueueHas32AndWhoDoesNotSayHasFour() {
        declareQuorum("q");
        publish("a", "b:4", "c:3", "d:5", "e:31", "f:32", "g:255", "h:0", "i");
        assertEquals("e f g d a b i c h", drain());
        assertNothingIsLeft();
    }

    @Test
    void belowLevelTwoThereAreNone() {
        OneNode old = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        Reply.Rejected refused = (Reply.Rejected) old.declare("c", Map.of("x-max-priority", 5L));
        assertEquals(540, refused.code());
        assertTrue(refused.text().contains("level 2"), refused.text());
        old.declare("q", Map.of("x-queue-type", "quorum"));
        old.raise(2);
        old.declare("new", Map.of("x-queue-type", "quorum"));
        for (String queue : List.of("q", "new")) {
            old.apply(messages(new Route("/", "", queue), "a", "b:9", "c:1"));
        }
        old.restart();
        assertEquals("a", first(old, "q"));
        assertEquals("b", first(old, "new"));
    }

    private String first(OneNode of, String queue) {
        Reply.Got g = (Reply.Got) of.apply(new Get(of.connection, 1, "/", queue, false));
        return names(of, g.delivery()).get(0);
    }

    @Test
    void aQuorumQueueTellsHowOftenAMessageWasHad() {
        declareQuorum("q");
        declare("classic", "x-max-priority", 3L);
        publish("a:1");
        settle(got(), Outcome.NACK_REQUEUE);
        settle(got(), Outcome.REJECT_REQUEUE);
        Delivery d = got().delivery();
        assertEquals(1, d.attempts());
        assertEquals(2, d.returns());
        apply(messages(new Route("/", "", "classic"), "b"));
        Reply.Got b = (Reply.Got) apply(new Get(node.connection, 1, "/", "classic", false));
        settle(b, Outcome.NACK_REQUEUE);
        b = (Reply.Got) apply(new Get(node.connection, 1, "/", "classic", false));
        assertTrue(b.delivery().redelivered());
        assertEquals(0, b.delivery().returns());
    }

    @Test
    void whatGoesBackGoesToItsPlaceInItsLane() {
        declare("q", "x-max-priority", 9L);
        publish("a:1", "b:1", "c:7", "d:7", "e:4");
        Reply.Got c = got();
        Reply.Got d = got();
        Reply.Got e = got();
        Reply.Got a = got();
        settle(e, Outcome.REJECT_REQUEUE);
        settle(a, Outcome.NACK_REQUEUE);
        settle(c, Outcome.NACK_REQUEUE);
        publish("f:7", "g:4");
        assertEquals(List.of("c"), names(got().delivery()));
        assertEquals(List.of("f"), names(got().delivery()));
        settle(d, Outcome.REJECT_REQUEUE);
        assertEquals("d e g a b", drain());
    }

    /** 4.7: in order, unless flagged. What comes of another priority is no disorder. */
    @Test
    void onlyWhatIsLateWithinItsLaneIsFlagged() {
        declare("q", "x-max-priority", 9L);
        publish("a:1", "b:1", "c:7", "d:7");
        long holder = ((Reply.Subscribed) node.consume("q", 4)).consumer();
        assertEquals("c d a b", handed());
        apply(messages(Q, "e:8"));
        long low = (9L - 1) << 55;
        long high = (9L - 7) << 55;
        apply(new Settle(holder, Outcome.RELEASE, new long[] {low, low + 1}));
        assertEquals("e a", handed());
        apply(new Settle(holder, Outcome.ACK, new long[] {high + 1, high + 1}));
        node.delivered.clear();
        apply(new Settle(holder, Outcome.RELEASE, new long[] {high, high}));
        assertEquals("c", names(node.delivered.get(0)).get(0));
        assertTrue(node.delivered.get(0).redelivered(), "the client had the one behind it");
    }

    @Test
    void whatWasNeverSentComesUnflaggedThoughOthersOfALowerPriorityWere() {
        declare("q", "x-max-priority", 9L);
        publish("a:1");
        long holder = ((Reply.Subscribed) node.consume("q", 2)).consumer();
        publish("b:7");
        assertEquals("a b", handed());
        long low = (9L - 1) << 55;
        long high = (9L - 7) << 55;
        apply(new Settle(holder, Outcome.ACK, new long[] {low, low}));
        publish("c:1");
        node.delivered.clear();
        apply(new Settle(holder, Outcome.RELEASE, new long[] {high, high}));
        Delivery again = node.delivered.get(0);
        assertEquals(List.of("b"), names(again));
        assertFalse(again.redelivered());
        apply(new Settle(holder, Outcome.ACK, new long[] {high, high}));
        apply(new Settle(holder, Outcome.NACK_REQUEUE, new long[] {low + 1, low + 1}));
        assertTrue(node.delivered.get(node.delivered.size() - 1).redelivered());
    }

    @Test
    void theLastLaneOfAllHasAnOrderToo() {
        declare("q", "x-max-priority", 255L);
        publish("a", "b", "c:255");
        long holder = ((Reply.Subscribed) node.consume("q", 3)).consumer();
        assertEquals("c a b", handed());
        long last = 255L << 55;
        apply(new Settle(holder, Outcome.ACK, new long[] {last + 1, last + 1}));
        apply(new Settle(holder, Outcome.RELEASE, new long[] {0, 0}));
        apply(new Settle(holder, Outcome.RELEASE, new long[] {last, last}));
        assertEquals(
                List.of(false, true),
                node.delivered.stream().map(Delivery::redelivered).toList());
        assertEquals("c a", handed());
    }

    @Test
    void aConsumerKeepsWhatItHasAndThenGetsTheHighest() {
        declare("q", "x-max-priority", 9L);
        publish("a:1", "b:1", "c:1");
        long holder = ((Reply.Subscribed) node.consume("q", 1)).consumer();
        assertEquals("a", handed());
        publish("d:9", "e:5");
        assertEquals("", handed());
        long low = (9L - 1) << 55;
        apply(new Settle(holder, Outcome.ACK, new long[] {low, low}));
        assertEquals("d", handed());
        apply(new Settle(holder, Outcome.ACK, new long[] {0, 0}));
        assertEquals("e", handed());
    }

    /** A consumer that settles fast is assigned ahead: not where what comes later may have to come first. */
    @Test
    void nobodyIsAssignedAheadWhereMessagesHaveDifferentPriorities() {
        declareQuorum("q");
        String[] many = new String[60];
        Arrays.fill(many, "m");
        publish(many);
        long holder = ((Reply.Subscribed) node.consume("q", 10)).consumer();
        long base = 27L << 55;
        apply(new Settle(holder, Outcome.ACK, new long[] {base, base + 9}));
        apply(new Settle(holder, Outcome.ACK, new long[] {base + 10, base + 19}));
        long held = node.queue("q").unacked();
        assertTrue(node.delivered.stream().mapToInt(Delivery::count).sum() - 20 > held, "some were assigned ahead");
        assertEquals(List.of(), node.askedBack);
        publish("urgent:9");
        assertEquals(List.of(holder), node.askedBack);
        node.delivered.clear();
        long[] sent = {base + 20, base + 29};
        apply(new TakeBack(holder, sent));
        apply(new Settle(holder, Outcome.ACK, new long[] {base + 20, base + 20}));
        assertEquals("urgent", handed());
        apply(new Settle(holder, Outcome.ACK, new long[] {base + 21, base + 29}));
        assertEquals(10, node.queue("q").unacked());
        assertEquals(9, node.delivered.stream().mapToInt(Delivery::count).sum());
    }

    @Test
    void aNodeThatLeftGivesBackInOrderOfPriority() {
        declare("q", "x-max-priority", 9L);
        publish("a:1", "b:7", "c:4");
        long holder = ((Reply.Subscribed) node.consume("q", 3)).consumer();
        handed();
        apply(new CloseChannel(node.connection, 1, List.of(new Sent(holder, new long[] {2L << 55, 2L << 55}))));
        Reply.Got b = got();
        assertEquals(List.of("b"), names(b.delivery()));
        assertTrue(b.delivery().redelivered());
        assertEquals("c a", drain());
    }

    @Test
    void aPurgeTakesAllLanesAndLeavesWhatIsHeld() {
        declare("q", "x-max-priority", 9L);
        declare("other");
        node.bind("amq.fanout", "q");
        node.bind("amq.fanout", "other");
        Route fanout = new Route("/", "amq.fanout", "");
        String big = "x".repeat(1_000);
        apply(messages(fanout, big + ":1", big + ":9", big, "c:9"));
        Reply.Got held = got();
        assertEquals(new Reply.Removed(3), apply(new PurgeQueue(node.connection, "/", "q")));
        assertEquals(0, ready("q"));
        assertEquals(4, ready("other"));
        settle(held, Outcome.NACK_REQUEUE);
        publish("d:1", "e:9");
        assertEquals(List.of(big), names(got().delivery()));
        assertEquals("e d", drain());
        assertNothingIsLeft();
    }

    @Test
    void whatHasNoRoomIsTheOldestOfTheLowest() {
        declare(
                "q",
                "x-max-priority",
                9L,
                "x-max-length",
                3L,
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                "d");
        declare("d");
        publish("a:5", "b:1", "c:1", "d:5");
        publish("e:5", "f:1");
        pass(1);
        assertEquals("a d e", drain());
        assertEquals("b c f", drain("d"));
    }

    @Test
    void aLimitCountsAllLanes() {
        declare("q", "x-max-priority", 9L, "x-max-length", 3L, "x-overflow", "reject-publish");
        publish("a:1", "b:9");
        publish("c:5", "d:9", "e:0");
        assertEquals(2, node.refused.size());
        assertEquals("b c a", drain());
        declare("bytes", "x-max-priority", 9L, "x-max-length-bytes", 6L, "x-overflow", "reject-publish");
        node.refused.clear();
        apply(messages(new Route("/", "", "bytes"), "abc:1", "def:9", "g:5"));
        assertEquals(1, node.refused.size());
        assertEquals(6, node.queue("bytes").readyBytes());
    }

    @Test
    void theHeadOfEachLaneExpires() {
        declare("q", "x-max-priority", 9L, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d");
        declare("d", "x-max-priority", 9L);
        publish("a:9@5000", "b:1@100", "c:5", "d:1@3000");
        long due = node.machine.nextDue();
        pass(200);
        assertTrue(due <= node.machine.clock());
        assertEquals(3, ready("q"));
        assertEquals("b", drain("d"));
        pass(3_000);
        assertEquals(2, ready("q"));
        pass(3_000);
        assertEquals("c", drain());
        assertEquals("a d", drain("d"));
        assertNothingIsLeft();
    }

    @Test
    void aLowOneThatHasExpiredIsNotHandedOutBehindAHighOne() {
        declare("q", "x-max-priority", 9L);
        publish("a:1@100", "b:9");
        node.passed += 500;
        assertEquals("b", drain());
    }

    @Test
    void deadLettersKeepTheirPriority() {
        declare("q", "x-max-priority", 9L, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d");
        declare("d", "x-max-priority", 9L);
        publish("a:1", "b:9", "c:5");
        for (int i = 0; i < 3; i++) {
            Reply.Got g = got();
            settle(g, Outcome.DISCARD);
        }
        apply(messages(new Route("/", "", "d"), "e:5"));
        assertEquals(0, node.queue("q").deadLetters().messages());
        assertEquals("b c e a", drain("d"));
        assertNothingIsLeft();
    }

    @Test
    void aTransactionSettlesAndPublishesInSeveralLanes() {
        declare("q", "x-max-priority", 9L);
        publish("a:1", "b:9", "c:1");
        Reply.Got b = got();
        Reply.Got a = got();
        long low = a.delivery().firstSeq();
        long high = b.delivery().firstSeq();
        List<Settle> settles = List.of(
                new Settle(a.holder(), Outcome.ACK, new long[] {high, high}),
                new Settle(a.holder(), Outcome.NACK_REQUEUE, new long[] {low, low}));
        apply(new CommitTx(node.connection, 1, settles, messages(Q, "d", "e:9", "f:1")));
        assertEquals("e a c f d", drain());
    }

    @Test
    void bodiesInPartsHaveTheirPriority() {
        declare("q", "x-max-priority", 9L);
        byte[] part = new byte[10];
        for (int priority : new int[] {1, 9, UNSAID}) {
            long upload = 7 + priority;
            apply(new BodyPart(node.connection, upload, part, 0, part.length));
            ByteWriter properties = properties(priority);
            ByteWriter w = new ByteWriter();
            MessageRecord.writeHeader(
                    w, MessageRecord.EXTERNAL_BODY, 0, properties.size(), MessageRecord.EXTERNAL_LENGTH);
            w.raw(properties.array(), 0, properties.size());
            w.int64(upload).int64(0).int64(part.length);
            byte[] before = messages(Q, "s:5").bytes();
            ByteWriter all = new ByteWriter();
            int small = MessageRecord.length(before, 0);
            all.raw(before, 0, small).raw(w.array(), 0, w.size()).raw(before, 0, small);
            apply(new Publish(List.of(Q), all.array(), 0, all.size(), 0, Origins.NONE));
        }
        List<Integer> lanes = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            lanes.add((int) (got().delivery().firstSeq() >>> 55));
        }
        assertEquals(List.of(0, 4, 4, 4, 4, 4, 4, 8, 9), lanes);
        assertNothingIsLeft();
    }

    /** Bodies in common, several chunks per lane, and a queue beside it without priorities. */
    @Test
    void aFanOutOfMixedPriorities() {
        declare("q", "x-max-priority", 3L);
        declareQuorum("quorum");
        declare("plain");
        for (String queue : List.of("q", "quorum", "plain")) {
            node.bind("amq.fanout", queue);
        }
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            messages.add(i + "x".repeat(i % 7 * 100) + ":" + i % 5);
        }
        apply(messages(new Route("/", "amq.fanout", ""), messages.toArray(String[]::new)));
        assertEquals(expected(messages, 3), consumed("q"));
        assertEquals(expected(messages, 31), consumed("quorum"));
        assertEquals(expected(messages, 0), consumed("plain"));
        assertNothingIsLeft();
    }

    private static List<String> expected(List<String> messages, int most) {
        List<String> names = new ArrayList<>();
        for (int level = most; level >= 0; level--) {
            for (String m : messages) {
                String[] parts = m.split(":");
                if (Math.min(most, Integer.parseInt(parts[1])) == level) {
                    names.add(parts[0]);
                }
            }
        }
        return names;
    }

    private List<String> consumed(String queue) {
        node.delivered.clear();
        node.consume(1, queue, 5_000);
        restart();
        List<String> names = new ArrayList<>();
        node.delivered.forEach(d -> names.addAll(names(d)));
        return names;
    }
}
