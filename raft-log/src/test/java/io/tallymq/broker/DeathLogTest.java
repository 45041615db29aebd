package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Command;
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
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.BrokerView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random logs of queues that are each other's dead letter queues, with times to live, priorities, limits, failures and both strategies. A machine
 * that runs through and one that is restored from its store before every entry are the same at every entry, and each message is in one
 * place: what came into a queue is in it, or left it in a way that was counted.
 */
class DeathLogTest {
    private static final ConnectionId CLIENT = new ConnectionId("n1", 1);
    private static final int QUEUES = 5;
    private static final int ENTRIES = 400;
    /** Small, so that little is much. */
    private static final MachineLimits LIMITS = new MachineLimits(
            2,
            16,
            3,
            200,
            64,
            5,
            new WorkLimits(12, 5, 7, 7, 6),
            4,
            100,
            StateLimits.DEFAULTS.with(StateLimit.DEAD_LETTERS, 6, 3));

    /** In all logs. */
    private static long redriven;

    private static long refused;
    /** Entries behind which a queue had as many stuck letters as may be, and messages. */
    private static long full;

    @AfterAll
    static void someWereMoved() {
        assertTrue(LOGS < 20 || redriven > 200 && refused > 50, redriven + " moved, refused " + refused + " times");
        assertTrue(LOGS < 20 || full > 100, full + " times as many stuck letters as may be");
    }

    private TwoNodes nodes;
    private OneNode through;
    /** By the queue's number, as {@link #discarded}. */
    private final Map<Long, Long> purged = new TreeMap<>();

    private final Map<Long, Long> discarded = new TreeMap<>();
    private final Map<Long, Integer> channels = new TreeMap<>();

    /** When the level rose. */
    private long raisedAt;

    /** Milliseconds that pass before the next entry. */
    private long passes;

    private Reply apply(Command c) {
        long passed = passes;
        passes = 0;
        return nodes.both(n -> {
            n.passed += passed - 1; // without a pause it is the same moment
            return n.apply(c);
        });
    }

    private static final int LOGS = Integer.getInteger("tallymq.logs", 20);
    private static final long SEED = Long.getLong("tallymq.seed", 1);

    static LongStream seeds() {
        return LongStream.concat(LongStream.range(SEED, SEED + LOGS), LongStream.of(513_009));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachMessageIsInOnePlace(long seed) {
        Random r = new Random(seed);
        nodes = new TwoNodes("seed " + seed, LIMITS);
        through = nodes.straight;
        int raised = r.nextInt(ENTRIES / 4);
        for (int i = 0; i < ENTRIES; i++) {
            if (i == raised) {
                apply(new Raise(BrokerMachine.LEVELS.max(), 1));
                raisedAt = through.index + through.passed;
            }
            passes += r.nextInt(20) == 0 ? r.nextInt(3_000) : r.nextInt(15);
            passes += i % 97 == 96 ? 20_000 : 0; // an outage
            step(r);
            conserved();
        }
        drain();
    }

    private void step(Random r) {
        String queue = "q" + r.nextInt(QUEUES);
        switch (r.nextInt(18)) {
            case 0, 1 -> declare(queue, r);
            case 2, 3, 4, 5 -> apply(publish(queue, r));
            case 6, 7, 8, 9, 10 -> settle(r);
            case 11 -> get(queue, r);
            case 12 -> subscribe(queue, r);
            case 13 -> {
                if (r.nextInt(6) == 0) {
                    apply(new DeleteQueue(CLIENT, "/", queue, false, false));
                }
            }
            case 14 -> {
                boolean there = through.machine.queue("/", queue).isPresent();
                long number = there ? through.machine.queueNumber("/", queue) : 0;
                if (apply(new PurgeQueue(CLIENT, "/", queue)) instanceof Reply.Removed n) {
                    purged.merge(number, n.messages(), Long::sum);
                }
            }
            case 15, 16 -> redrive(queue, r);
            default -> close(r);
        }
        held.addAll(nodes.delivered());
    }

    private final List<Delivery> held = new ArrayList<>();

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
        }
        if (r.nextInt(4) > 0) {
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
        if (!quorum && r.nextInt(3) == 0) {
            a.put("x-max-priority", (long) r.nextInt(6));
        }
        if (r.nextInt(8) == 0) {
            a.put("x-expires", 1L + r.nextInt(2_000));
        }
        apply(new DeclareQueue(CLIENT, "/", queue, new QueueSpec(true, false, false, new Arguments(a)), false));
    }

