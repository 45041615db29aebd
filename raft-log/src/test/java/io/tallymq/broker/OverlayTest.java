package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Headers that settles add: every later delivery and dead letter has them, they outlive restarts, and they go with their message. */
class OverlayTest extends OneNodeTest {
    private static final MachineLimits FEW = MachineLimits.FORMAT_1.withState(
            StateLimits.DEFAULTS.with(StateLimit.OVERLAYS, 4, 3).with(StateLimit.DEFERRED, 4, 3));

    OverlayTest() {
        super(FEW);
    }

    private int stored() {
        node.commit();
        List<byte[]> all = new ArrayList<>();
        store().scan(Keys.of(Keys.OVERLAY), (k, v) -> all.add(k));
        return all.size();
    }

    private void declare(int messages, Map<String, Object> arguments) {
        assertInstanceOf(Reply.QueueDeclared.class, node.declare("q", arguments));
        node.apply(OneNode.messages(messages, 20, new Route("/", "", "q")));
    }

    private static HeaderOverlay headers(String... namesAndValues) {
        return SomeHeaders.of(namesAndValues);
    }

    private Reply.Got got(String queue) {
        return (Reply.Got) node.apply(new Get(node.connection, 1, "/", queue, false));
    }

    private Reply settle(Delivery d, Outcome how, HeaderOverlay headers) {
        return node.apply(new SettleWith(d.holder(), how, d.firstSeq(), 0, headers, null));
    }

    private Reply settle(Outcome how, String... headers) {
        return settle(got("q").delivery(), how, headers(headers));
    }

    /** The headers of a delivery's only message as its client gets them. */
    private Map<String, Object> seen(Delivery d) {
        assertEquals(1, d.count());
        ChunkBody body = store().load(d.chunk());
        byte[] bytes = body.bytes();
        int at = body.at(d.from());
        int from = MessageRecord.propertiesOffset(bytes, at);
        int length = MessageRecord.propertiesLength(bytes, at);
        if (d.headers() != null) {
            bytes = d.headers().over(bytes, from, length);
            from = 0;
            length = bytes.length;
        }
        return MessageHeaders.decode(bytes, from, length);
    }

