package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.change.SetUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.FenceProducer;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.ProducerLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.logs.Views;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.Receipt;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random logs of more producers than there is room for, who publish again, late, out of order and far ahead, at once and for later, are made void, lose their places
 * and say so or not, rest and are forgotten, and whose messages die and are moved: what a simple model says of each name the machine says, too, on a replica that goes
 * through as on one that comes back from its store all the time, and as many messages are there as were stored.
 */
class ReceiptLogTest {
    private static final MachineLimits LIMITS = new MachineLimits(
                    2, 16, 3, 200, 64, 5, new WorkLimits(12, 5, 7, 7, 40), 4, 60, StateLimits.DEFAULTS)
            .withProducers(new ProducerLimits(4, 200, 15, 100));
    private static final String FAN = "amq.fanout";
    private static final PasswordHash HASH = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
    private static final int STEPS = 150;
    private static final int WINDOW = 4_096;
    /** Entries until nothing is owed any more. */
    private static final int MOST_SETTLING = 10_000;

    private static final List<String> PRODUCERS = List.of("a", "b", "c", "d", "e", "f");

    static long[] seeds() {
        int logs = Integer.getInteger("tallymq.logs", 20);
        return new Random().longs(logs).toArray();
    }

    /** What is expected of one producer. */
    private static final class Expected {
        final TreeSet<Long> stored = new TreeSet<>();
        final TreeSet<Long> voided = new TreeSet<>();
        final TreeMap<Long, String> undecided = new TreeMap<>();
        /** How often what is stored came again. */
        final TreeMap<Long, Long> again = new TreeMap<>();

        long last = -1;
        /** Connections opened before this step may not publish. */
        int fencedAt;

        long epoch;
        /** It may have been forgotten: what became of these numbers may not be known any more. */
        final TreeSet<Long> before = new TreeSet<>();
        /** Nor which of the numbers up to this one came. */
        long unknownTo = -1;

        boolean isForgotten(long seq) {
            return last >= 0 && seq <= last - WINDOW;
        }

        void mayBeForgotten() {
            before.addAll(stored);
            before.addAll(undecided.keySet());
            before.addAll(again.keySet());
            unknownTo = last;
        }

        void decide(long seq, TreeSet<Long> how) {
            how.add(seq);
            undecided.remove(seq);
            last = Math.max(last, seq);
        }

        Set<String> outcomes(long seq) {
            if (isForgotten(seq)) {
                return Set.of("forgotten");
            }
            String told = stored.contains(seq)
                    ? "stored"
                    : voided.contains(seq) ? "void" : undecided.getOrDefault(seq, "unseen");
            Set<String> all = new TreeSet<>(Set.of(told));
            if (before.contains(seq)) {
                all.add(stored.contains(seq) ? "forgotten" : "unseen");
            }
            if (seq <= unknownTo) {
                all.add("forgotten");
            }
            return all;
        }
    }

    private final Map<String, Expected> expected = new TreeMap<>();
    private final Map<ConnectionId, Integer> connections = new TreeMap<>();
    private final List<Reply.Got> held = new ArrayList<>();
    /** Comes back from its store. */
    private OneNode node;
    /** Goes through, and commits when it likes. */
    private OneNode through;

    private Random r;
    private int step;
    private final TreeSet<Long> ackedBodies = new TreeSet<>();
    /** Scheduled messages by their ids, as far as they have not come to their queue. */
    private final TreeMap<String, Long> later = new TreeMap<>();
    /** Those that never come. */
    private final TreeSet<Long> off = new TreeSet<>();

    /** Who certainly has a place while a run is looked at. */
    private final TreeSet<String> awake = new TreeSet<>();

    private long evicted;
    private String where;
    private long purged;
    private long acked;
    private long total;

