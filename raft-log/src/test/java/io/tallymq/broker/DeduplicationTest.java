package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.dedup.ForeseenKeys;
import io.tallymq.broker.dedup.SeenKeys;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** x-message-deduplication of queues and exchanges. */
class DeduplicationTest extends OneNodeTest {
    private static final String HEADER = "x-deduplication-header";

    private void queue(Object... more) {
        node.raise(3);
        Map<String, Object> a = new TreeMap<>(Map.of("x-message-deduplication", true));
        for (int i = 0; i < more.length; i += 2) {
            a.put((String) more[i], more[i + 1]);
        }
        Reply r = node.declare("q", a);
        assertTrue(r instanceof Reply.QueueDeclared, r.toString());
    }

    private void publish(String exchange, long id, Object key) {
        Publish p = GroupsTest.messages(id, HEADER, Arrays.asList(key));
        node.apply(new Publish(List.of(new Route("/", exchange, "q")), p.bytes(), p.offset(), p.end(), 0, p.origins()));
    }

    private Reply declare(String type, Map<String, Object> arguments) {
        Arguments a = new Arguments(new TreeMap<>(arguments));
        return node.apply(new DeclareExchange("/", "x", new ExchangeSpec(type, true, false, false, a), false));
    }

    private List<Long> drain() {
        List<Long> all = new ArrayList<>();
        while (node.apply(new Get(node.connection, 1, "/", "q", true)) instanceof Reply.Got g) {
            all.add(GroupsTest.ids(g.delivery(), store())[0]);
        }
        return all;
    }

    @Test
    void aQueueTakesAMessageOnce() {
        queue();
        publish("", 1, "a");
        publish("", 2, "a");
        publish("", 3, "b");
        publish("", 4, null);
        publish("", 5, null);
        publish("", 6, 7L);
        publish("", 7, "7");
        publish("", 8, 7L);
        assertEquals(List.of(1L, 3L, 4L, 5L, 6L, 7L), drain());
        restart();
        publish("", 9, "a");
        assertEquals(List.of(), drain(), "an ack does not make it forget");
        assertEquals(Map.of(), node.refused);
        assertEquals(List.of(), node.unroutable);
    }

    @Test
    void withinOneEntryToo() {
        queue();
        node.apply(GroupsTest.messages(1, HEADER, List.of("a", "b", "a", "b", "c")));
        assertEquals(List.of(1L, 2L, 5L), drain());
    }

    @Test
    void itForgetsTheOldestAndWhatIsOver() {
        queue("x-cache-size", 3L, "x-cache-ttl", 1_000L);
        for (long i = 1; i <= 4; i++) {
            publish("", i, "k" + i);
        }
        drain();
        publish("", 5, "k1");
        publish("", 6, "k4");
        assertEquals(List.of(5L), drain());
        node.passed += 2_000;
        publish("", 7, "k4");
        assertEquals(List.of(7L), drain());
    }

