package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Consumer;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Random commands with budgets of a few units, against a model in which all that leaves is given back at once: every delivery is the next
 * in order and flagged as it has to be, and a replica that starts anew after each commit goes the same way.
 */
class LeavingModelTest {
    private static final MachineLimits TINY = new MachineLimits(
            4, 100, 7, 4_096, 512, 64, new WorkLimits(32_768, 2, 3, 3, 4), 2, 1_000, StateLimits.DEFAULTS);

    private static final class Taker {
        final ConnectionId connection;
        final int channel;
        final String queue;
        final TreeSet<Long> held = new TreeSet<>();
        /** Of these what it was assigned ahead when its queue was purged. */
        final TreeSet<Long> purged = new TreeSet<>();
        /** 0 for a getter and for a consumer without limit. */
        int prefetch;

        boolean consumer;
        boolean cancelled;
        /** Behind the highest number that it let go of and that its client may have been sent. */
        long past;

        /** What its client was not sent, as far as the log knows. */
        TreeSet<Long> ahead() {
            TreeSet<Long> ahead = new TreeSet<>();
            held.stream().skip(prefetch == 0 ? Long.MAX_VALUE : prefetch).forEach(ahead::add);
            return ahead;
        }

        /** Of those that go back what is there again. */
        TreeSet<Long> without(TreeSet<Long> unsent) {
            TreeSet<Long> back = new TreeSet<>(unsent);
            back.removeAll(purged);
            return back;
        }

        Taker(ConnectionId connection, int channel, String queue) {
            this.connection = connection;
            this.channel = channel;
            this.queue = queue;
        }
    }

    private static final class Waiting {
        long next;
        final TreeSet<Long> ready = new TreeSet<>();
        final TreeSet<Long> flagged = new TreeSet<>();
    }

    private final class Machine implements Effects {
        final boolean restarts;
        MemoryStore store = new MemoryStore(0);
        BrokerMachine machine = new BrokerMachine(store, TINY);
        final List<String> told = new ArrayList<>();
        final List<Delivery> delivered = new ArrayList<>();

        Machine(boolean restarts) {
            this.restarts = restarts;
        }

        Reply apply(String node, long epoch, Command c) {
            machine.begin(new Stamp(1, index, index), node, epoch, index, c instanceof NodeUp);
            Reply r = machine.apply(c, this);
            machine.end();
            return r;
        }

        void end() {
            machine.applied(1, index, this);
            if (index % 3 != 0) {
                return;
            }
            assertTrue(machine.commit(1, index));
            if (restarts) {
                store = store.copy();
                machine = new BrokerMachine(store, TINY);
            }
        }

        @Override
        public void deliver(Consumer consumer, Delivery d) {
            delivered.add(d);
            told.add(consumer.number() + ":" + d.firstSeq() + "+" + d.count() + d.redelivered());
        }

        @Override
        public void consumerCancelled(Consumer consumer) {
            told.add("cancelled " + consumer.number());
        }

        @Override
        public void giveBack(Consumer consumer) {
            told.add("back " + consumer.number());
        }

        @Override
        public void connectionClosed(ConnectionId id, String reason) {
            told.add("closed " + id);
        }

        @Override
        public void unroutable(int ordinal) {
            told.add("unroutable");
        }

        @Override
        public void publishRefused(int ordinal, Reply.Rejected why) {
            told.add("refused");
        }
    }

    private long index;
    private long epoch;
    private long connections;
    private final Machine lasting = new Machine(false);
    private final Machine starting = new Machine(true);
    private final TreeMap<ConnectionId, Boolean> open = new TreeMap<>();
    private final TreeMap<Long, Taker> takers = new TreeMap<>();
    private final TreeMap<String, Waiting> queues = new TreeMap<>();