    @ParameterizedTest
    @MethodSource("seeds")
    void theMachineSaysWhatTheModelSays(long seed) {
        r = new Random(seed);
        node = new OneNode(new MemoryStore(), LIMITS);
        through = new OneNode(new MemoryStore(), LIMITS);
        for (OneNode n : List.of(node, through)) {
            n.raise(VoidPublish.LEVEL);
            n.declare("q", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
            n.declare("dead");
            n.declare("full", Map.of("x-max-length", 3L, "x-overflow", "reject-publish"));
            n.bind("amq.fanout", "q");
            n.bind("amq.fanout", "dead");
        }
        PRODUCERS.forEach(p -> expected.put(p, new Expected()));
        apply(new Administer("root", "", new SetUser("guest", new UserSpec(HASH, List.of()))));
        apply(new Administer("root", "", new SetPermission("/", "guest", new Permission(".*", ".*", ".*"))));
        open(2);
        for (step = 1; step <= STEPS; step++) {
            where = "seed " + seed + " step " + step;
            next();
            forgetSome();
            check();
            restart();
        }
        settle();
        long there = acked
                + purged
                + node.machine.scheduled(null, Integer.MAX_VALUE).items().size();
        for (BrokerView.QueueInfo q : node.machine.queues()) {
            there += q.ready() + q.unacked();
        }
        assertEquals(total, there, where);
    }

    private void restart() {
        if (r.nextInt(6) == 0) {
            node.restart();
        } else if (r.nextInt(4) == 0) {
            node.commit();
        }
        if (r.nextInt(20) == 0) {
            through.commit();
        }
        Views.assertSame(Views.of(through.machine), Views.of(node.machine), where);
        if (step % 10 == 0) {
            assertEquals(through.apply(new Probe(true)), node.apply(new Probe(true)), where);
            someHaveCome();
        }
    }

    private Reply apply(Command c) {
        Reply there = through.apply(c);
        Reply here = node.apply(c);
        assertEquals(through.refused, node.refused, where);
        assertEquals(there.getClass(), here.getClass(), where);
        return here;
    }

    private void settle() {
        int entries = 0;
        do {
            assertTrue(entries++ < MOST_SETTLING, where + ": there is no end of work");
            apply(new Probe(false));
            for (OneNode n : List.of(node, through)) {
                if (n.machine.waitsForCommit()) {
                    n.commit();
                }
            }
        } while (node.machine.owes());
    }

    private void pass(long millis) {
        node.passed += millis;
        through.passed += millis;
        settle();
    }

    private boolean isAwake(String p) {
        return node.machine.receipts().producers("/", "", PRODUCERS.size()).stream()
                .anyMatch(view -> view.id().equals(p));
    }

    /** Whoever is forgotten now, or was in between. */
    private void forgetSome() {
        long now = through.machine.receipts().forgotten();
        expected.forEach((p, e) -> {
            if (now > evicted || !isAwake(p)) {
                e.mayBeForgotten();
            }
        });
        evicted = now;
        someHaveCome();
    }

    private void someHaveCome() {
        later.keySet()
                .retainAll(node.machine.scheduled(null, Integer.MAX_VALUE).items().stream()
                        .map(BrokerView.ScheduledView::id)
                        .toList());
    }

    private void next() {
        switch (r.nextInt(15)) {
            case 12 -> pass(r.nextInt(30));
            case 13 -> pass(r.nextInt(4) == 0 ? 250 : 20);
            case 14 -> callOff();
            case 0 -> makeVoid();
            case 1 -> fence();
            case 2 -> open(connections.size() + 2 + step);
            case 3 -> transaction();
            case 4, 5 -> consume();
            case 6 -> give();
            case 7 -> closeOrPurge();
            default -> publish();
        }
    }

    private String producer() {
        return PRODUCERS.get(r.nextInt(PRODUCERS.size()));
    }

    private long seq(Expected e) {
        long last = Math.max(0, e.last);
        return switch (r.nextInt(12)) {
            case 0 -> last + r.nextInt(3 * WINDOW);
            case 1 -> Math.max(0, last - r.nextInt(2 * WINDOW));
            case 2 -> Math.max(0, last - WINDOW + r.nextInt(3) - 1);
            case 3, 4, 5 -> Math.max(0, last - r.nextInt(8));
            default -> last + 1 + r.nextInt(2);
        };
    }

    private void open(long number) {
        ConnectionId id = new ConnectionId("n1", number);
        if (!connections.containsKey(id)) {
            assertEquals(Reply.OK, apply(new OpenConnection(id, OneNode.info())));
            connections.put(id, step);
        }
    }

    private ConnectionId some() {
        List<ConnectionId> all = new ArrayList<>(connections.keySet());
        return all.get(r.nextInt(all.size()));
    }

    private void close() {
        if (connections.size() > 1) {
            ConnectionId id = some();
            connections.remove(id);
            apply(new CloseConnection(id, List.of()));
        }
    }

    private void closeOrPurge() {
        if (r.nextInt(3) > 0) {
            close();
            return;
        }
        String queue = List.of("q", "dead", "full").get(r.nextInt(3));
        purged += ((Reply.Removed) apply(new PurgeQueue(node.connection, "/", queue))).messages();
    }

    /** It has no place, and nobody gives up his. */
    private boolean hasNoRoom(String p, String refused) {
        if (refused != null && refused.contains("limit producers")) {
            assertFalse(isAwake(p), where + refused);
            return true;
        }
        return false;
    }

    private void makeVoid() {
        String p = producer();
        Expected e = expected.get(p);
        long seq = seq(e);
        final boolean may = !e.isForgotten(seq) && !e.stored.contains(seq);
        final boolean asleep = !isAwake(p);
        Reply reply = apply(new VoidPublish("/", p, seq, "", ""));
        String why = reply instanceof Reply.Rejected no ? no.text() : null;
        if (asleep && hasNoRoom(p, why)) {
            return;
        }
        if (why != null && why.contains("is too old")) {
            assertTrue(e.isForgotten(seq) || seq <= e.unknownTo, where + why);
            return;
        }
        assertEquals(may, why == null, where + why);
        if (may) {
            e.decide(seq, e.voided);
        }
    }

    private void fence() {
        String p = producer();
        if (r.nextInt(4) == 0) {
            Expected e = expected.get(p);
            Reply reply = apply(new FenceProducer("/", p, "", ""));
            if (reply instanceof Reply.Rejected no) {
                assertTrue(hasNoRoom(p, no.text()), where + no);
                return;
            }
            assertEquals(new Reply.Fenced(++e.epoch), reply, where);
            e.fencedAt = step;
        }
    }

    private void callOff() {
        if (!later.isEmpty()) {
            String id = later.firstKey();
            long body = later.remove(id);
            if (apply(new CallOff("/", id, 0, 0)) == Reply.OK) {
                never(body);
            }
        }
    }

    private void never(long body) {
        off.add(body);
        total--;
    }

    /** By which a message is known again. */
    private static long body(String producer, long seq) {
        return PRODUCERS.indexOf(producer) + 1 + PRODUCERS.size() * seq;
    }

    /** @param later null: it is published at once */
    private record Message(Terms terms, Extension.Later later) {
        byte[] extension() {
            return new Extension(List.of(), 0, -1, false, later, terms).encode();
        }
    }

    private static Publish run(ConnectionId by, Route route, List<Message> some) {
        ByteWriter w = new ByteWriter(256);
        for (Message m : some) {
            byte[] more = m.extension();
            Terms t = m.terms;
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 8);
            w.raw(more, 0, more.length).uint16(0).int64(t.hasName() ? body(t.producer(), t.seq()) : 0);
        }
        ByteWriter o = new ByteWriter(16).varint(1).varint(by.number()).varint(1);
        o.varint(1).varint(some.size()).varint(0);
        Origins origins = new Origins(new ByteReader(o.toBytes()), by.node());
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, origins);
    }

    /** Some say of which epoch they are: mostly his last one, or the one before. */
    private Terms stated(String p, long seq) {
        long epoch = expected.get(p).epoch;
        return Terms.named(p, seq).of(r.nextInt(3) > 0 ? -1 : Math.max(0, epoch + 1 - r.nextInt(3)));
    }

    private boolean isFenced(ConnectionId by, Terms t) {
        Expected e = expected.get(t.producer());
        return t.epoch() >= 0 ? t.epoch() < e.epoch : e.fencedAt > connections.get(by);
    }

    private Message message(String p, long seq, String queue) {
        if (r.nextInt(8) == 0) {
            return new Message(Terms.NONE, null);
        }
        String id = r.nextBoolean() ? "" : "s" + r.nextInt(3);
        boolean waits = queue.equals("q") && r.nextInt(6) == 0;
        return new Message(stated(p, seq), waits ? new Extension.Later(5 + r.nextInt(60), 0, id) : null);
    }

    private void publish() {
        ConnectionId by = some();
        String queue = List.of("q", "q", "q", FAN, "full", "none").get(r.nextInt(6));
        List<Message> some = new ArrayList<>();
        String p = producer();
        long seq = seq(expected.get(p));
        for (int n = 1 + r.nextInt(6); n > 0; n--) {
            some.add(message(p, seq, queue));
            seq += r.nextInt(10) == 0 ? r.nextInt(5) : 1;
            p = r.nextInt(6) == 0 ? producer() : p;
        }
        awake.clear();
        PRODUCERS.stream().filter(this::isAwake).forEach(awake::add);
        long room = 3 - node.queue("full").ready();
        node.forget();
        through.forget();
        apply(run(by, queue.equals(FAN) ? new Route("/", FAN, "") : new Route("/", "", queue), some));
        for (int i = 0; i < some.size(); i++) {
            room = expect(by, queue, some.get(i), node.refused.get(i), room);
        }
        node.forget();
        through.forget();
    }

    /** Whether it is refused for a reason that only the machine knows: it had no place, or it was forgotten with more gaps than are kept. */
    private boolean isRefused(String p, long seq, String refused) {
        Expected e = expected.get(p);
        if (refused == null) {
            awake.add(p);
            return false;
        }
        if (refused.contains("limit producers")) {
            boolean mayHaveGone = through.machine.receipts().forgotten() > evicted; // for another one of the run
            assertTrue(mayHaveGone || !awake.contains(p), where + refused);
            return true;
        }
        if (refused.contains("was forgotten meanwhile")) {
            assertTrue(seq <= e.unknownTo, where + refused);
            return true;
        }
        return false;
    }

    /** What has become of one. Returns what room is left in the queue that refuses. */
    private long expect(ConnectionId by, String queue, Message m, String refused, long room) {
        boolean isFull = queue.equals("full") && room <= 0;
        boolean comes = !queue.equals("none") && !isFull;
        int queues = queue.equals(FAN) ? 2 : 1;
        Terms t = m.terms;
        if (!t.hasName()) {
            assertEquals(isFull, refused != null, where);
            total += comes ? queues : 0;
            return comes ? room - 1 : room;
        }
        Expected e = expected.get(t.producer());
        long seq = t.seq();
        if (isFenced(by, t)) {
            assertTrue(refused.contains("took the place"), where + refused);
        } else if (e.isForgotten(seq)) {
            assertTrue(refused.contains("too old"), where + refused);
        } else if (isRefused(t.producer(), seq, refused)) {
            return room;
        } else if (e.voided.contains(seq)) {
            assertTrue(refused.contains("made void"), where + refused);
        } else if (e.stored.contains(seq)) {
            assertEquals(null, refused, where + " a duplicate is confirmed");
            e.again.merge(seq, 1L, Long::sum);
        } else if (comes) {
            assertEquals(null, refused, where);
            e.decide(seq, e.stored);
            total += queues;
            waits(m);
            return room - 1;
        } else if (seq <= Math.max(0, e.last) + WINDOW) {
            e.undecided.put(seq, isFull ? "refused" : "unroutable");
        }
        return room;
    }

    /** It takes the place of the one with its id. */
    private void waits(Message m) {
        if (m.later != null && !m.later.id().isEmpty()) {
            Long before = later.put(m.later.id(), body(m.terms.producer(), m.terms.seq()));
            if (before != null) {
                never(before);
            }
        }
    }

    private void transaction() {
        ConnectionId by = some();
        String p = producer();
        Expected e = expected.get(p);
        long first = seq(e);
        List<Terms> terms = List.of(stated(p, first), stated(p, first + 1));
        List<Message> some = terms.stream().map(t -> new Message(t, null)).toList();
        awake.clear();
        if (isAwake(p)) {
            awake.add(p);
        }
        Reply reply = apply(new CommitTx(by, 9 + step, List.of(), run(by, new Route("/", "", "q"), some)));
        boolean may = terms.stream().noneMatch(t -> isFenced(by, t));
        int before = 0;
        int others = 0;
        boolean isSure = true;
        for (Terms t : terms) {
            may &= !e.isForgotten(t.seq()) && !e.voided.contains(t.seq());
            boolean reachedNothing = "unroutable".equals(e.undecided.get(t.seq()));
            before += e.stored.contains(t.seq()) ? 1 : 0;
            others += e.stored.contains(t.seq()) || reachedNothing ? 0 : 1;
            isSure &= !reachedNothing || !e.before.contains(t.seq());
        }
        if (may && reply instanceof Reply.Rejected no && isRefused(p, first, no.text())) {
            return;
        }
        may &= before == 0 || others == 0;
        if (isSure || !may) {
            assertEquals(may, reply == Reply.OK, where + reply);
        }
        for (Terms t : reply == Reply.OK ? terms : List.<Terms>of()) {
            if (e.stored.contains(t.seq())) {
                e.again.merge(t.seq(), 1L, Long::sum);
            } else {
                e.decide(t.seq(), e.stored);
                total++;
            }
        }
    }

    private void consume() {
        String queue = List.of("q", "dead", "full").get(r.nextInt(3));
        if (apply(new Get(node.connection, 1, "/", queue, false)) instanceof Reply.Got got) {
            held.add(got);
        }
    }

    private void give() {
        if (held.isEmpty()) {
            return;
        }
        Reply.Got got = held.remove(r.nextInt(held.size()));
        long seq = got.delivery().firstSeq();
        boolean fromQ = got.delivery().chunk().queue() == node.machine.queueNumber("/", "q");
        Settle.Outcome how = fromQ && r.nextBoolean() ? Settle.Outcome.DISCARD : Settle.Outcome.ACK;
        if (how == Settle.Outcome.ACK) {
            acked++;
            ackedBodies.add(GroupsTest.ids(got.delivery(), node.memory)[0]);
        }
        apply(new Settle(got.holder(), how, new long[] {seq, seq}));
    }

    private void check() {
        for (String p : PRODUCERS) {
            Expected e = expected.get(p);
            for (int n = 0; n < 3; n++) {
                long seq = seq(e);
                Receipt told = node.machine.receipts().receipt("/", p, seq);
                assertEquals(through.machine.receipts().receipt("/", p, seq), told, where);
                assertTrue(e.outcomes(seq).contains(told.outcome()), where + e.outcomes(seq) + told);
                long again = e.isForgotten(seq) ? 0 : e.again.getOrDefault(seq, 0L);
                assertTrue(again == told.duplicates() || again > told.duplicates() && e.before.contains(seq), where);
            }
            e.stored.stream().filter(seq -> !e.isForgotten(seq)).forEach(seq -> checkPlace(p, seq));
            if (e.last >= 0) {
                assertEquals(e.last, node.machine.receipts().producer("/", p).last(), where);
            }
        }
    }

    /** What was acked is told apart from what left in other ways. */
    private void checkPlace(String p, long seq) {
        Receipt told = node.machine.receipts().receipt("/", p, seq);
        if (told.outcome().equals("forgotten")) {
            return; // whether it may be is checked elsewhere
        }
        List<String> states =
                told.places().stream().map(Receipt.Place::state).distinct().toList();
        String what = where + " " + p + " " + seq + " " + told.places();
        assertEquals(ackedBodies.contains(body(p, seq)), states.contains("acked"), what);
        boolean isOff = states.contains("called_off") || states.contains("replaced");
        assertEquals(off.contains(body(p, seq)), isOff, what);
    }
}
