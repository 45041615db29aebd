package io.tallymq.broker.logs;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Backlog;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.logs.ModelQueue.Msg;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;

/** The publishes of {@link LogRun}: where each message is to land, and that it does, in all its queues or in none. */
final class ModelPublishes {
    /** The level from which on a transaction is refused that settles what is not held. */
    private static final int ALL_HELD = 5;

    private final Entries log;
    private final Replica replica;
    private final ModelQueues queues;
    private final ModelTopology topology;
    private long messageId;

    /** The messages of the run in hand, by ordinal; which queues get which is checked when the machine says so. */
    private final List<Msg> arriving = new ArrayList<>();

    private final List<Set<String>> expected = new ArrayList<>();
    private final Map<Integer, Set<String>> landed = new TreeMap<>();
    private final Set<Integer> refusals = new TreeSet<>();

    ModelPublishes(Entries log, Replica replica, ModelQueues queues, ModelTopology topology) {
        this.log = log;
        this.replica = replica;
        this.queues = queues;
        this.topology = topology;
    }

    void publish(Op op, ConnectionId c) {
        String fanout = ModelTopology.fanout(op);
        List<Route> routes = List.of(
                new Route("/", "", LogRun.queueName(op.b())),
                new Route("/", fanout, "x"),
                new Route("/", "", "nowhere"),
                new Route("/", "missing", "x"));
        ByteWriter w = new ByteWriter();
        int n = 1 + op.c() % 7 * (op.d() % 3);
        for (int i = 0; i < n; i++) {
            int route = (op.d() + i) % 10 < 6 ? 0 : (op.d() + i) % 10 < 8 ? 1 : (op.d() + i) % 2 + 2;
            int size = (op.c() * 31 + i) % 5 == 0 ? 300 + op.c() : 8 + op.c() % 50;
            List<String> copies = (op.c() + i) % 6 == 0 ? List.of(LogRun.queueName(op.c()), "nowhere") : List.of();
            byte[] extension = new Extension(copies, 0, -1).encode();
            int priority = priority(op.c() + i, op.d() + i / 2);
            byte[] properties = properties(priority);
            MessageRecord.writeHeader(w, i % 2, route, extension.length, properties.length, size);
            w.raw(extension, 0, extension.length).raw(properties, 0, properties.length);
            w.int64(++messageId);
            w.reserve(size - 8);
            arriving.add(new Msg(messageId, size, priority));
            expected.add(topology.targets(routes.get(route), copies));
        }
        log.entry(c, new Publish(routes, w.array(), 0, w.size(), 0, Origins.NONE));
        checkLanded();
    }

    /** -1: it does not say. */
    private static int priority(int a, int b) {
        return a % 3 == 0 ? -1 : b % 4 == 0 ? b % 256 : b % 7;
    }

    private static byte[] properties(int priority) {
        ByteWriter w = new ByteWriter().uint16(priority < 0 ? 0 : 1 << 11);
        return (priority < 0 ? w : w.uint8(priority)).toBytes();
    }

    /** Told before the queue has them. */
    void publishing(int first, int end, Backlog queue) {
        ModelQueue q = queues.byNumber.get(queue.number());
        // What went for want of room in an earlier slice of the entry went before these came.
        q.overflowed(replica.machine.queue("/", q.name).orElseThrow().counters().overflowed());
        for (int i = first; i < end && i < arriving.size(); i++) {
            replica.check(expected.get(i).contains(q.name), "message " + i + " to " + q.name);
            q.arrive(arriving.get(i));
            landed.computeIfAbsent(i, n -> new TreeSet<>()).add(q.name);
        }
    }

    void refused(int ordinal, Reply.Rejected why) {
        if (why.reason() == Reply.Reason.LIMIT && !why.text().contains("limit uploads")) {
            refusals.add(ordinal);
        }
    }

    /** Each message is in all its queues, or in none, and then it was refused. */
    private void checkLanded() {
        for (int i = 0; i < arriving.size(); i++) {
            Set<String> in = landed.getOrDefault(i, Set.of());
            boolean refused = refusals.contains(i);
            replica.check(in.equals(refused ? Set.of() : expected.get(i)), "message " + i + " is in " + in);
            boolean mayBe = expected.get(i).stream()
                    .anyMatch(q -> queues.find(q).settings.refuses(replica.machine.level()));
            replica.check(!refused || mayBe, "refused without a limit: " + i);
        }
        forget();
    }

    /** Whether the body that came last found room. */
    private boolean uploadKept;

    private void forget() {
        arriving.clear();
        expected.clear();
        landed.clear();
        refusals.clear();
    }

