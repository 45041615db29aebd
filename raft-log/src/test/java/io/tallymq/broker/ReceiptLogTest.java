package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseConnection;
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
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.Receipt;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random logs of producers who publish again, late, out of order and far ahead, are made void, lose their places and say so or not, and whose messages die and are
 * moved: what a simple model says of each name the machine says, too, also after restarts, and as many messages are there as were stored.
 */
class ReceiptLogTest {
    private static final MachineLimits LIMITS =
            new MachineLimits(2, 16, 3, 200, 64, 5, new WorkLimits(12, 5, 7, 7, 40), 4, 60, StateLimits.DEFAULTS);
    private static final int STEPS = 150;
    private static final int WINDOW = 4_096;
    private static final List<String> PRODUCERS = List.of("a", "b", "c");

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

        boolean isForgotten(long seq) {
            return last >= 0 && seq <= last - WINDOW;
        }

        void decide(long seq, TreeSet<Long> how) {
            how.add(seq);
            undecided.remove(seq);
            last = Math.max(last, seq);
        }

        String outcome(long seq) {
            return isForgotten(seq)
                    ? "forgotten"
                    : stored.contains(seq)
                            ? "stored"
                            : voided.contains(seq) ? "void" : undecided.getOrDefault(seq, "unseen");
        }
    }

    private final Map<String, Expected> expected = new TreeMap<>();
    private final Map<ConnectionId, Integer> connections = new TreeMap<>();
    private final List<Reply.Got> held = new ArrayList<>();
    private OneNode node;
    private Random r;
    private int step;
    private final TreeSet<Long> ackedBodies = new TreeSet<>();
    private long purged;
    private long acked;
    private long total;

    @ParameterizedTest
    @MethodSource("seeds")
    void theMachineSaysWhatTheModelSays(long seed) {
        r = new Random(seed);
        node = new OneNode(new MemoryStore(), LIMITS);
        node.raise(VoidPublish.LEVEL);
        node.declare("q", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"));
        node.declare("dead");
        node.declare("full", Map.of("x-max-length", 3L, "x-overflow", "reject-publish"));
        PRODUCERS.forEach(p -> expected.put(p, new Expected()));
        open(2);
        String where = "seed " + seed;
        for (step = 1; step <= STEPS; step++) {
            next();
            check(where + " step " + step);
            if (r.nextInt(10) == 0) {
                node.restart();
            }
        }
        settle();
        long there = acked + purged;
        for (BrokerView.QueueInfo q : node.machine.queues()) {
            there += q.ready() + q.unacked();
        }
        assertEquals(total, there, where);
    }

    private void settle() {
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private void next() {
        switch (r.nextInt(12)) {
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
            assertEquals(Reply.OK, node.apply(new OpenConnection(id, OneNode.info())));
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
            node.apply(new CloseConnection(id, List.of()));
        }
    }

    private void closeOrPurge() {
        if (r.nextInt(3) > 0) {
            close();
            return;
        }
        String queue = List.of("q", "dead", "full").get(r.nextInt(3));
        purged += ((Reply.Removed) node.apply(new PurgeQueue(node.connection, "/", queue))).messages();
    }

    private void makeVoid() {
        String p = producer();
        Expected e = expected.get(p);
        long seq = seq(e);
        final boolean may = !e.isForgotten(seq) && !e.stored.contains(seq);
        assertEquals(may, node.apply(new VoidPublish("/", p, seq, "", "")) == Reply.OK);
        if (may) {
            e.decide(seq, e.voided);
        }
    }

    private void fence() {
        String p = producer();
        if (r.nextInt(4) == 0) {
            Expected e = expected.get(p);
            assertEquals(new Reply.Fenced(++e.epoch), node.apply(new FenceProducer("/", p, "", "")));
            e.fencedAt = step;
        }
    }

    /** By which a message is known again. */
    private static long body(String producer, long seq) {
        return PRODUCERS.indexOf(producer) + 1 + PRODUCERS.size() * seq;
    }

    private static Publish run(ConnectionId by, String queue, List<Terms> terms) {
        ByteWriter w = new ByteWriter(256);
        for (Terms t : terms) {
            byte[] more = Extension.NONE.with(t).encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 8);
            w.raw(more, 0, more.length).uint16(0).int64(t.hasName() ? body(t.producer(), t.seq()) : 0);
        }
        ByteWriter o = new ByteWriter(16).varint(1).varint(by.number()).varint(1);
        o.varint(1).varint(terms.size()).varint(0);
        Origins origins = new Origins(new ByteReader(o.toBytes()), by.node());
        return new Publish(List.of(new Route("/", "", queue)), w.array(), 0, w.size(), 0, origins);
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

    private void publish() {
        ConnectionId by = some();
        String queue = List.of("q", "q", "q", "full", "none").get(r.nextInt(5));
        List<Terms> terms = new ArrayList<>();
        String p = producer();
        long seq = seq(expected.get(p));
        for (int n = 1 + r.nextInt(6); n > 0; n--) {
            terms.add(r.nextInt(8) == 0 ? Terms.NONE : stated(p, seq));
            seq += r.nextInt(10) == 0 ? r.nextInt(5) : 1;
            p = r.nextInt(6) == 0 ? producer() : p;
        }
        long room = 3 - node.queue("full").ready();
        node.forget();
        node.apply(run(by, queue, terms));
        for (int i = 0; i < terms.size(); i++) {
            room = expect(by, queue, terms.get(i), node.refused.get(i), room);
        }
    }

    /** What has become of one. Returns what room is left in the queue that refuses. */
    private long expect(ConnectionId by, String queue, Terms t, String refused, long room) {
        boolean isFull = queue.equals("full") && room <= 0;
        boolean comes = !queue.equals("none") && !isFull;
        if (!t.hasName()) {
            assertEquals(isFull, refused != null);
            total += comes ? 1 : 0;
            return comes ? room - 1 : room;
        }
        Expected e = expected.get(t.producer());
        long seq = t.seq();
        if (isFenced(by, t)) {
            assertTrue(refused.contains("took the place"), refused);
        } else if (e.isForgotten(seq)) {
            assertTrue(refused.contains("too old"), refused);
        } else if (e.voided.contains(seq)) {
            assertTrue(refused.contains("made void"), refused);
        } else if (e.stored.contains(seq)) {
            assertEquals(null, refused, "a duplicate is confirmed");
            e.again.merge(seq, 1L, Long::sum);
        } else if (comes) {
            assertEquals(null, refused);
            e.decide(seq, e.stored);
            total++;
            return room - 1;
        } else if (seq <= Math.max(0, e.last) + WINDOW) {
            e.undecided.put(seq, isFull ? "refused" : "unroutable");
        }
        return room;
    }

    private void transaction() {
        ConnectionId by = some();
        String p = producer();
        Expected e = expected.get(p);
        long first = seq(e);
        List<Terms> terms = List.of(stated(p, first), stated(p, first + 1));
        Reply reply = node.apply(new CommitTx(by, 9 + step, List.of(), run(by, "q", terms)));
        boolean may = terms.stream().noneMatch(t -> isFenced(by, t));
        int before = 0;
        int others = 0;
        for (Terms t : terms) {
            may &= !e.isForgotten(t.seq()) && !e.voided.contains(t.seq());
            boolean reachedNothing = "unroutable".equals(e.undecided.get(t.seq()));
            before += e.stored.contains(t.seq()) ? 1 : 0;
            others += e.stored.contains(t.seq()) || reachedNothing ? 0 : 1;
        }
        may &= before == 0 || others == 0;
        assertEquals(may, reply == Reply.OK, reply.toString());
        for (Terms t : may ? terms : List.<Terms>of()) {
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
        if (node.apply(new Get(node.connection, 1, "/", queue, false)) instanceof Reply.Got got) {
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
        node.apply(new Settle(got.holder(), how, new long[] {seq, seq}));
    }

    private void check(String where) {
        String p = producer();
        Expected e = expected.get(p);
        for (int n = 0; n < 5; n++) {
            long seq = seq(e);
            Receipt told = node.machine.receipts().receipt("/", p, seq);
            assertEquals(e.outcome(seq), told.outcome(), where + " " + p + " " + seq);
            long again = e.isForgotten(seq) ? 0 : e.again.getOrDefault(seq, 0L);
            assertEquals(again, told.duplicates(), where + " " + p + " " + seq);
        }
        e.stored.stream().filter(seq -> !e.isForgotten(seq)).forEach(seq -> checkPlace(p, seq, where));
        if (e.last >= 0) {
            assertEquals(e.last, node.machine.receipts().producer("/", p).last(), where);
        }
    }

    /** What was acked is told apart from what left in other ways. */
    private void checkPlace(String p, long seq, String where) {
        String told =
                node.machine.receipts().receipt("/", p, seq).places().get(0).state();
        assertEquals(
                ackedBodies.contains(body(p, seq)), told.equals("acked"), where + " " + p + " " + seq + " " + told);
    }
}