    private Publish publish(String queue, Random r) {
        ByteWriter w = new ByteWriter();
        for (int n = 1 + r.nextInt(8); n > 0; n--) {
            boolean expires = r.nextInt(4) == 0;
            byte[] more = new Extension(List.of(), 0, expires ? r.nextInt(100) : -1).encode();
            int size = r.nextInt(3) * 40;
            boolean says = r.nextBoolean();
            MessageRecord.writeHeader(w, 0, 0, more.length, says ? 3 : 2, size);
            w.raw(more, 0, more.length).uint16(says ? 1 << 11 : 0);
            if (says) {
                w.uint8(r.nextInt(8));
            }
            w.reserve(size);
        }
        return new Publish(List.of(new Route("/", "", queue)), w.toBytes(), 0, w.size(), 0, Origins.NONE);
    }

    private void settle(Random r) {
        if (held.isEmpty()) {
            return;
        }
        Delivery d = held.remove(r.nextInt(held.size()));
        Settle.Outcome how = Settle.Outcome.values()[r.nextInt(Settle.Outcome.values().length)];
        long[] range = {d.firstSeq(), d.firstSeq() + d.count() - 1};
        BrokerView.QueueInfo q = queueOf(d);
        if (d.count() == 1 && r.nextBoolean()) {
            SettleWith.Defer defer = r.nextInt(3) > 0
                    ? null
                    : new SettleWith.Defer("t" + r.nextInt(6), r.nextBoolean() ? "" : "q" + r.nextInt(QUEUES), "c");
            how = defer == null ? how : Settle.Outcome.NACK_REQUEUE;
            HeaderOverlay headers = r.nextBoolean() ? null : SomeHeaders.of("h" + r.nextInt(3), "v" + r.nextInt(9));
            apply(new SettleWith(d.holder(), how, d.firstSeq(), r.nextInt(3) * 200L, headers, defer));
        } else {
            apply(new Settle(d.holder(), how, range));
        }
        if (how == Settle.Outcome.DISCARD && q != null && !hasLetters(q)) {
            discarded.merge(d.chunk().queue(), (long) d.count(), Long::sum);
        }
    }

    private BrokerView.QueueInfo queueOf(Delivery d) {
        return through.machine.queues().stream()
                .filter(q ->
                        through.machine.queueNumber("/", q.name()) == d.chunk().queue())
                .findFirst()
                .orElse(null);
    }

    private static boolean hasLetters(BrokerView.QueueInfo q) {
        return q.spec().arguments().get("x-dead-letter-exchange") != null;
    }

    private void get(String queue, Random r) {
        int channel = 1 + r.nextInt(2);
        String from = r.nextBoolean() && through.machine.level() >= SettleWith.LEVEL
                ? "amq.deferred.t" + r.nextInt(6)
                : queue;
        if (apply(new Get(CLIENT, channel, "/", from, false)) instanceof Reply.Got g) {
            channels.put(g.holder(), channel);
            held.add(g.delivery());
        }
    }

    private void subscribe(String queue, Random r) {
        ConsumerSpec spec = new ConsumerSpec("t" + through.index, false, false, r.nextInt(4), 3, Arguments.NONE);
        int channel = 1 + r.nextInt(2);
        if (apply(new Subscribe(CLIENT, channel, "/", queue, spec)) instanceof Reply.Subscribed s) {
            channels.put(s.consumer(), channel);
        }
    }

