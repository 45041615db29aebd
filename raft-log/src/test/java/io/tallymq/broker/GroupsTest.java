package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** x-message-groups, x-group-by and x-fair-by. */
class GroupsTest extends OneNodeTest {
    private static final Map<String, Object> GROUPS = Map.of("x-message-groups", true);
    private static final Map<String, Object> FAIR = Map.of("x-fair-by", "header:tenant");
    private static final String GROUP = "x-group-id";

    /** A message for queue q with this number in its body, and this header if its value is not null. */
    static Publish message(long id, String header, Object value) {
        return messages(id, header, Arrays.asList(value));
    }

    /** As many as there are values, numbered from {@code id} on. */
    static Publish messages(long id, String header, List<?> values) {
        return messages("q", id, header, values);
    }

    static Publish messages(String queue, long id, String header, List<?> values) {
        ByteWriter w = new ByteWriter();
        long next = id;
        for (Object value : values) {
            ByteWriter properties = properties(header, value);
            MessageRecord.writeHeader(w, 0, 0, properties.size(), 8);
            w.raw(properties.array(), 0, properties.size()).int64(next++);
        }
        return new Publish(List.of(new Route("/", "", queue)), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    private static ByteWriter properties(String header, Object value) {
        ByteWriter properties = new ByteWriter();
        if (value == null) {
            return properties.uint16(0);
        }
        properties.uint16(1 << 13);
        int at = properties.reserve(4);
        byte[] name = header.getBytes(StandardCharsets.UTF_8);
        properties.uint8(name.length).raw(name, 0, name.length);
        if (value instanceof Long n) {
            properties.uint8('l').int64(n);
        } else {
            byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
            properties.uint8('S').int32(text.length).raw(text, 0, text.length);
        }
        properties.setInt32(at, properties.size() - at - 4);
        return properties;
    }

    static long[] ids(Delivery d, MemoryStore from) {
        ChunkBody body = d.chunk().body() != null ? d.chunk().body() : from.load(d.chunk());
        return IntStream.range(d.from(), d.to())
                .mapToLong(i -> ByteReader.int64(body.bytes(), MessageRecord.bodyOffset(body.bytes(), body.at(i))))
                .toArray();
    }

    private long consume(int channel, int prefetch) {
        return ((Reply.Subscribed) node.consume(channel, "q", prefetch)).consumer();
    }

    /** What was delivered, in order: consumer:id. */
    private String handed(long... consumers) {
        StringBuilder s = new StringBuilder();
        for (Delivery d : node.delivered) {
            int which = IntStream.range(0, consumers.length)
                    .filter(i -> consumers[i] == d.holder())
                    .findFirst()
                    .orElseThrow();
            for (long id : ids(d, store())) {
                s.append(s.isEmpty() ? "" : " ").append((char) ('a' + which)).append(id);
            }
        }
        node.delivered.clear();
        return s.toString();
    }

    private void publish(String... groups) {
        for (String g : groups) {
            node.apply(message(Long.parseLong(g.substring(1)), GROUP, g.substring(0, 1)));
        }
    }

    private void declare(Map<String, Object> arguments) {
        node.raise(3);
        assertTrue(node.declare("q", arguments) instanceof Reply.QueueDeclared);
    }

    @Test
    void aGroupIsOneConsumersAtATimeAndTheOthersGoOn() {
        declare(GROUPS);
        final long a = consume(1, 1);
        final long b = consume(2, 1);
        publish("x1", "x2", "y3", "x4");
        assertEquals("a1 b3", handed(a, b), "x2 waits for x1, which is a's");
        settle(a, node, 1, Settle.Outcome.ACK);
        assertEquals("a2", handed(a, b));
        settle(b, node, 3, Settle.Outcome.ACK);
        assertEquals("", handed(a, b), "x4 is a's as long as it has x2");
        settle(a, node, 2, Settle.Outcome.ACK);
        assertEquals(1, handed(a, b).split(" ").length);
    }

    @Test
    void aDeadConsumersGroupMovesWithWhatItHadFirst() {
        declare(GROUPS);
        final long a = consume(1, 2);
        publish("x1", "x2", "x3", "y4");
        assertEquals("a1", handed(a).substring(0, 2));
        final long b = consume(2, 10);
        assertTrue(!handed(a, b).contains("b1"), "x is a's");
        node.apply(new CloseChannel(node.connection, 1, List.of()));
        List<String> order = new ArrayList<>(List.of(handed(a, b).split(" ")));
        order.remove("b4");
        assertEquals(List.of("b1", "b2", "b3"), order);
    }

    @Test
    void whatHasNoGroupIsForAnybody() {
        declare(GROUPS);
        final long a = consume(1, 1);
        final long b = consume(2, 1);
        final long c = consume(3, 1);
        for (long i = 1; i <= 3; i++) {
            node.apply(message(i, GROUP, null));
        }
        assertEquals(3, handed(a, b, c).split(" ").length);
    }

    @Test
    void whoFetchesGetsNothingOfAGroupThatIsTaken() {
        declare(GROUPS);
        consume(1, 1);
        publish("x1", "x2", "y3");
        assertEquals(3, ids(((Reply.Got) get(2)).delivery(), store())[0]);
        assertEquals(Reply.EMPTY, get(3));
        assertEquals(1, node.queue("q").ready());
    }

    private Reply get(int channel) {
        return node.apply(new Get(node.connection, channel, "/", "q", false));
    }

    @Test
    void tenantsTakeTurns() {
        declare(FAIR);
        for (long i = 0; i < 1_000; i++) {
            node.apply(message(i, "tenant", "noisy"));
        }
        node.apply(message(1_000, "tenant", "quiet"));
        node.apply(message(1_001, "tenant", 77L));
        node.apply(message(1_002, "tenant", null));
        final long a = consume(1, 8);
        List<String> first = List.of(handed(a).split(" "));
        assertTrue(first.containsAll(List.of("a1000", "a1001", "a1002")), first.toString());
        assertEquals(8, first.size());
        assertEquals(
                first.stream().filter(s -> s.length() < 5).sorted().toList(),
                first.stream().filter(s -> s.length() < 5).toList());
    }

    @Test
    void whatALimitDropsIsTheNoisyOnes() {
        declare(Map.of("x-fair-by", "header:tenant", "x-max-length", 10L));
        node.apply(message(1_000, "tenant", "quiet"));
        for (long i = 0; i < 100; i++) {
            node.apply(message(i, "tenant", "noisy"));
        }
        final long a = consume(1, 100);
        String all = handed(a);
        assertTrue(all.contains("a1000") && all.contains("a99") && !all.contains("a90 "), all);
    }

    @Test
    void aPolicyMakesGroupsOfWhatComesFromThenOn() {
        declare(Map.of());
        publish("x1", "x2");
        Arguments definition = new Arguments(new TreeMap<>(Map.of("group-by", "header:" + GROUP)));
        node.apply(new SetPolicy("/", "p", false, new PolicySpec(".*", "queues", 1, definition)));
        publish("x3", "x4");
        final long a = consume(1, 1);
        final long b = consume(2, 1);
        final long c = consume(3, 1);
        final long d = consume(4, 1);
        String handed = handed(a, b, c, d);
        assertEquals(3, handed.split(" ").length, handed);
        assertTrue(handed.contains("1") && handed.contains("2") && handed.contains("3"), handed);
    }

    @Test
    void badArgumentsAreRefused() {
        node.raise(3);
        for (Object bad : List.of("tenant", "header:", 5L, true)) {
            assertEquals(406, ((Reply.Rejected) node.declare("q", Map.of("x-fair-by", bad))).code(), bad.toString());
        }
        assertEquals(406, ((Reply.Rejected) node.declare("q", Map.of("x-message-groups", "yes"))).code());
        Map<String, Object> both = Map.of("x-message-groups", true, "x-max-priority", 128L);
        assertEquals(406, ((Reply.Rejected) node.declare("q", both)).code());
        node.declare("q", GROUPS);
        assertEquals(406, ((Reply.Rejected) node.declare("q", Map.of())).code());
    }

    @Test
    void nothingIsLeftOfADeletedQueue() {
        declare(GROUPS);
        for (long i = 0; i < 200; i++) {
            node.apply(message(i, GROUP, "g" + i));
        }
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertEquals(0, node.queue("q").ready());
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.commit();
        store().scan(Keys.of(Keys.LANE_KEY), (k, v) -> assertNull(k));
    }

    @Test
    void moreGroupsThanAreKnownStayInOrder() {
        declare(GROUPS);
        int groups = 5_000;
        for (long i = 0; i < 2 * groups; i++) {
            node.apply(message(i, GROUP, "g" + i % groups));
        }
        restart();
        final long a = consume(1, 50);
        final long b = consume(2, 50);
        TreeMap<Long, Long> at = new TreeMap<>();
        int seen = 0;
        while (!node.delivered.isEmpty()) {
            List<Delivery> some = List.copyOf(node.delivered);
            node.delivered.clear();
            for (Delivery d : some) {
                for (long id : ids(d, store())) {
                    Long before = at.put(id % groups, id);
                    assertTrue(before == null || before < id, before + " came before " + id);
                    seen++;
                }
            }
            for (Delivery d : some) {
                long first = d.firstSeq();
                node.apply(new Settle(d.holder(), Settle.Outcome.ACK, new long[] {first, first + d.count() - 1}));
            }
        }
        assertEquals(2 * groups, seen, a + " " + b);
    }

    @Test
    void aLongKeyIsTheSameAfterARestart() {
        declare(GROUPS);
        String key = "x".repeat(254) + "\ud83d\ude00" + "y";
        final long a = consume(1, 1);
        node.apply(message(1, GROUP, key));
        assertEquals("a1", handed(a));
        restart();
        final long b = consume(2, 1);
        node.apply(message(2, GROUP, key));
        assertEquals("", handed(a, b), "a has its group");
    }

    /** The lanes are known to be empty again while one still has a message of a group that nobody knows. */
    @Test
    void aGroupThatWasNotKnownStaysWhereItIsWhenThereIsRoomAgain() {
        declare(GROUPS);
        final long a = consume(1, 10_000);
        int groups = 5_000;
        for (long i = 0; i < groups; i++) {
            node.apply(message(i, GROUP, "g" + i));
        }
        List<Delivery> all = List.copyOf(node.delivered);
        node.delivered.clear();
        for (Delivery d : all) {
            for (int i = 0; i < d.count(); i++) {
                long id = ids(d, store())[i];
                long seq = d.firstSeq() + i;
                Settle.Outcome how = id == 4_998 ? Settle.Outcome.NACK_REQUEUE : Settle.Outcome.ACK;
                if (id != 4_998) {
                    node.apply(new Settle(a, how, new long[] {seq, seq}));
                }
            }
        }
        node.apply(new Cancel(a));
        final long b = consume(2, 10_000);
        for (long i = 0; i < 50; i++) {
            node.apply(message(i, GROUP, "h" + i)); // the lanes that are empty forget whom they had
        }
        node.delivered.clear();
        final long before = node.queue("q").ready(); // whose hash says the same lane
        node.apply(message(9_998, GROUP, "g4998"));
        assertEquals("", handed(a, b), "a, which gets nothing more, has its elder");
        assertEquals(before + 1, node.queue("q").ready());
    }

    private final Map<Long, Long> seqs = new TreeMap<>();

    private void settle(long consumer, OneNode n, long id, Settle.Outcome how) {
        long seq = n.machine.consumers().isEmpty() ? 0 : seqOf(id);
        n.apply(new Settle(consumer, how, new long[] {seq, seq}));
    }

    /** Each group of these tests has its lane by the order in which the groups came: x is the first. */
    private long seqOf(long id) {
        if (seqs.isEmpty()) {
            seqs.put(1L, 128L << 55);
            seqs.put(2L, (128L << 55) + 1);
            seqs.put(4L, (128L << 55) + 2);
            seqs.put(3L, 129L << 55);
        }
        return Objects.requireNonNull(seqs.get(id));
    }

    /** Chunks of few messages, few of them in memory, little work at once. */
    static final MachineLimits TINY =
            new MachineLimits(2, 5, 3, 200, 60, 5, new WorkLimits(5, 1, 1, 1, 2), 100, 20, StateLimits.DEFAULTS);

    /** Random commands: no group has two holders, each is in order, nobody waits for what he could have, nothing is lost or left behind. */
    @Test
    void randomGroups() {
        for (long seed = 1; seed <= Long.getLong("tallymq.logs", 60); seed++) {
            new RandomGroups(seed).run();
        }
    }

    private static final class Taker {
        final int channel;
        final int prefetch;
        /** By number within the queue. */
        final TreeMap<Long, Long> held = new TreeMap<>();

        boolean cancelled;

        Taker(int channel, int prefetch) {
            this.channel = channel;
            this.prefetch = prefetch;
        }
    }

    private static final class RandomGroups {
        private final Random random;
        private final String name;
        private final boolean grouped;
        private final TwoNodes nodes;
        private final OneNode straight;
        private final TreeMap<Long, Taker> takers = new TreeMap<>();
        /** What waits, by id. */
        private final TreeSet<Long> ready = new TreeSet<>();

        private final TreeMap<Long, String> groupOf = new TreeMap<>();
        private long published;
        private long acked;
        private int channels;

        private final boolean atOnce;

        RandomGroups(long seed) {
            this.atOnce = seed % 3 > 0;
            this.name = "seed " + seed;
            this.nodes = new TwoNodes(name, atOnce ? MachineLimits.FORMAT_1 : TINY);
            this.straight = nodes.straight;
            this.random = new Random(seed);
            this.grouped = seed % 4 > 0;
        }

        private void take() {
            for (Delivery d : nodes.delivered()) {
                Taker t = takers.get(d.holder());
                long[] ids = ids(d, straight.memory);
                for (int i = 0; i < ids.length; i++) {
                    assertTrue(ready.remove(ids[i]), name + ": " + ids[i] + " is not to be had");
                    t.held.put(d.firstSeq() + i, ids[i]);
                    checkGroup(d.holder(), ids[i]);
                }
                assertTrue(t.held.size() <= t.prefetch, name);
            }
        }

        private void checkGroup(long holder, long id) {
            String group = groupOf.get(id);
            if (group == null || !grouped) {
                return;
            }
            takers.forEach((number, t) -> assertTrue(
                    number == holder || t.held.values().stream().noneMatch(m -> group.equals(groupOf.get(m))),
                    name + ": " + group + " is also held by " + number));
            assertTrue(
                    ready.stream().noneMatch(m -> m < id && group.equals(groupOf.get(m))),
                    name + ": " + id + " comes before its elder");
        }

        private void nobodyWaits() {
            for (Map.Entry<Long, Taker> e : takers.entrySet()) {
                if (!e.getValue().cancelled && e.getValue().held.size() < e.getValue().prefetch) {
                    ready.forEach(id -> assertTrue(
                            grouped && isOthers(groupOf.get(id), e.getKey()),
                            name + ": " + e.getKey() + " waits for " + id));
                }
            }
        }

        private boolean isOthers(String group, long holder) {
            return group != null
                    && takers.entrySet().stream()
                            .anyMatch(o -> o.getKey() != holder
                                    && o.getValue().held.values().stream().anyMatch(m -> group.equals(groupOf.get(m))));
        }

        void run() {
            nodes.both(n -> {
                n.raise(3);
                return n.declare("q", grouped ? GROUPS : FAIR);
            });
            for (int i = 0; i < 200; i++) {
                step();
                take();
                if (atOnce) {
                    nobodyWaits();
                }
                long held =
                        takers.values().stream().mapToLong(t -> t.held.size()).sum();
                assertEquals(ready.size(), straight.queue("q").ready(), name);
                assertEquals(held, straight.queue("q").unacked(), name);
                assertEquals(published, acked + held + ready.size(), name);
            }
        }

        private void step() {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> publish();
                case 3 -> subscribe();
                case 4 -> leave();
                default -> settle();
            }
        }

        private void publish() {
            long first = published;
            List<String> values = new ArrayList<>();
            for (int n = random.nextInt(4); n >= 0; n--) {
                int g = random.nextInt(6);
                String group = g == 0 ? null : "g" + g;
                values.add(group);
                if (group != null) {
                    groupOf.put(published, group);
                }
                ready.add(published++);
            }
            nodes.both(n -> n.apply(messages(first, grouped ? GROUP : "tenant", values)));
        }

        private void subscribe() {
            if (takers.values().stream().filter(t -> !t.cancelled).count() < 4) {
                int prefetch = 1 + random.nextInt(4);
                int channel = ++channels;
                Reply r = nodes.both(n -> n.consume(channel, "q", prefetch));
                takers.put(((Reply.Subscribed) r).consumer(), new Taker(channel, prefetch));
            }
        }

        private void leave() {
            if (takers.isEmpty()) {
                return;
            }
            long holder = new ArrayList<>(takers.keySet()).get(random.nextInt(takers.size()));
            Taker t = takers.get(holder);
            if (random.nextInt(3) == 0) {
                t.cancelled = true;
                nodes.both(n -> n.apply(new Cancel(holder)));
                return;
            }
            ready.addAll(t.held.values());
            takers.remove(holder);
            long[] sent = t.held.keySet().stream()
                    .flatMap(s -> List.of(s, s).stream())
                    .mapToLong(s -> s)
                    .toArray();
            nodes.both(n -> n.apply(new CloseChannel(n.connection, t.channel, List.of(new Sent(holder, sent)))));
        }

        private void settle() {
            List<Long> some = takers.keySet().stream()
                    .filter(h -> !takers.get(h).held.isEmpty())
                    .toList();
            if (some.isEmpty()) {
                return;
            }
            long holder = some.get(random.nextInt(some.size()));
            Taker t = takers.get(holder);
            long seq = new ArrayList<>(t.held.keySet()).get(random.nextInt(t.held.size()));
            long id = t.held.remove(seq);
            boolean ack = random.nextInt(3) > 0;
            if (ack) {
                acked++;
            } else {
                ready.add(id);
            }
            Settle.Outcome how = ack ? Settle.Outcome.ACK : Settle.Outcome.NACK_REQUEUE;
            nodes.both(n -> n.apply(new Settle(holder, how, new long[] {seq, seq})));
        }
    }
}
