package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.CoveringRanges;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random logs of queues whose consumers filter, beside others that do not, each with a reader as front ends have it. A machine that runs through
 * and one that is restored before every entry are the same at every entry; a consumer gets nothing that it does not want; and once its reader
 * has nothing to do, nothing that it wants and may have is left.
 */
class FilterLogTest {
    private static final ConnectionId CLIENT = new ConnectionId("n1", 1);
    private static final int QUEUES = 3;
    private static final int ENTRIES = 300;
    private static final long MAX = Long.MAX_VALUE;
    /** Small, so that little is much. */
    private static final MachineLimits LIMITS =
            new MachineLimits(2, 16, 3, 200, 64, 5, new WorkLimits(12, 5, 7, 7, 40), 4, 60, StateLimits.DEFAULTS);

    /** Filters as clients write them, and what they mean. */
    private record Wish(Map<String, Object> filter, Predicate<Map<String, Object>> means) {}

    private static final List<Wish> WISHES = List.of(
            new Wish(Map.of("kind", "a"), h -> "a".equals(h.get("kind"))),
            new Wish(Map.of("kind", List.of("b", "c")), h -> "b".equals(h.get("kind")) || "c".equals(h.get("kind"))),
            new Wish(Map.of("n", Map.of("gte", 4L, "lt", 8L)), h -> n(h) >= 4 && n(h) < 8),
            new Wish(
                    Map.of("kind", Map.of("ne", "a"), "n", Map.of("gt", 6.5)),
                    h -> !"a".equals(h.get("kind")) && n(h) > 6),
            new Wish(Map.of("kind", Map.of("exists", false)), h -> !h.containsKey("kind")));

    private static long n(Map<String, Object> headers) {
        return (Long) headers.get("n");
    }

    private static final class Replica implements Effects {
        final List<String> transcript = new ArrayList<>();
        final List<Delivery> delivered = new ArrayList<>();
        final Map<Long, CoveringRanges> news = new TreeMap<>();
        final boolean restarts;
        MemoryStore store = new MemoryStore();
        BrokerMachine machine = new BrokerMachine(store, LIMITS);

        Replica(boolean restarts) {
            this.restarts = restarts;
        }

        Reply apply(long index, long time, Command c) {
            if (restarts && index > 1) {
                machine.commit(1, index - 1);
                store = store.copy();
                machine = new BrokerMachine(store, LIMITS);
            }
            machine.begin(new Stamp(1, index, time), "n1", 1, index, index == 1);
            Reply r = machine.apply(c, this);
            machine.end();
            machine.applied(1, index, this);
            return r;
        }

        FilterScan.Found look(long queue, Map<String, Object> filter, long[] where) {
            return new FilterScan(queue, MessageFilter.of(filter), FilterScan.state(queue, this::read), store)
                    .look(where);
        }

        private <T> T read(Function<BrokerView, T> look) {
            return look.apply(machine);
        }

        @Override
        public void deliver(Consumer consumer, Delivery d) {
            delivered.add(d);
            transcript.add(consumer.number() + " gets " + d.firstSeq() + "+" + d.count() + " " + d.redelivered());
        }

        @Override
        public void ready(Consumer consumer, long[] ranges) {
            news.computeIfAbsent(consumer.number(), n -> new CoveringRanges(4)).addAll(ranges);
            transcript.add(consumer.number() + " hears of " + Arrays.toString(ranges));
        }

        @Override
        public void consumerCancelled(Consumer consumer) {
            transcript.add("cancelled " + consumer.number());
        }

        @Override
        public void giveBack(Consumer consumer) {}

        @Override
        public void connectionClosed(ConnectionId id, String reason) {}

        @Override
        public void unroutable(int ordinal) {}

        @Override
        public void publishRefused(int ordinal, Reply.Rejected why) {}
    }

    /** What a front end does for a consumer with a filter. */
    private final class Reader {
        final long number;
        final long queue;
        final Wish wish;
        final CoveringRanges todo = new CoveringRanges(4);
        final SeqRanges found = new SeqRanges();
        Reply.Stop last = Reply.Stop.NONE;

        Reader(long number, long queue, Wish wish) {
            this.number = number;
            this.queue = queue;
            this.wish = wish;
            todo.add(0, MAX);
        }