    /** As with the plugin, a message may ask for longer than anything lasts. */
    @Test
    void noTimeIsTooLong() {
        for (long timeToLive : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 1, 1L << 62}) {
            SeenKeys keys = new SeenKeys(new MemoryStore(), () -> 5, 1_000);
            long now = 1_700_000_000_000L;
            keys.add(1, "k", now, timeToLive, 10);
            assertTrue(keys.has(1, "k", now + 1_000_000), "for " + timeToLive);
        }
    }

    @Test
    void whatWasRefusedMayComeAgain() {
        queue("x-max-length", 1L, "x-overflow", "reject-publish");
        publish("", 1, "a");
        publish("", 2, "b");
        assertEquals(1, node.refused.size());
        assertEquals(List.of(1L), drain());
        publish("", 3, "b");
        assertEquals(List.of(3L), drain());
    }

    @Test
    void anExchangeOfItsOwnTypeIsAFanout() {
        node.raise(3);
        node.declare("q");
        assertEquals(Reply.OK, declare("x-message-deduplication", Map.of("x-cache-size", 10L)));
        publish("x", 1, "a"); // reaches nothing: it was not seen
        node.bind("x", "q", "whatever");
        publish("x", 2, "a");
        publish("x", 3, "a");
        publish("x", 4, "b");
        assertEquals(List.of(2L, 4L), drain());
    }

    @Test
    void everyExchangeCan() {
        node.raise(3);
        node.declare("q");
        declare("topic", Map.of("x-message-deduplication", true, "x-deduplication-header", "id"));
        node.bind("x", "q", "#");
        publish("x", 1, "a");
        publish("x", 2, "a");
        assertEquals(List.of(1L, 2L), drain(), "that is not its header");
        assertEquals(406, ((Reply.Rejected) declare("topic", Map.of("x-message-deduplication", true))).code());
    }

    @Test
    void oneQueueOfAFanOutHasItAndTheOtherDoesNot() {
        queue();
        node.declare("all");
        node.bind("amq.fanout", "q");
        node.bind("amq.fanout", "all");
        publish("amq.fanout", 1, "a");
        publish("amq.fanout", 2, "a");
        assertEquals(1, node.queue("q").ready());
        assertEquals(2, node.queue("all").ready());
    }

    @Test
    void whoIsGoneIsForgotten() {
        queue();
        for (long i = 0; i < 100; i++) {
            publish("", i, "k" + i);
        }
        declare("x-message-deduplication", Map.of());
        node.bind("x", "q");
        publish("x", 200, "a");
        node.apply(new DeleteExchange("/", "x", false));
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        while (node.machine.owes()) {
            node.apply(new Get(node.connection, 1, "/", "q", true));
        }
        node.commit();
        store().scan(Keys.of(Keys.SEEN), (k, v) -> assertNull(k));
        queue();
        publish("", 1, "k1");
        assertEquals(List.of(1L), drain());
    }

    @Test
    void longKeysAreToldApart() {
        queue();
        String begin = "x".repeat(300);
        publish("", 1, begin + "a");
        publish("", 2, begin + "b");
        publish("", 3, begin + "a");
        assertEquals(List.of(1L, 2L), drain());
    }

    /** Wherever a long key is cut: what is read from the store is what was in memory. */
    @Test
    void aLongKeyIsNotCutWithinACharacter() {
        queue();
        for (int before = 0; before < 2; before++) {
            String key = "x".repeat(before) + "\uD83D\uDE00".repeat(200);
            publish("", 2 * before + 1, key);
            restart();
            publish("", 2 * before + 2, key);
        }
        assertEquals(List.of(1L, 3L), drain());
    }

    @Test
    void oneEntryDoesNotTakeOutAllThatIsOver() {
        SeenKeys seen = new SeenKeys(new MemoryStore(0), () -> 5, 1_000_000);
        for (int i = 0; i < 100; i++) {
            seen.add(1, "k" + i, 0, 10, 1_000);
        }
        seen.add(1, "new", 100, 10, 1_000);
        assertEquals(99, seen.count(), "two go where one comes");
        assertEquals(false, seen.has(1, "k99", 100), "over, though still there");
    }

    @Test
    void badArgumentsAreRefused() {
        node.raise(3);
        for (Map<String, Object> bad : List.<Map<String, Object>>of(
                Map.of("x-message-deduplication", "yes"),
                Map.of("x-message-deduplication", true, "x-cache-size", 0L),
                Map.of("x-message-deduplication", true, "x-cache-size", 100_001L),
                Map.of("x-message-deduplication", true, "x-cache-ttl", -1L),
                Map.of("x-message-deduplication", true, "x-deduplication-header", 5L))) {
            assertEquals(406, ((Reply.Rejected) node.declare("q", bad)).code(), bad.toString());
            assertEquals(406, ((Reply.Rejected) declare("direct", bad)).code(), bad.toString());
        }
        assertTrue(node.declare("q", Map.of("x-message-deduplication", false)) instanceof Reply.QueueDeclared);
    }

    private Reply commit(Publish p) {
        return node.apply(new CommitTx(node.connection, 1, List.of(), p));
    }

    @Test
    void aTransactionNeedsNoRoomForItsDuplicates() {
        queue("x-max-length", 2L, "x-overflow", "reject-publish");
        assertEquals(Reply.OK, commit(GroupsTest.messages(1, HEADER, List.of("a", "a", "b", "a", "b"))));
        assertEquals(List.of(1L, 3L), drain());
        assertTrue(commit(GroupsTest.messages(6, HEADER, List.of("c", "d", "c", "e"))) instanceof Reply.Rejected);
        publish("", 7, "c");
        assertEquals(List.of(7L), drain(), "what was refused was not seen");
    }

    @Test
    void whatATransactionItselfMakesForgottenNeedsRoom() {
        queue("x-max-length", 2L, "x-overflow", "reject-publish", "x-cache-size", 1L);
        assertTrue(commit(GroupsTest.messages(1, HEADER, List.of("a", "b", "a"))) instanceof Reply.Rejected);
    }

    /** A queue is not asked before their time, so they count among those that wait. */
    @Test
    void whatATransactionSchedulesIsCountedWhateverItsQueueHasSeen() {
        StateLimits one = FewThings.of(100, 100, 100, 100, 100, 10, 1);
        node.machine = new BrokerMachine(store(), MachineLimits.FORMAT_1.withState(one));
        node.apply(new NodeUp("n1", 1));
        node.apply(new OpenConnection(node.connection, OneNode.info()));
        queue();
        publish("", 1, "a");
        Publish a = GroupsTest.messages(2, HEADER, List.of("a"));
        byte[] later = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, "")).encode();
        ByteWriter w = new ByteWriter();
        int properties = MessageRecord.propertiesLength(a.bytes(), 0);
        for (int i = 0; i < 2; i++) {
            MessageRecord.writeHeader(w, 0, 0, later.length, properties, 8);
            w.raw(later, 0, later.length);
            w.raw(a.bytes(), MessageRecord.propertiesOffset(a.bytes(), 0), properties + 8);
        }
        Publish both = new Publish(a.routes(), w.toBytes(), 0, w.size(), 0, Origins.NONE);
        assertTrue(commit(both) instanceof Reply.Rejected, "there is room for one");
        assertEquals(0, node.machine.scheduled(null, 10).items().size());
    }

    /** What transactions are told to bring, with full queues: they are taken if, and only if, what they bring one by one has room. */
    @Test
    void randomTransactions() {
        for (long seed = 1; seed <= Long.getLong("tallymq.logs", 60); seed++) {
            DeduplicationTest test = new DeduplicationTest();
            test.randomTransactions(new Random(seed), "seed " + seed);
        }
    }

    private void randomTransactions(Random r, String name) {
        int size = 1 + r.nextInt(5);
        long ttl = 50 + r.nextInt(200);
        int room = 1 + r.nextInt(6);
        queue(
                "x-max-length",
                (long) room,
                "x-overflow",
                "reject-publish",
                "x-cache-size",
                (long) size,
                "x-cache-ttl",
                ttl);
        LinkedHashMap<String, Long> seen = new LinkedHashMap<>();
        for (int i = 0; i < 40; i++) {
            node.passed += r.nextInt(60);
            List<String> keys = new ArrayList<>();
            for (int n = r.nextInt(8); n > 0; n--) {
                keys.add(r.nextInt(8) == 0 ? null : "k" + r.nextInt(9));
            }
            long now = node.index + 1 + node.passed;
            LinkedHashMap<String, Long> after = new LinkedHashMap<>(seen);
            int come = 0;
            for (String k : keys) {
                come += k == null || remember(after, k, now, ttl, size) ? 1 : 0;
            }
            long before = node.queue("q").ready();
            boolean taken = commit(GroupsTest.messages(i * 10L, HEADER, keys)) == Reply.OK;
            assertEquals(before + come <= room, taken, name + " entry " + i + ": " + keys + " beside " + before);
            assertEquals(before + (taken ? come : 0), node.queue("q").ready(), name + " entry " + i);
            seen = taken ? after : seen;
            if (!taken) {
                node.apply(new CloseChannel(node.connection, 1, List.of()));
            }
            if (r.nextInt(3) == 0 && node.apply(new Get(node.connection, 1, "/", "q", true)) instanceof Reply.Got g) {
                long seq = g.delivery().firstSeq();
                node.apply(new Settle(g.holder(), Settle.Outcome.ACK, new long[] {seq, seq}));
            }
        }
    }

    /** Returns whether it is not known, and remembers it then: of those that are over, two go at most. */
    private static boolean remember(LinkedHashMap<String, Long> seen, String key, long now, long ttl, int size) {
        if (seen.getOrDefault(key, 0L) > now) {
            return false;
        }
        seen.remove(key);
        for (int n = 0; n < 2 && !seen.isEmpty(); n++) {
            Map.Entry<String, Long> oldest = seen.entrySet().iterator().next();
            if (seen.size() >= size || oldest.getValue() <= now) {
                seen.remove(oldest.getKey());
            }
        }
        seen.put(key, now + ttl);
        return true;
    }

    /** What is only foreseen is what will be, whatever goes and comes. */
    @Test
    void whatIsForeseenIsWhatWillBe() {
        Random r = new Random(3);
        SeenKeys seen = new SeenKeys(new MemoryStore(0), () -> 5, 1_000_000);
        for (int i = 0; i < 300; i++) {
            long now = i * 10L;
            ForeseenKeys foreseen = new ForeseenKeys(seen);
            List<Long> owners = new ArrayList<>();
            List<String> keys = new ArrayList<>();
            List<Boolean> known = new ArrayList<>();
            for (int n = r.nextInt(12); n > 0; n--) {
                long owner = 1 + r.nextInt(2);
                String key = "k" + r.nextInt(9);
                owners.add(owner);
                keys.add(key);
                known.add(foreseen.has(owner, key, now));
                if (!foreseen.has(owner, key, now)) {
                    foreseen.add(owner, key, now, 5L + key.charAt(1) % 7 * 20, 2 + owner);
                }
            }
            for (int n = 0; n < keys.size(); n++) {
                assertEquals(known.get(n), seen.has(owners.get(n), keys.get(n), now), "round " + i + " " + keys);
                if (!known.get(n)) {
                    String key = keys.get(n);
                    seen.add(owners.get(n), key, now, 5L + key.charAt(1) % 7 * 20, 2 + owners.get(n));
                }
            }
        }
    }

    /** Against a model of the cache, with a replica that is restored before each entry. */
    @Test
    void random() {
        for (long seed = 1; seed <= Long.getLong("tallymq.logs", 60); seed++) {
            random(seed);
        }
    }

    private void random(long seed) {
        Random r = new Random(seed);
        TwoNodes nodes = new TwoNodes("seed " + seed, MachineLimits.FORMAT_1);
        int size = 1 + r.nextInt(5);
        long ttl = 50 + r.nextInt(200);
        Map<String, Object> a =
                Map.of("x-message-deduplication", true, "x-cache-size", (long) size, "x-cache-ttl", ttl);
        LinkedHashMap<String, Long> model = new LinkedHashMap<>();
        long expected = 0;
        nodes.both(n -> {
            n.raise(3);
            return n.declare("q", a);
        });
        for (int i = 0; i < 150; i++) {
            long pass = r.nextInt(60);
            List<String> keys = new ArrayList<>();
            for (int n = r.nextInt(3); n >= 0; n--) {
                keys.add(r.nextInt(8) == 0 ? null : "k" + r.nextInt(9));
            }
            long first = i * 10L;
            nodes.both(n -> {
                n.passed += pass;
                return n.apply(GroupsTest.messages(first, HEADER, keys));
            });
            long now = nodes.straight.index + nodes.straight.passed;
            for (String k : keys) {
                expected += k == null || remember(model, k, now, ttl, size) ? 1 : 0;
            }
            assertEquals(expected, nodes.straight.queue("q").ready(), "seed " + seed + " entry " + i);
        }
    }

    private void later(String exchange, long id, String key, String scheduleId) {
        Publish p = GroupsTest.messages(id, HEADER, List.of(key));
        byte[] more = new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, scheduleId)).encode();
        ByteWriter w = new ByteWriter();
        int properties = MessageRecord.propertiesLength(p.bytes(), p.offset());
        int body = (int) MessageRecord.bodyLength(p.bytes(), p.offset());
        MessageRecord.writeHeader(w, 0, 0, more.length, properties, body);
        w.raw(more, 0, more.length);
        w.raw(p.bytes(), MessageRecord.propertiesOffset(p.bytes(), p.offset()), properties + body);
        node.apply(new Publish(List.of(new Route("/", exchange, "q")), w.toBytes(), 0, w.size(), 0, p.origins()));
    }

    private void pass(long millis) {
        node.passed += millis;
        node.apply(new Probe(false));
    }

    /** Queues are asked when it comes to them. */
    @Test
    void whatWaitedForItsTimeIsLookedAtThen() {
        queue();
        node.raise(5);
        later("", 1, "a", "");
        later("", 2, "a", "");
        later("", 3, "b", "");
        publish("", 4, "b");
        pass(2_000);
        publish("", 5, "a");
        assertEquals(List.of(4L, 1L), drain());
        assertEquals(0, node.machine.totals().droppedUnroutable(), "nobody misses a duplicate");
        restart();
        publish("", 6, "a");
        assertEquals(List.of(), drain());
    }

    /** Logs of before are decided as they were. */
    @Test
    void belowLevelFiveWhatWaitedIsNotLookedAt() {
        queue();
        later("", 1, "a", "");
        later("", 2, "a", "");
        pass(2_000);
        assertEquals(List.of(1L, 2L), drain());
    }

    /** What never comes was not seen: who calls it off may publish it again. */
    @Test
    void anExchangeForgetsWhatIsCalledOff() {
        node.raise(5);
        declare("fanout", Map.of("x-message-deduplication", true));
        node.declare("q");
        node.bind("x", "q");
        later("x", 1, "a", "job");
        assertEquals(Reply.OK, node.apply(new CallOff("/", "job", 0, 0)));
        restart();
        later("x", 2, "a", "job");
        later("x", 3, "a", "");
        pass(2_000);
        assertEquals(List.of(2L), drain());
        publish("x", 4, "a");
        assertEquals(List.of(), drain(), "this one came");
    }

    /** Only what it has remembered of the one that is called off. */
    @Test
    void whatCameAgainSinceIsStillSeen() {
        node.raise(5);
        declare("fanout", Map.of("x-message-deduplication", true, "x-cache-ttl", 100L));
        node.declare("q");
        node.bind("x", "q");
        later("x", 1, "a", "job");
        pass(200);
        publish("x", 2, "a");
        assertEquals(Reply.OK, node.apply(new CallOff("/", "job", 0, 0)));
        publish("x", 3, "a");
        assertEquals(List.of(2L), drain());
    }
}
