package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.SomeReports.Message;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.ReportQueue;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random logs of messages whose publishers want to be told, in queues of all kinds. Each coming into a queue that was told is followed by one
 * leaving of it that is told, no more and no less; nothing is told that was not asked for; and a machine that is restored from its store behind
 * every entry tells the same.
 */
class ReportLogTest {
    private static final ConnectionId CLIENT = new ConnectionId("n1", 1);
    private static final int QUEUES = 5;
    private static final int ENTRIES = 300;
    /** Small, so that little is much: three reports an entry. */
    private static final MachineLimits LIMITS =
            new MachineLimits(2, 16, 3, 200, 64, 5, new WorkLimits(12, 5, 3, 7, 6), 4, 100, StateLimits.DEFAULTS);

    private static final int LOGS = Integer.getInteger("tallymq.logs", 20);
    private static final long SEED = Long.getLong("tallymq.seed", 1);

    /** In all logs, by event and reason. */
    private static final Map<String, Integer> SEEN = new TreeMap<>();

    private TwoNodes nodes;
    private OneNode through;
    private Random r;
    private long passes;
    private int messages;
    /** Whether all that comes and goes is told in the stream. */
    private boolean audited;

    private final Map<String, Integer> wanted = new TreeMap<>();
    private final List<Delivery> held = new ArrayList<>();
    private final Map<Long, Integer> channels = new TreeMap<>();

    /** The last one found that values that a purge took of who had left counted otherwise behind a start. */
    static LongStream seeds() {
        return LongStream.concat(LongStream.range(SEED, SEED + LOGS), LongStream.of(80_108, 621_045));
    }

    @AfterAll
    static void allHappened() {
        for (String what : List.of(
                "acked",
                "dead-lettered",
                "dropped deleted",
                "dropped maxlen",
                "dropped purged",
                "dropped rejected",
                "dropped replaced",
                "dropped unroutable",
                "dropped delivery_limit",
                "expired",
                "moved",
                "refused",
                "stored")) {
            assertTrue(LOGS < 20 || SEEN.getOrDefault(what, 0) >= 10, what + " of " + SEEN);
        }
    }

    private Reply apply(Command c) {
        long passed = passes;
        passes = 0;
        return nodes.both(n -> {
            n.passed += passed - 1; // without a pause it is the same moment
            return n.apply(c);
        });
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachComingIsFollowedByOneLeaving(long seed) {
        r = new Random(seed);
        nodes = new TwoNodes("seed " + seed, LIMITS, r.nextBoolean());
        through = nodes.straight;
        if (r.nextBoolean()) {
            nodes.restartWithin();
        }
        apply(new Raise(BrokerMachine.LEVELS.max(), 1));
        for (String q : List.of("r", "full")) {
            Map<String, Object> a =
                    q.equals("r") ? Map.of() : Map.of("x-max-length", 5L, "x-overflow", "reject-publish");
            apply(new DeclareQueue(CLIENT, "/", q, new QueueSpec(true, false, false, arguments(a)), false));
        }
        audited = r.nextInt(3) == 0;
        if (audited) {
            Arguments stream = arguments(Map.of("x-queue-type", "stream"));
            apply(new DeclareQueue(CLIENT, "/", ReportQueue.FEED, new QueueSpec(true, false, false, stream), false));
            Arguments definition = arguments(Map.of("receipts", "stream"));
            apply(new SetPolicy("/", "audit", false, new PolicySpec(".*", "queues", 0, definition)));
            while (through.machine.owes()) { // it comes to all queues, some per entry
                apply(new Probe(false));
            }
        }
        for (int i = 0; i < ENTRIES; i++) {
            passes += r.nextInt(20) == 0 ? r.nextInt(3_000) : r.nextInt(15);
            step();
        }
        drain();
        check("seed " + seed);
    }

    private static Arguments arguments(Map<String, Object> a) {
        return new Arguments(new TreeMap<>(a));
    }

    private void step() {
        String queue = "q" + r.nextInt(QUEUES);
        switch (r.nextInt(17)) {
            case 0, 1 -> declare(queue);
            case 2, 3, 4, 5, 6 -> apply(publish(queue));
            case 7, 8, 9, 10 -> settle();
            case 11 -> get(queue);
            case 12 -> subscribe(queue);
            case 13 -> {
                if (r.nextInt(5) == 0) {
                    apply(new DeleteQueue(CLIENT, "/", queue, false, false));
                }
            }
            case 14 -> apply(new PurgeQueue(CLIENT, "/", queue));
            case 15 -> redrive(queue);
            default -> close();
        }
        held.addAll(nodes.delivered());
        nodes.forget();
    }

    private void declare(String queue) {
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
        }
        if (r.nextInt(3) == 0) {
            a.put("x-dead-letter-exchange", r.nextInt(5) == 0 ? "nowhere" : "");
            a.put("x-dead-letter-routing-key", "q" + r.nextInt(QUEUES));
            if (quorum && r.nextBoolean()) {
                a.put("x-dead-letter-strategy", "at-least-once");
            }
        }
        if (r.nextInt(3) == 0) {
            a.put("x-message-ttl", (long) r.nextInt(200));
        }
        if (r.nextInt(3) == 0) {
            a.put("x-max-length", (long) r.nextInt(6));
            a.put("x-overflow", r.nextBoolean() ? "drop-head" : "reject-publish");
        }
        if (!quorum) {
            switch (r.nextInt(6)) {
                case 0 -> a.put("x-max-priority", (long) r.nextInt(6));
                case 1 -> a.put("x-group-by", "header:g");
                case 2 -> a.put("x-fair-by", "header:g");
                case 3 -> a.put("x-last-value", "g");
                default -> {}
            }
        }
        if (r.nextInt(8) == 0) {
            a.put("x-expires", 1L + r.nextInt(2_000));
        }
        apply(new DeclareQueue(CLIENT, "/", queue, new QueueSpec(true, false, false, new Arguments(a)), false));
    }