    private Reply both(String node, long e, Command c) {
        index++;
        Reply r = lasting.apply(node, e, c);
        Reply s = starting.apply(node, e, c);
        assertEquals(r.getClass(), s.getClass());
        if (r instanceof Reply.Got g) {
            take((Reply.Got) s, g);
        }
        if (r instanceof Reply.Subscribed sub) {
            Subscribe of = (Subscribe) c;
            Taker taker = new Taker(of.connection(), of.channel(), of.queue());
            taker.prefetch = of.spec().prefetch();
            taker.consumer = true;
            takers.put(sub.consumer(), taker);
        }
        lasting.end();
        starting.end();
        for (Delivery d : lasting.delivered) {
            check(d.holder(), d.firstSeq(), d.count(), d.redelivered());
        }
        assertEquals(lasting.told, starting.told, "told by entry " + index + " " + c);
        assertEquals(lasting.machine.digest(), starting.machine.digest(), "entry " + index + " " + c);
        assertEquals(
                lasting.machine.used(StateLimit.HELD_RANGES),
                starting.machine.used(StateLimit.HELD_RANGES),
                "ranges, entry " + index + " " + c);
        lasting.told.clear();
        starting.told.clear();
        lasting.delivered.clear();
        starting.delivered.clear();
        sync();
        return r;
    }

    private Get got;

    private void take(Reply.Got s, Reply.Got g) {
        takers.computeIfAbsent(g.holder(), h -> new Taker(got.connection(), got.channel(), got.queue()));
        assertEquals(g.delivery().firstSeq(), s.delivery().firstSeq());
        check(
                g.holder(),
                g.delivery().firstSeq(),
                g.delivery().count(),
                g.delivery().redelivered());
    }

    private void check(long holder, long first, long count, boolean redelivered) {
        Taker t = takers.get(holder);
        Waiting q = queues.get(t.queue);
        long at = t.held.isEmpty() ? t.past : Math.max(t.past, t.held.last() + 1);
        for (long seq = first; seq < first + count; seq++) {
            assertFalse(q.ready.isEmpty(), "nothing is ready, entry " + index);
            assertEquals(q.ready.first(), seq, "not the next of " + t.queue + ", entry " + index);
            q.ready.remove(seq);
            t.held.add(seq);
            assertEquals(seq < at || q.flagged.contains(seq), redelivered, "flag of " + seq + ", entry " + index);
        }
    }

    /** Queues that went took their takers. */
    private void sync() {
        TreeSet<String> there = new TreeSet<>();
        lasting.machine.queues().forEach(q -> there.add(q.name()));
        queues.keySet().retainAll(there);
        takers.values().removeIf(t -> !there.contains(t.queue));
        for (BrokerView.QueueInfo q : lasting.machine.queues()) {
            long held = takers.values().stream()
                    .filter(t -> t.queue.equals(q.name()))
                    .mapToLong(t ->
                            t.held.size() - Math.min(t.purged.size(), t.ahead().size()))
                    .sum();
            assertEquals(queues.get(q.name()).ready.size() + held, q.ready() + q.unacked(), q.name());
        }
    }

    private void gone(Predicate<Taker> which, Map<Long, TreeSet<Long>> sent) {
        takers.entrySet().removeIf(e -> {
            if (!which.test(e.getValue())) {
                return false;
            }
            Taker taker = e.getValue();
            Waiting q = queues.get(taker.queue);
            TreeSet<Long> unsent = sent == null ? taker.ahead() : new TreeSet<>(taker.held);
            unsent.removeAll(sent == null ? Set.of() : sent.getOrDefault(e.getKey(), new TreeSet<>()));
            unsent.retainAll(taker.purged);
            for (long seq : taker.held) {
                if (unsent.contains(seq)) {
                    continue;
                }
                q.ready.add(seq);
                if (sent == null
                        || sent.containsKey(e.getKey()) && sent.get(e.getKey()).contains(seq)) {
                    q.flagged.add(seq);
                }
            }
            return true;
        });
    }

    private static long[] pairs(TreeSet<Long> seqs) {
        long[] p = new long[2 * seqs.size()];
        int i = 0;
        for (long s : seqs) {
            p[i++] = s;
            p[i++] = s;
        }
        return p;
    }

    private static TreeSet<Long> some(TreeSet<Long> of, Random random) {
        TreeSet<Long> s = new TreeSet<>(of);
        int p = random.nextInt(4);
        s.removeIf(x -> random.nextInt(3) < p);
        return s;
    }

    private <T> T one(Collection<T> of, Random random) {
        return of.isEmpty() ? null : new ArrayList<>(of).get(random.nextInt(of.size()));
    }