    /** A body that goes ahead in two parts. Whether its message follows, {@link #uploaded} it is then. */
    boolean upload(Op op, ConnectionId c, long upload) {
        byte[] part = new ByteWriter().int64(++messageId).int64(0).toBytes();
        Reply first = log.entry(c, new BodyPart(c, upload, part, 0, part.length));
        Reply second = log.entry(c, new BodyPart(c, upload, part, 0, part.length));
        uploadKept = !isLimit(first) && !isLimit(second);
        return op.d() % 4 != 0; // else it is never ended: it goes with the connection
    }

    private static boolean isLimit(Reply r) {
        return r instanceof Reply.Rejected rejected && rejected.reason() == Reply.Reason.LIMIT;
    }

    void uploaded(Op op, ConnectionId c, long upload) {
        Route r = op.c() % 3 == 0
                ? new Route("/", ModelTopology.fanout(op), "")
                : new Route("/", "", LogRun.queueName(op.b()));
        ByteWriter w = new ByteWriter();
        int priority = priority(op.b(), op.c());
        byte[] properties = properties(priority);
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, properties.length, MessageRecord.EXTERNAL_LENGTH);
        w.raw(properties, 0, properties.length).int64(upload).int64(0).int64(32);
        Msg m = new Msg(messageId, 32, priority);
        Set<String> to = topology.targets(r, List.of());
        if (uploadKept
                && to.stream()
                        .map(queues::find)
                        .noneMatch(q -> q.isFull(0, 0, m.bodyLength(), replica.machine.level()))) {
            to.forEach(q -> queues.find(q).arrive(m));
        }
        log.entry(c, new Publish(List.of(r), w.array(), 0, w.size(), 0, Origins.NONE));
        checkLanded();
    }

    /**
     * Settles and publishes in one: all of it, or nothing.
     *
     * @param o what it settles, null for nothing; now and then together with what is not held
     * @param settles tells what becomes of that, before it does
     * @return whether it took effect; else the channel ends
     */
    boolean transaction(Op op, ConnectionId c, ModelHoldings.Outstanding o, ModelHoldings settles) {
        Publish p = transaction(op);
        Settle.Outcome how = op.d() % 2 == 0 ? Settle.Outcome.ACK : Settle.Outcome.NACK_REQUEUE;
        boolean stale = o != null && op.d() % 5 == 0 && !o.isHeldBehind();
        boolean room = hasRoom(how == Settle.Outcome.ACK ? null : o) && !(stale && replica.machine.level() >= ALL_HELD);
        if (o != null) { // what a refused one settles goes back as what its client was sent
            settles.settled(o, room ? how : Settle.Outcome.REJECT_REQUEUE);
        }
        List<Settle> all = o == null
                ? List.of()
                : List.of(new Settle(o.holder(), how, new long[] {o.first(), o.last() + (stale ? 1 : 0)}));
        Reply r = log.entry(c, new CommitTx(c, op.c() % 3, all, p));
        replica.check(r instanceof Reply.Ok == room, "a transaction is answered with " + r);
        if (room) {
            checkLanded();
        } else {
            replica.check(landed.isEmpty(), "a refused transaction is in " + landed);
            forget();
        }
        return room;
    }

    private Publish transaction(Op op) {
        String fanout = ModelTopology.fanout(op);
        List<Route> routes = List.of(new Route("/", "", LogRun.queueName(op.b())), new Route("/", fanout, "x"));
        ByteWriter w = new ByteWriter();
        for (int i = 0; i < op.c() % 6; i++) {
            int route = topology.isThere(fanout) ? (op.d() + i) % 2 : 0;
            int priority = priority(op.c() + i, op.b() + i);
            byte[] properties = properties(priority);
            MessageRecord.writeHeader(w, 0, route, properties.length, 20);
            w.raw(properties, 0, properties.length).int64(++messageId);
            w.reserve(12);
            arriving.add(new Msg(messageId, 20, priority));
            expected.add(topology.targets(routes.get(route), List.of()));
        }
        return new Publish(routes, w.array(), 0, w.size(), 0, Origins.NONE);
    }

    private boolean hasRoom(ModelHoldings.Outstanding back) {
        Map<String, Long> adds = new TreeMap<>();
        Map<String, Long> bytes = new TreeMap<>();
        if (back != null) {
            adds.put(back.queue().name, back.last() - back.first() + 1);
            bytes.put(
                    back.queue().name,
                    LongStream.rangeClosed(back.first(), back.last())
                            .map(s -> back.queue().live.get(s).bodyLength())
                            .sum());
        }
        for (Set<String> to : expected) {
            for (String name : to) {
                long messages = adds.getOrDefault(name, 0L);
                if (queues.find(name).isFull(messages, bytes.getOrDefault(name, 0L), 20, replica.machine.level())) {
                    return false;
                }
                adds.merge(name, 1L, Long::sum);
                bytes.merge(name, 20L, Long::sum);
            }
        }
        return true;
    }
}