        /** Returns false if there is nothing to do. */
        boolean step() {
            CoveringRanges heard = through.news.remove(number);
            if (heard != null) {
                todo.addAll(heard.take());
            }
            if (!todo.isEmpty()) {
                look();
            } else if (!found.isEmpty()) {
                take();
            } else {
                return false;
            }
            return true;
        }

        private void look() {
            long[] where = todo.take();
            FilterScan.Found f = through.look(queue, wish.filter, where);
            FilterScan.Found other = restored.look(queue, wish.filter, where);
            assertArrayEquals(f.matches(), other.matches(), "entry " + index);
            assertEquals(f.next(), other.next(), "entry " + index);
            for (int i = 0; i < f.matches().length; i += 2) {
                found.remove(f.matches()[i], f.matches()[i + 1], (a, b) -> {});
                found.add(f.matches()[i], f.matches()[i + 1]);
            }
            for (int i = 0; i < where.length; i += 2) {
                if (f.next() < MAX && where[i + 1] >= f.next()) {
                    todo.add(Math.max(where[i], f.next()), where[i + 1]);
                }
            }
        }

        private void take() {
            Reply.Taken t = (Reply.Taken) apply(new TakeMatching(number, found.toArray()));
            last = t.why();
            found.remove(0, t.undecided() < 0 ? MAX : t.undecided() - 1, (a, b) -> {});
        }
    }

    private final Replica through = new Replica(false);
    private final Replica restored = new Replica(true);
    private final Map<Long, Reader> readers = new TreeMap<>();
    private final Map<Long, Integer> channels = new TreeMap<>();
    /** By the queue's number. */
    private final Map<Long, Long> purged = new TreeMap<>();

    private final List<Delivery> held = new ArrayList<>();
    private long index;
    private long time = 1_000;
    private int read;

    private Reply apply(Command c) {
        index++;
        Reply a = through.apply(index, time, c);
        Reply b = restored.apply(index, time, c);
        assertEquals(a.getClass(), b.getClass(), "entry " + index);
        assertEquals(through.transcript, restored.transcript, "entry " + index + " " + c);
        assertEquals(through.machine.digest(), restored.machine.digest(), "entry " + index + " " + c);
        assertEquals(through.machine.nextDue(), restored.machine.nextDue(), "entry " + index);
        through.transcript.clear();
        restored.transcript.clear();
        through.delivered.subList(read, through.delivered.size()).forEach(this::isWanted);
        held.addAll(through.delivered.subList(read, through.delivered.size()));
        read = through.delivered.size();
        return a;
    }

    private void isWanted(Delivery d) {
        Reader r = readers.get(d.holder());
        ChunkBody body = through.store.load(d.chunk());
        for (int i = d.from(); r != null && body != null && i < d.to(); i++) {
            Map<String, Object> headers = headers(body, i, d.headers());
            assertTrue(r.wish.means.test(headers), "entry " + index + ": " + headers);
        }
    }

    /** As its consumer gets it. */
    private static Map<String, Object> headers(ChunkBody body, int i, HeaderOverlay overlay) {
        int at = body.at(i);
        byte[] b = body.bytes();
        int offset = MessageRecord.propertiesOffset(b, at);
        int length = MessageRecord.propertiesLength(b, at);
        byte[] p = overlay == null ? Arrays.copyOfRange(b, offset, offset + length) : overlay.over(b, offset, length);
        return MessageHeaders.decode(p, 0, p.length);
    }

    private static final int LOGS = Integer.getInteger("tallymq.logs", 8);
    private static final long SEED = Long.getLong("tallymq.seed", 1);