    private void step(Random random) {
        ConnectionId c = one(open.keySet(), random);
        String q = one(queues.keySet(), random);
        Long t = one(takers.keySet(), random);
        int channel = 1 + random.nextInt(2);
        switch (random.nextInt(24)) {
            case 0 -> {
                ConnectionId id = new ConnectionId(random.nextBoolean() ? "n1" : "n2", ++connections);
                if (!(both("n1", 1, new OpenConnection(id, OneNode.info())) instanceof Reply.Rejected)) {
                    open.put(id, true);
                }
            }
            case 1, 2 -> {
                String name = "q" + random.nextInt(6);
                if (c != null && !queues.containsKey(name)) {
                    QueueSpec spec =
                            new QueueSpec(true, random.nextInt(4) == 0, random.nextInt(4) == 0, Arguments.NONE);
                    queues.put(name, new Waiting());
                    both("n1", 1, new DeclareQueue(c, "/", name, spec, false));
                }
            }
            case 3, 4, 5 -> {
                if (q != null) {
                    int n = 1 + random.nextInt(12);
                    Waiting w = queues.get(q);
                    for (int i = 0; i < n; i++) {
                        w.ready.add(w.next++);
                    }
                    both("n1", 1, OneNode.messages(n, 10, new Route("/", "", q)));
                }
            }
            case 6, 7, 8 -> {
                if (c != null && q != null) {
                    int prefetch = new int[] {0, 1, 5, 20}[random.nextInt(4)];
                    both(
                            "n1",
                            1,
                            new Subscribe(
                                    c,
                                    channel,
                                    "/",
                                    q,
                                    new ConsumerSpec("t", false, false, prefetch, 8, Arguments.NONE)));
                }
            }
            case 9, 10 -> {
                if (c != null && q != null) {
                    got = new Get(c, channel, "/", q, false);
                    both("n1", 1, got);
                }
            }
            case 11, 12, 13, 14 -> {
                if (t != null) {
                    Taker taker = takers.get(t);
                    TreeSet<Long> s = some(taker.held, random);
                    Settle.Outcome how = Settle.Outcome.values()[random.nextInt(Settle.Outcome.values().length)];
                    if (random.nextInt(3) > 0) {
                        how = Settle.Outcome.ACK;
                    }
                    taker.held.removeAll(s);
                    if (how != Settle.Outcome.RELEASE && !s.isEmpty()) {
                        taker.past = Math.max(taker.past, s.last() + 1);
                    }
                    Waiting w = queues.get(taker.queue);
                    if (how != Settle.Outcome.ACK && how != Settle.Outcome.DISCARD) {
                        w.ready.addAll(how == Settle.Outcome.RELEASE ? taker.without(s) : s);
                        if (how != Settle.Outcome.RELEASE) {
                            w.flagged.addAll(s);
                        }
                    }
                    taker.purged.removeAll(s);
                    both("n1", 1, new Settle(t, how, pairs(s)));
                }
            }
            case 15 -> {
                if (t != null) {
                    takers.get(t).cancelled = true;
                    both("n1", 1, new Cancel(t));
                }
            }
            case 16, 17 -> {
                if (c != null) {
                    int which = random.nextInt(4);
                    Map<Long, TreeSet<Long>> sent = new TreeMap<>();
                    List<Sent> list = new ArrayList<>();
                    takers.forEach((n, taker) -> {
                        if (taker.connection.equals(c) && (which == 0 || taker.channel == channel)) {
                            sent.put(n, some(taker.held, random));
                            list.add(new Sent(n, pairs(sent.get(n))));
                        }
                    });
                    gone(x -> x.connection.equals(c) && (which == 0 || x.channel == channel), sent);
                    room.keySet().removeIf(k -> k.startsWith(c + "/" + (which == 0 ? "" : channel)));
                    if (which == 0) {
                        open.remove(c);
                        both("n1", 1, new CloseConnection(c, list));
                    } else {
                        both("n1", 1, new CloseChannel(c, channel, list));
                    }
                }
            }
            case 18 -> {
                if (random.nextInt(3) == 0) {
                    gone(x -> x.connection.node().equals("n2"), null);
                    open.keySet().removeIf(id -> id.node().equals("n2"));
                    both("n1", 1, new NodeLost("n2", epoch, 1));
                    both("n2", ++epoch, new NodeUp("n2", epoch));
                } else if (c != null) {
                    qos(c, channel, random.nextInt(12));
                }
            }
            case 19 -> {
                if (t != null) {
                    Taker taker = takers.get(t);
                    TreeSet<Long> keep = some(taker.held, random);
                    TreeSet<Long> back = new TreeSet<>(taker.held);
                    back.removeAll(keep);
                    taker.held.removeAll(back);
                    queues.get(taker.queue).ready.addAll(taker.without(back));
                    taker.purged.clear();
                    both("n1", 1, new TakeBack(t, pairs(keep)));
                }
            }
            case 21, 22 -> {
                if (c != null) {
                    qos(c, channel, random.nextInt(12));
                }
            }
            case 20 -> {
                if (c != null && q != null && random.nextInt(3) == 0) {
                    if (random.nextBoolean()) {
                        Reply r = both("n1", 1, new DeleteQueue(c, "/", q, false, false));
                        assertTrue(r instanceof Reply.Rejected || !queues.containsKey(q));
                    } else {
                        Waiting w = queues.get(q);
                        TreeSet<Long> before = new TreeSet<>(w.ready);
                        w.ready.clear();
                        Map<Taker, TreeSet<Long>> purged = new LinkedHashMap<>();
                        takers.values().stream().filter(x -> x.queue.equals(q)).forEach(x -> {
                            purged.put(x, new TreeSet<>(x.purged));
                            x.purged.addAll(x.ahead());
                        });
                        Reply r = purge(c, q);
                        if (r instanceof Reply.Rejected) {
                            w.ready.addAll(before);
                            purged.forEach((x, its) -> x.purged.retainAll(its));
                        }
                    }
                }
            }
            default -> {
                both("n1", 1, new Probe(false));
                if (random.nextInt(4) == 0) {
                    settled();
                }
            }
        }
    }