    private List<Message> messages() {
        List<Message> some = new ArrayList<>();
        for (int n = 1 + r.nextInt(8); n > 0; n--) {
            int bits =
                    switch (r.nextInt(5)) {
                        case 0 -> 0;
                        case 1 -> r.nextInt(SomeReports.ALL + 1);
                        default -> SomeReports.ALL;
                    };
            String id = "m" + ++messages;
            wanted.put(id, bits);
            boolean lost = bits != SomeReports.ALL && r.nextInt(3) == 0;
            Extension e =
                    new Extension(List.of(), 0, r.nextInt(6) == 0 ? r.nextInt(100) : -1).with(Terms.NONE.telling(bits));
            String to = lost ? r.nextBoolean() ? "full" : "none" : "r";
            some.add(new Message(id, to, e, r.nextInt(8) - 1, r.nextInt(3) * 40));
        }
        return some;
    }

    /** To one queue, or to several: each name in turn, or both by CC. */
    private Publish publish(String queue) {
        List<Message> some = messages();
        if (r.nextInt(3) == 0) {
            some = some.stream()
                    .map(m -> m.with(new Extension(
                                    List.of("q" + r.nextInt(QUEUES), "q" + r.nextInt(QUEUES)),
                                    0,
                                    m.extension().expiration())
                            .with(m.extension().terms())))
                    .toList();
        }
        return SomeReports.run(Origins.NONE, new Route("/", "", queue), some);
    }