    /** With those that found something. */
    static LongStream seeds() {
        return LongStream.concat(LongStream.of(60), LongStream.range(SEED, SEED + LOGS));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whoFiltersGetsWhatMatches(long seed) {
        Random r = new Random(seed);
        apply(new NodeUp("n1", 1));
        apply(new OpenConnection(CLIENT, OneNode.info()));
        apply(new Raise(BrokerMachine.LEVELS.max(), 1));
        for (int i = 0; i < ENTRIES; i++) {
            time += r.nextInt(20) == 0 ? r.nextInt(3_000) : r.nextInt(15);
            step(r);
            conserved();
            if (r.nextInt(10) == 0) {
                through.machine.commit(1, index);
            }
            if (r.nextInt(25) == 0) {
                nothingWantedIsLeft();
            }
        }
        nothingWantedIsLeft();
        drain();
    }

    private void step(Random r) {
        String queue = "q" + r.nextInt(QUEUES);
        switch (r.nextInt(20)) {
            case 0 -> declare(queue, r);
            case 1, 2, 3, 4, 5 -> apply(publish(queue, r));
            case 6, 7, 8, 9 -> settle(r);
            case 10 -> get(queue, r);
            case 11 -> subscribe(queue, r);
            case 12 -> rarely(queue, r);
            case 13 -> close(r);
            default -> {
                if (!readers.isEmpty()) {
                    List<Reader> all = List.copyOf(readers.values());
                    all.get(r.nextInt(all.size())).step();
                }
            }
        }
        forget();
    }

    private void rarely(String queue, Random r) {
        switch (r.nextInt(8)) {
            case 0 -> apply(new DeleteQueue(CLIENT, "/", queue, false, false));
            case 1, 2 -> {
                boolean there = through.machine.queue("/", queue).isPresent();
                long number = there ? through.machine.queueNumber("/", queue) : 0;
                if (apply(new PurgeQueue(CLIENT, "/", queue)) instanceof Reply.Removed n) {
                    purged.merge(number, n.messages(), Long::sum);
                }
            }
            case 3 -> apply(new Qos(CLIENT, 1 + r.nextInt(2), r.nextInt(3) * 4));
            case 4, 5 -> {
                if (!channels.isEmpty()) {
                    List<Long> all = List.copyOf(channels.keySet());
                    apply(new Cancel(all.get(r.nextInt(all.size()))));
                }
            }
            default -> {
                if (!channels.isEmpty()) {
                    List<Long> all = List.copyOf(channels.keySet());
                    apply(new Credit(all.get(r.nextInt(all.size())), 1 + r.nextInt(3)));
                }
            }
        }
    }

    private void declare(String queue, Random r) {
        Map<String, Object> a = new TreeMap<>();
        boolean quorum = r.nextBoolean();
        if (quorum) {
            a.put("x-queue-type", "quorum");
            if (r.nextInt(3) == 0) {
                a.put("x-delayed-retry-type", r.nextBoolean() ? "all" : "failed");
                a.put("x-delayed-retry-min", (long) r.nextInt(100));
            }
            if (r.nextBoolean()) {
                a.put("x-delivery-limit", (long) r.nextInt(3));
            }
        } else if (r.nextInt(3) == 0) {
            a.put("x-max-priority", (long) r.nextInt(6));
        } else if (r.nextInt(3) == 0) {
            a.put("x-last-value", "kind");
        }
        if (r.nextInt(4) == 0) {
            a.put("x-dead-letter-exchange", "");
            a.put("x-dead-letter-routing-key", "q" + r.nextInt(QUEUES));
        }
        if (r.nextInt(4) == 0) {
            a.put("x-message-ttl", (long) r.nextInt(400));
        }
        if (r.nextInt(6) == 0) {
            a.put("x-max-length", 10L + r.nextInt(20));
        }
        if (r.nextInt(3) == 0) {
            a.put("x-consumer-timeout", 500L + r.nextInt(3_000));
        }
        apply(new DeclareQueue(CLIENT, "/", queue, new QueueSpec(true, false, false, new Arguments(a)), false));
    }

    private Publish publish(String queue, Random r) {
        ByteWriter w = new ByteWriter();
        int route = r.nextInt(3) == 0 ? 1 : 0;
        for (int n = 1 + r.nextInt(10); n > 0; n--) {
            boolean expires = r.nextInt(8) == 0;
            List<String> copies = r.nextInt(4) == 0 ? List.of("q0", "q1", "q2") : List.of();
            byte[] more = new Extension(copies, 0, expires ? r.nextInt(300) : -1).encode();
            byte[] properties = properties(r);
            int size = r.nextInt(3) * 40;
            MessageRecord.writeHeader(w, 0, route, more.length, properties.length, size);
            w.raw(more, 0, more.length).raw(properties, 0, properties.length);
            w.reserve(size);
        }
        List<Route> routes = List.of(new Route("/", "", queue), new Route("/", "", "q1"));
        return new Publish(routes, w.toBytes(), 0, w.size(), 0, Origins.NONE);
    }

    /** Headers kind (a to d, or none) and n, and maybe a priority. */
    private static byte[] properties(Random r) {
        boolean says = r.nextBoolean();
        ByteWriter w = new ByteWriter().uint16(1 << 13 | (says ? 1 << 11 : 0));
        int table = w.reserve(4);
        int kind = r.nextInt(5);
        if (kind < 4) {
            kind(kind, w);
        }
        w.uint8(1).uint8('n').uint8('I').int32(r.nextInt(10));
        w.setInt32(table, w.size() - table - 4);
        return (says ? w.uint8(r.nextInt(8)) : w).toBytes();
    }

    private void settle(Random r) {
        if (held.isEmpty()) {
            return;
        }
        Delivery d = held.remove(r.nextInt(held.size()));
        Settle.Outcome[] all = Settle.Outcome.values();
        Settle.Outcome how = r.nextBoolean() ? Settle.Outcome.ACK : all[r.nextInt(all.length)];
        if (how == Settle.Outcome.DISCARD && !letters(d)) {
            how = Settle.Outcome.ACK; // nobody counts what is rejected and goes nowhere
        }
        if (d.count() == 1 && how != Settle.Outcome.ACK && how != Settle.Outcome.DISCARD && r.nextInt(3) > 0) {
            settleWith(d, how, r);
            return;
        }
        apply(new Settle(d.holder(), how, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}));
    }