    private final Map<String, Integer> room = new TreeMap<>();

    private void qos(ConnectionId c, int channel, int limit) {
        room.put(c + "/" + channel, limit);
        both("n1", 1, new Qos(c, channel, limit));
    }

    /** Nobody who may have something waits while there is something. */
    private void settled() {
        for (int i = 0; lasting.machine.owes() && i < 200; i++) {
            both("n1", 1, new Probe(false));
        }
        assertFalse(lasting.machine.owes(), "owes for ever");
        for (Taker t : takers.values()) {
            if (!t.consumer || t.cancelled || t.prefetch == 0 || t.held.size() >= t.prefetch) {
                continue;
            }
            int limit = room.getOrDefault(t.connection + "/" + t.channel, 0);
            int onChannel = 0;
            boolean ahead = false;
            for (Taker o : takers.values()) {
                ahead |= o.queue.equals(t.queue) && o.prefetch > 0 && o.held.size() > o.prefetch;
                if (o.consumer && o.connection.equals(t.connection) && o.channel == t.channel) {
                    onChannel += o.held.size();
                }
            }
            if (!ahead && (limit == 0 || onChannel < limit)) {
                assertTrue(
                        queues.get(t.queue).ready.isEmpty(),
                        "somebody waits for what is ready in " + t.queue + ", entry " + index);
            }
        }
    }

    private Reply purge(ConnectionId c, String q) {
        boolean locked = lasting.machine.queues().stream()
                .anyMatch(i ->
                        i.name().equals(q) && i.owner() != null && !i.owner().equals(c));
        return locked
                ? new Reply.Rejected(405, Reply.Reason.FENCED, "locked")
                : both("n1", 1, new PurgeQueue(c, "/", q));
    }

    /** Seed 283 is among them, which found the last exception to what decision 021 says of who waits; others: {@code -Dtallymq.leaving.seed=N}. */
    private static final int FIRST_SEED = Integer.getInteger("tallymq.leaving.seed", 140);

    private static final int SEEDS = 150;

    @Test
    void deliversTheNextInOrderAndStartsAnewAsItWas() {
        for (int seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            try {
                LeavingModelTest run = new LeavingModelTest();
                Random random = new Random(seed);
                run.both("n1", 1, new NodeUp("n1", 1));
                run.both("n2", ++run.epoch, new NodeUp("n2", run.epoch));
                if (seed % 2 == 1) {
                    run.both("n1", 1, new Raise(BrokerMachine.LEVELS.max(), 1));
                }
                for (int i = 0; i < 600; i++) {
                    run.step(random);
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