    private void settle() {
        if (held.isEmpty()) {
            return;
        }
        Delivery d = held.remove(r.nextInt(held.size()));
        Settle.Outcome[] all = Settle.Outcome.values();
        Settle.Outcome how = r.nextBoolean() ? Settle.Outcome.ACK : all[r.nextInt(all.length)];
        Settle one = new Settle(d.holder(), how, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1});
        if (r.nextInt(4) == 0) {
            apply(new CommitTx(CLIENT, 7, List.of(one), publish("q" + r.nextInt(QUEUES))));
        } else if (d.count() == 1 && r.nextInt(4) == 0) {
            SettleWith.Defer defer = new SettleWith.Defer("t" + r.nextInt(6), "", "c");
            apply(new SettleWith(
                    d.holder(), Settle.Outcome.NACK_REQUEUE, d.firstSeq(), r.nextInt(3) * 200L, null, defer));
        } else {
            apply(one);
        }
    }

    private void get(String queue) {
        int channel = 1 + r.nextInt(2);
        if (apply(new Get(CLIENT, channel, "/", queue, false)) instanceof Reply.Got g) {
            channels.put(g.holder(), channel);
            held.add(g.delivery());
        }
    }

    private void subscribe(String queue) {
        ConsumerSpec spec = new ConsumerSpec("t" + through.index, false, false, r.nextInt(6), 3, Arguments.NONE);
        int channel = 1 + r.nextInt(2);
        if (apply(new Subscribe(CLIENT, channel, "/", queue, spec)) instanceof Reply.Subscribed s) {
            channels.put(s.consumer(), channel);
        }
    }

    private void redrive(String queue) {
        long number = through.machine.queueNumber("/", queue);
        long[] ready = through.machine.ready(number, 0, Long.MAX_VALUE, 1 + r.nextInt(5));
        if (ready.length > 0) {
            apply(new Redrive(number, ready, r.nextInt(4) == 0 ? "" : "q" + r.nextInt(QUEUES), "", "", ""));
        }
    }

    /** A channel closes; its client was sent some of what it held. */
    private void close() {
        if (r.nextInt(4) > 0) {
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

    /** All leaves, and all of it is told. */
    private void drain() {
        for (int i = 0; i < QUEUES; i++) {
            apply(new DeleteQueue(CLIENT, "/", "q" + i, false, false));
        }
        for (int n = 0; through.machine.owes(); n++) {
            assertTrue(n < 10_000, "it never ends");
            apply(new Probe(false));
        }
        through.commit();
        for (byte type : new byte[] {Keys.SETTLED, Keys.UNTOLD, Keys.FAREWELL, Keys.OWED, Keys.REPORTS_KEPT}) {
            through.memory.scan(Keys.of(type), (k, v) -> assertTrue(false, "left: " + Arrays.toString(k)));
        }
        List<Long> stay = List.of(
                through.machine.queueNumber("/", "r"),
                through.machine.queueNumber("/", "full"),
                through.machine.queueNumber("/", ReportQueue.FEED));
        through.memory.scan(Keys.of(Keys.CHUNK), (k, v) -> {
            long queue = ByteReader.int64(k, 1);
            assertTrue(stay.contains(queue), "a chunk is left of queue " + queue);
        });
    }

    private List<String> lines(String queue) {
        List<String> all = new ArrayList<>();
        for (Chunk c : through.memory.chunks(through.machine.queueNumber("/", queue), 0, Long.MAX_VALUE)) {
            ChunkBody body = through.memory.load(c);
            all.addAll(SomeReports.bodies(through, new Delivery(0, c, 0, body.count(), false, 0, 0)));
        }
        return all;
    }

    private void check(String where) {
        Map<String, Integer> balance = new TreeMap<>();
        int acked = 0;
        for (String line : lines("r")) {
            String event = SomeReports.member(line, "event");
            String id = SomeReports.member(line, "message_id");
            String queue = SomeReports.member(line, "queue");
            assertTrue((ReportEvent.bit(event) & wanted.get(id)) != 0, where + ": not asked for: " + line);
            String reason = SomeReports.member(line, "reason");
            SEEN.merge(event.equals("dropped") ? event + " " + reason : event, 1, Integer::sum);
            acked += event.equals("acked") ? 1 : 0;
            if (wanted.get(id) != SomeReports.ALL) {
                continue;
            }
            for (String in :
                    (SomeReports.member(line, "queues") + SomeReports.member(line, "to")).split("[\\[\\],]+")) {
                if (!in.isEmpty()) {
                    balance.merge(id + " in " + in, 1, Integer::sum);
                }
            }
            if (!queue.isEmpty()) {
                assertTrue(!event.equals("stored") && !event.equals("refused"), line);
                int left = balance.merge(id + " in " + queue, -1, Integer::sum);
                assertTrue(left >= 0, where + ": it leaves before it came: " + line);
            }
        }
        balance.values().removeIf(n -> n == 0);
        assertEquals(Map.of(), balance, where);
        assertTrue(acked <= through.machine.totals().acked(), where + ": " + acked + " acked");
        if (audited) {
            checkFeed(where);
        }
        long all = lines("r").size()
                + lines("full").size()
                + lines(ReportQueue.FEED).size();
        assertEquals(all, through.machine.reports().told(), where);
    }

    /** Each message, whether its publisher asks or not. */
    private void checkFeed(String where) {
        Map<String, Integer> balance = new TreeMap<>();
        for (String line : lines(ReportQueue.FEED)) {
            String queue = SomeReports.member(line, "queue");
            String what = SomeReports.member(line, "message_id") + " in " + queue;
            int is = balance.merge(what, SomeReports.member(line, "event").equals("stored") ? 1 : -1, Integer::sum);
            assertTrue(is >= 0, where + ": it leaves before it came: " + line);
        }
        balance.keySet().removeIf(what -> !what.startsWith("m")); // reports stay where they are
        balance.values().removeIf(n -> n == 0);
        assertEquals(Map.of(), balance, where);
        long published = through.machine.totals().published();
        long came = lines(ReportQueue.FEED).stream()
                .filter(l -> l.startsWith("{\"event\":\"stored\""))
                .count();
        assertEquals(published - lines(ReportQueue.FEED).size(), came, where);
    }
}