    /** Some of what is ready goes to another queue, or back to where it died; and some numbers are named that are not there. */
    private void redrive(String queue, Random r) {
        String fullest = through.machine.queues().stream()
                .max(Comparator.comparingLong(BrokerView.QueueInfo::ready))
                .map(BrokerView.QueueInfo::name)
                .orElse(queue);
        long number = through.machine.queueNumber("/", r.nextInt(4) == 0 ? queue : fullest);
        long[] ready = through.machine.ready(number, 0, Long.MAX_VALUE, 1 + r.nextInt(5));
        SeqRanges named = new SeqRanges();
        for (int i = 0; i < ready.length; i += 2) {
            long first = ready[i] + r.nextInt(2);
            long last = Math.max(first, ready[i + 1] + 1 - r.nextInt(4));
            named.remove(first, last, (a, b) -> {});
            named.add(first, last);
        }
        String to = r.nextBoolean() ? "" : "q" + r.nextInt(QUEUES);
        String by = r.nextInt(4) == 0 ? "root" : "";
        long before = published();
        Reply reply = apply(new Redrive(number, named.toArray(), to, by, "127.0.0.1", "why"));
        if (reply instanceof Reply.Redriven done) {
            redriven += done.moved();
            refused += done.refused().size();
            purged.merge(number, (long) done.moved(), Long::sum);
            assertTrue(published() - before >= done.moved(), "each is published again: " + done);
        }
    }

    private long published() {
        return through.machine.totals().published();
    }

    /** A channel closes; its client was sent some of what it held. */
    private void close(Random r) {
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

    /** What came into each queue is in it, or left it and was counted. */
    private void conserved() {
        for (BrokerView.QueueInfo q : through.machine.queues()) {
            BrokerView.Counters c = q.counters();
            BrokerView.Deaths d = c.deaths();
            long inIt = q.ready() + q.unacked() + q.deadLetters().messages() + q.resting() + q.deferred();
            long died = d.expired() + d.rejected() + d.failed() + c.overflowed();
            long goneOn = hasLetters(q)
                    ? d.deadLettered() + d.deadDropped() + q.deadLetters().messages()
                    : died;
            assertEquals(died, goneOn, "entry " + through.index + ": of " + q);
            long left = c.acked()
                    + died
                    - q.deadLetters().messages()
                    + purged.getOrDefault(through.machine.queueNumber("/", q.name()), 0L)
                    + discarded.getOrDefault(through.machine.queueNumber("/", q.name()), 0L);
            assertEquals(c.published(), inIt + left, "entry " + through.index + ": of " + q);
            lettersWithinTheirLimit(q);
            assertTrue(q.readyBytes() >= 0 && q.unackedBytes() >= 0, q.toString());
        }
    }

    /** Once all is done that is owed a queue that drops its oldest has no more; others got no more of what is ready. */
    private void lettersWithinTheirLimit(BrokerView.QueueInfo q) {
        long letters = q.deadLetters().messages();
        boolean raised = through.machine.level() == BrokerMachine.LEVELS.max();
        // Those that were stuck before count when they have tried again, which they do each second.
        if (!raised
                || through.index + through.passed < raisedAt + 2_000
                || !q.deadLetters().stuck()) {
            return;
        }
        full += letters >= 3 && q.ready() > 0 ? 1 : 0;
        boolean drops = q.spec().arguments().get("x-max-length") != null
                && !"reject-publish".equals(q.spec().arguments().get("x-overflow"));
        assertTrue(
                !drops || letters <= 3 || through.machine.owes(),
                "entry " + through.index + ": " + letters + " stuck letters of " + q);
    }

    /** All goes; what the store has then is a leak. */
    private void drain() {
        for (int i = 0; i < QUEUES; i++) {
            apply(new DeleteQueue(CLIENT, "/", "q" + i, false, false));
        }
        for (int n = 0; through.machine.owes(); n++) {
            assertTrue(n < 10_000, "it never ends");
            apply(new Probe(false));
            through.commit();
        }
        through.commit();
        for (byte type = Keys.QUEUE_STATE; type <= Keys.DEFERRED; type++) {
            through.memory.scan(Keys.of(type), (k, v) -> assertTrue(k[0] == Keys.CHANNEL, Arrays.toString(k)));
        }
    }
}