    /** It gets headers that others may want, or not; maybe it rests, or is put aside. */
    private void settleWith(Delivery d, Settle.Outcome how, Random r) {
        long delay = r.nextInt(3) == 0 ? r.nextInt(200) : 0;
        HeaderOverlay headers = r.nextInt(4) == 0
                ? null
                : new HeaderOverlay(kind(r.nextInt(4), new ByteWriter()).toBytes());
        boolean aside = r.nextInt(4) == 0;
        SettleWith.Defer defer = aside ? new SettleWith.Defer("t" + index, "", null) : null;
        apply(new SettleWith(
                d.holder(), aside ? Settle.Outcome.NACK_REQUEUE : how, d.firstSeq(), delay, headers, defer));
    }

    private static ByteWriter kind(int kind, ByteWriter w) {
        byte[] name = "kindS".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        return w.uint8(4).raw(name, 0, 5).int32(1).uint8('a' + kind);
    }

    private boolean letters(Delivery d) {
        return through.machine.queues().stream()
                .filter(q ->
                        through.machine.queueNumber("/", q.name()) == d.chunk().queue())
                .anyMatch(FilterLogTest::hasLetters);
    }

    private static boolean hasLetters(BrokerView.QueueInfo q) {
        return q.spec().arguments().get("x-dead-letter-exchange") != null;
    }

    private void get(String queue, Random r) {
        int channel = 1 + r.nextInt(2);
        if (apply(new Get(CLIENT, channel, "/", queue, false)) instanceof Reply.Got g) {
            channels.put(g.holder(), channel);
            held.add(g.delivery());
        }
    }

    private void subscribe(String queue, Random r) {
        boolean filters = r.nextInt(4) > 0;
        Wish wish = WISHES.get(r.nextInt(WISHES.size()));
        Arguments a = filters ? new Arguments(Map.of("x-filter", wish.filter)) : Arguments.NONE;
        int channel = 1 + r.nextInt(2);
        ConsumerSpec spec = new ConsumerSpec("t" + index, r.nextInt(6) == 0, false, r.nextInt(4) * 2, 3, a);
        if (apply(new Subscribe(CLIENT, channel, "/", queue, spec)) instanceof Reply.Subscribed s) {
            channels.put(s.consumer(), channel);
            tags.put(s.consumer(), spec.tag());
            if (filters) {
                assertEquals(through.machine.queueNumber("/", queue), s.filtered());
                readers.put(s.consumer(), new Reader(s.consumer(), s.filtered(), wish));
            }
        }
    }

    private final Map<Long, String> tags = new TreeMap<>();