    private Map<String, Object> next(String queue) {
        Delivery d = got(queue).delivery();
        node.commit();
        Map<String, Object> headers = seen(d);
        node.apply(new Settle(d.holder(), Outcome.NACK_REQUEUE, new long[] {d.firstSeq(), d.firstSeq()}));
        return headers;
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private static void assertNack(String text, Reply r) {
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(506, why.code());
        assertTrue(!why.reason().endsPublisher(), "it is a nack, no mistake of the client");
        assertTrue(why.text().contains(text), why.text());
    }

    @Test
    void everyLaterDeliveryHasThem() {
        declare(1, Map.of());
        assertNull(got("q").delivery().headers());
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        assertEquals(Reply.OK, settle(Outcome.NACK_REQUEUE, "x-reason", "busy", "step", "2"));
        for (int i = 0; i < 3; i++) {
            assertEquals(Map.of("x-reason", "busy", "step", "2"), next("q"));
            restart();
        }
    }

    @Test
    void theyChangeWhatRepliesAndTheDigestSay() {
        declare(1, Map.of());
        long one = node.machine.digest();
        settle(Outcome.NACK_REQUEUE, "a", "1");
        long other = node.machine.digest();
        Delivery d = got("q").delivery();
        settle(d, Outcome.NACK_REQUEUE, headers("a", "2"));
        assertNotEquals(one, other);
        Delivery again = got("q").delivery();
        assertEquals(headers("a", "2"), again.headers());
    }

    @Test
    void newerOnesComeOverOlderOnes() {
        declare(1, Map.of());
        settle(Outcome.NACK_REQUEUE, "a", "1", "b", "1");
        settle(Outcome.REJECT_REQUEUE, "b", "2", "x-reason", "again");
        assertEquals(new TreeMap<>(Map.of("a", "1", "b", "2", "x-reason", "again")), next("q"));
        assertEquals(1, stored());
    }

    @Test
    void whatHasSomeIsGivenAlone() {
        declare(5, Map.of());
        for (int i = 0; i < 3; i++) {
            Delivery d = got("q").delivery();
            if (i == 1) {
                assertEquals(Reply.OK, settle(d, Outcome.NACK_REQUEUE, headers("a", "1")));
                Delivery same = got("q").delivery();
                assertEquals(headers("a", "1"), same.headers());
            }
        }
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        node.consume(2, "q", 10);
        List<String> given = new ArrayList<>();
        node.delivered.forEach(d -> given.add(d.firstSeq() + "x" + d.count() + " " + (d.headers() != null)));
        assertEquals(List.of("0x1 false", "1x1 true", "2x1 false", "3x2 false"), given);
    }

    @Test
    void theyGoWithTheirMessage() {
        declare(3, Map.of());
        settle(Outcome.NACK_REQUEUE, "a", "1");
        assertEquals(1, stored());
        Delivery d = got("q").delivery();
        settle(d, Outcome.ACK, null);
        assertEquals(0, stored());
        settle(Outcome.NACK_REQUEUE, "a", "1");
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertEquals(0, stored());
    }

    @Test
    void aPurgeLeavesThoseOfWhatIsHeld() {
        declare(2, Map.of());
        settle(Outcome.NACK_REQUEUE, "a", "1");
        Delivery held = got("q").delivery();
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertEquals(1, stored());
        assertEquals(Reply.OK, settle(held, Outcome.NACK_REQUEUE, null));
        assertEquals(Map.of("a", "1"), next("q"));
    }

    @Test
    void theyGoWithTheirQueueHeldOrNot() {
        declare(3, Map.of());
        Delivery a = got("q").delivery();
        Delivery b = got("q").delivery();
        settle(a, Outcome.NACK_REQUEUE, headers("a", "1"));
        settle(b, Outcome.NACK_REQUEUE, headers("a", "1"));
        got("q");
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        pass(1);
        assertEquals(0, stored());
        declare(4, Map.of());
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    Reply.OK, settle(got("q").delivery(), Outcome.NACK_REQUEUE, headers("n", "" + i)), "room again");
            got("q");
        }
    }

    @Test
    void deadLettersHaveThemForGood() {
        node.declare("d");
        declare(1, Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d"));
        settle(Outcome.NACK_REQUEUE, "a", "1", "b", "1");
        assertEquals(Reply.OK, settle(Outcome.DISCARD, "b", "2", "x-reason", "poison"));
        pass(1);
        Map<String, Object> dead = next("d");
        assertEquals("1", dead.get("a"));
        assertEquals("2", dead.get("b"));
        assertEquals("poison", dead.get("x-reason"));
        assertEquals("rejected", dead.get("x-first-death-reason"));
        assertEquals(1, ((List<?>) dead.get("x-death")).size());
        assertEquals(0, stored(), "they stand in the message now");
    }

    @Test
    void whatExpiresOrFailsTooOftenTakesThemAlong() {
        node.declare("d");
        declare(
                2,
                Map.of(
                        "x-queue-type",
                        "quorum",
                        "x-delivery-limit",
                        0L,
                        "x-message-ttl",
                        500L,
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        "d"));
        settle(Outcome.REJECT_REQUEUE, "a", "failed");
        pass(1);
        assertEquals(1, node.queue("d").ready());
        settle(Outcome.NACK_REQUEUE, "a", "expired");
        pass(600);
        assertEquals(2, node.queue("d").ready());
        Delivery first = got("d").delivery();
        node.commit();
        assertEquals("failed", seen(first).get("a"));
        assertEquals("delivery_limit", seen(first).get("x-last-death-reason"));
        Delivery second = got("d").delivery();
        assertEquals("expired", seen(second).get("a"));
        assertEquals("expired", seen(second).get("x-last-death-reason"));
    }

    @Test
    void whatGoesNowhereLeavesNone() {
        declare(1, Map.of());
        assertEquals(Reply.OK, settle(Outcome.DISCARD, "a", "1"));
        assertEquals(0, stored());
    }

    @Test
    void aQueueHasSomeOfThem() {
        declare(4, Map.of());
        for (int i = 0; i < 3; i++) {
            Delivery d = got("q").delivery();
            assertEquals(Reply.OK, settle(d, Outcome.NACK_REQUEUE, headers("a", "1")));
            got("q");
        }
        Delivery last = got("q").delivery();
        assertNack("queue 'q' in vhost '/' has 3", settle(last, Outcome.DISCARD, headers("a", "1")));
        assertEquals(1, node.queue("q").ready(), "it went back");
        assertNull(got("q").delivery().headers());
        assertEquals(3, stored());
    }

    @Test
    void soHasTheCluster() {
        declare(3, Map.of());
        for (int i = 0; i < 3; i++) {
            settle(Outcome.NACK_REQUEUE, "a", "1");
            got("q");
        }
        node.declare("r");
        node.apply(OneNode.messages(2, 20, new Route("/", "", "r")));
        assertEquals(Reply.OK, settle(got("r").delivery(), Outcome.NACK_REQUEUE, headers("a", "1")));
        got("r");
        assertNack("the cluster has 4", settle(got("r").delivery(), Outcome.NACK_REQUEUE, headers("a", "1")));
        restart();
        assertNack("the cluster has 4", settle(got("r").delivery(), Outcome.NACK_REQUEUE, headers("a", "1")));
    }

    @Test
    void aMessageHasSomeOfThem() {
        declare(1, Map.of());
        String[] many = new String[2 * HeaderOverlay.MOST_FIELDS];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = "h" + i;
            many[i + 1] = "";
        }
        assertEquals(Reply.OK, settle(Outcome.NACK_REQUEUE, many));
        assertEquals(Reply.OK, settle(Outcome.NACK_REQUEUE, "x-reason", "does not count"));
        assertNack("33 headers", settle(Outcome.REJECT_REQUEUE, "one", "more"));
        assertEquals(HeaderOverlay.MOST_FIELDS + 1, next("q").size());
        assertNack("bytes", settle(Outcome.NACK_REQUEUE, "h0", "x".repeat(HeaderOverlay.MOST_BYTES)));
    }

    @Test
    void behindAnErrorTheyAreVoid() {
        declare(1, Map.of());
        Delivery d = got("q").delivery();
        node.apply(new OnChannel(node.connection, 1, new Get(node.connection, 1, "/", "missing", false)));
        assertEquals(Reply.IGNORED, settle(d, Outcome.NACK_REQUEUE, headers("a", "1")));
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        assertEquals(Map.of(), next("q"));
        assertEquals(0, stored());
    }
}