    /** A channel closes; its client was sent some of what it held. */
    private void close(Random r) {
        if (r.nextInt(5) > 0) {
            return;
        }
        int channel = 1 + r.nextInt(2);
        List<Sent> sent = new ArrayList<>();
        for (Delivery d : held) {
            if (channels.get(d.holder()) == channel && r.nextBoolean()) {
                sent.add(new Sent(d.holder(), new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}));
            }
        }
        held.removeIf(d -> channels.get(d.holder()) == channel);
        apply(new CloseChannel(CLIENT, channel, sent));
    }

    /** All readers go on until they have nothing to do; then what is ready is not wanted, or its consumer may have no more. */
    private void nothingWantedIsLeft() {
        for (int n = 0; n < 300; n++) {
            boolean more = false;
            for (Reader r : List.copyOf(readers.values())) {
                r.last = Reply.Stop.NONE;
                more |= r.step() && (r.last == Reply.Stop.NONE || r.last == Reply.Stop.BUSY);
            }
            forget();
            if (!more) {
                break;
            }
        }
        for (Reader r : readers.values()) {
            if (!r.found.isEmpty()) {
                assertTrue(r.last == Reply.Stop.CREDIT || r.last == Reply.Stop.FULL || waits(r), r.last.toString());
                continue;
            }
            assertTrue(r.todo.isEmpty());
            long[] ready = through.machine.ready(r.queue, 0, MAX, 10_000);
            for (int i = 0; i < ready.length; i += 2) {
                for (long seq = ready[i]; seq <= ready[i + 1]; seq++) {
                    long one = seq;
                    var near = through.machine.chunkNear(r.queue, seq);
                    var chunk = near != null && near.firstSeq() <= seq ? near : through.store.chunkNear(r.queue, seq);
                    var headers =
                            headers(through.store.load(chunk), (int) (seq - chunk.firstSeq()), overlay(r.queue, seq));
                    boolean expired = chunk.earliest() != 0 && chunk.earliest() < time;
                    assertTrue(expired || !r.wish.means.test(headers), () -> "entry " + index + ": " + one + headers);
                }
            }
        }
    }

    private HeaderOverlay overlay(long queue, long seq) {
        Optional<HeaderOverlay> fresh =
                through.machine.overlays(queue, seq, seq).get(seq);
        return fresh == null
                ? null
                : fresh.orElseGet(() -> HeaderOverlay.decode(through.store.get(Keys.of(Keys.OVERLAY, queue, seq))));
    }

    /** Others have messages of its queue that their clients were not sent. */
    private boolean waits(Reader r) {
        return r.last == Reply.Stop.BUSY;
    }

    private void forget() {
        List<String> there =
                through.machine.consumers().stream().map(c -> c.spec().tag()).toList();
        readers.keySet().removeIf(n -> !there.contains(tags.get(n)));
    }

    /** What came into each queue is in it, or left it and was counted. */
    private void conserved() {
        for (BrokerView.QueueInfo q : through.machine.queues()) {
            BrokerView.Counters c = q.counters();
            BrokerView.Deaths d = c.deaths();
            long number = through.machine.queueNumber("/", q.name());
            long inIt = q.ready() + q.unacked() + q.deadLetters().messages() + q.resting() + q.deferred();
            long died = d.expired() + d.rejected() + d.failed() + c.overflowed();
            long left = c.acked() + c.replaced() + died - q.deadLetters().messages() + purged.getOrDefault(number, 0L);
            assertEquals(c.published(), inIt + left, "entry " + index + ": of " + q);
            assertTrue(q.readyBytes() >= 0 && q.unackedBytes() >= 0, q.toString());
        }
    }

    /** All goes; what the store has then is a leak. */
    private void drain() {
        for (int i = 0; i < QUEUES; i++) {
            apply(new DeleteQueue(CLIENT, "/", "q" + i, false, false));
        }
        for (int n = 0; through.machine.owes(); n++) {
            assertTrue(n < 10_000, "it never ends");
            apply(new Probe(false));
            through.machine.commit(1, index);
        }
        through.machine.commit(1, index);
        for (byte type : new byte[] {Keys.OUT_OF_TURN, Keys.OVERLAY, Keys.DEFERRED}) {
            through.store.scan(Keys.of(type), (k, v) -> assertEquals(0, k.length, Arrays.toString(k)));
        }
        for (byte type = Keys.QUEUE_STATE; type <= Keys.SHARED_REFERENCES; type++) {
            through.store.scan(Keys.of(type), (k, v) -> assertTrue(k[0] == Keys.CHANNEL, Arrays.toString(k)));
        }
    }
}
