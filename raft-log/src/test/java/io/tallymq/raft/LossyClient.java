package io.tallymq.raft;

import io.tallymq.broker.Session;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.raft.session.Client;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/**
 * A client of a {@link LossyCluster} with its connection's front end, which hands out no more than the prefetch and nothing without a
 * lease. It publishes or consumes, goes away and comes back, always to the same node.
 */
final class LossyClient {
    private static final int CHANNEL = 1;
    /** Of what the clients of a lost node are told. */
    private static final String LOST = "did not hear from its node";

    private static final int MOST_UNCONFIRMED = 300;

    /**
     * What it does.
     *
     * @param publishesTo exchange and routing key, null: it doesn't
     * @param queues where that ends up
     * @param consumes a queue, null: it doesn't
     * @param alone nobody else consumes from that queue
     * @param pause on average, milliseconds between two things it does
     */
    record Plan(
            Session.PublishTarget publishesTo,
            Set<String> queues,
            String consumes,
            boolean alone,
            int prefetch,
            int pause) {
        static Plan publisher(String exchange, String key, Set<String> queues, int pause) {
            return new Plan(new Session.PublishTarget("/", exchange, key, false), queues, null, false, 0, pause);
        }

        static Plan consumer(String queue, boolean alone, int prefetch, int pause) {
            return new Plan(null, Set.of(), queue, alone, prefetch, pause);
        }
    }

    /** A message that was handed to a connection's client. */
    static final class Hold {
        private final Connection connection;
        private final long holder;
        private final long queue;
        private final long seq;

        Hold(Connection connection, long holder, long queue, long seq) {
            this.connection = connection;
            this.holder = holder;
            this.queue = queue;
            this.seq = seq;
        }

        long seq() {
            return seq;
        }

        /** Whether the client still has it, and so may act on it. */
        boolean isHeld() {
            return connection.isAlive() && connection.handed.containsKey(this);
        }

        @Override
        public String toString() {
            return connection.name;
        }
    }

    /** Assigned and not handed out. */
    private record Assigned(Delivery delivery, int at) {}

    private final LossyCluster cluster;
    private final Ledger ledger;
    private final Random random;
    private final String name;
    private final String node;
    private final Plan plan;
    private int connections;
    private Connection connection;
    /** Where it is connected or about to be; null: it waits for a process. */
    private BrokerProcess goingTo;

    private boolean calm;
    private boolean resting;

    LossyClient(LossyCluster cluster, String name, String node, Plan plan) {
        this.cluster = cluster;
        this.ledger = cluster.ledger();
        this.random = new Random(cluster.random().nextLong());
        this.name = name;
        this.node = node;
        this.plan = plan;
    }

    void start() {
        connection = null;
        BrokerProcess at = cluster.process(node);
        if (at == null || !at.process().runs()) {
            cluster.time().after((5 + random.nextInt(250)) * VirtualTime.MILLI, name, this::start);
            return;
        }
        goingTo = at;
        at.process().soon(VirtualTime.MILLI, name, () -> {
            connection = new Connection(at, name + "#" + ++connections);
            connection.open();
        });
    }

    static Command openCommand(Session session, String name) {
        ConnectionInfo.Endpoint end = new ConnectionInfo.Endpoint("localhost", 1);
        ConnectionInfo.Negotiated all = new ConnectionInfo.Negotiated(2047, 131_072, 60, "PLAIN", 0);
        return new OpenConnection(session.id(), new ConnectionInfo(name, "/", "guest", end, end, all, Arguments.NONE));
    }

    private void again() {
        connection = null;
        goingTo = null;
        cluster.time().after((5 + random.nextInt(800)) * VirtualTime.MILLI, name, this::start);
    }

    /** Its node's process has died. */
    void died(BrokerProcess process) {
        if (goingTo == process) {
            again();
        }
    }

    /** From now on it only finishes. */
    void calm() {
        calm = true;
    }

    /** From now on it does nothing. */
    void rest() {
        resting = true;
    }

    /** What it consumes and holds, for who looks for the reason. */
    @Override
    public String toString() {
        Connection c = connection;
        return c == null || plan.consumes() == null
                ? name
                : c.name + " of " + node + " consumes " + plan.consumes() + " as " + c.consumer + ", holds "
                        + c.handed.size() + " of " + plan.prefetch() + ", " + c.assigned.size() + " assigned, may "
                        + c.session.mayDeliver();
    }

    /** What it still waits for; null: nothing. */
    String waitsFor() {
        if (connection == null || !connection.opened) {
            return name + " is not connected" + (connection == null ? "" : ", its connection was not opened")
                    + (goingTo == null ? "" : ", on its way to " + node);
        }
        return connection.unconfirmed.isEmpty()
                ? null
                : name + " has no confirm for " + connection.unconfirmed.firstKey();
    }

    /** One connection, on the process that it was made to. */
    private final class Connection implements SessionListener {
        final BrokerProcess at;
        final String name;
        final Executor loop;
        final Session session;
        boolean opened;
        boolean closed;
        boolean blocked;
        long nextSeq = 1;
        long consumer;
        long lastFresh = -1;
        final TreeMap<Long, Long> unconfirmed = new TreeMap<>();
        final ArrayDeque<Assigned> assigned = new ArrayDeque<>();
        final Map<Hold, Boolean> handed = new LinkedHashMap<>();
        final List<Hold> acked = new ArrayList<>();

        Connection(BrokerProcess at, String name) {
            this.at = at;
            this.name = name;
            this.loop = at.process().scheduler(name);
            this.session = at.broker().connect("/", listener(), loop);
        }

        /** What it finds wrong ends the run: a session goes on without what its listener throws. */
        private SessionListener listener() {
            return (SessionListener) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {SessionListener.class}, (proxy, method, args) -> {
                        try {
                            return method.invoke(this, args);
                        } catch (InvocationTargetException e) {
                            if (e.getCause() instanceof Error fault) {
                                cluster.fault(fault);
                            }
                            throw e.getCause();
                        }
                    });
        }

        boolean isAlive() {
            return !closed && at.process().isAlive() && session.mayDeliver();
        }

        private void later(int millis, Runnable task) {
            at.process().after(millis * VirtualTime.MILLI, name, () -> {
                if (!closed) {
                    task.run();
                }
            });
        }

        void open() {
            session.submit(openCommand(session, name), reply -> {
                opened = true;
                if (plan.consumes() != null) {
                    subscribe();
                }
                later(1 + random.nextInt(2 * plan.pause()), this::act);
            });
        }

        private void subscribe() {
            ConsumerSpec spec = new ConsumerSpec(
                    "tag", false, false, plan.prefetch(), random.nextInt(3) * plan.prefetch(), Arguments.NONE);
            session.submit(new Subscribe(session.id(), CHANNEL, "/", plan.consumes(), spec), reply -> {
                if (reply instanceof Reply.Subscribed s) {
                    consumer = s.consumer();
                } else if (!calm) {
                    later(500, this::subscribe);
                }
            });
        }

        private void act() {
            if (resting) {
                return;
            }
            if (plan.publishesTo() != null && !calm) {
                publish();
            }
            if (plan.consumes() != null && consumer == 0 && !calm) {
                later(plan.pause(), this::act);
                return;
            }
            if (!calm && random.nextInt(150) == 0) {
                leave();
                return;
            }
            if (random.nextInt(20) == 0 && !acked.isEmpty()) {
                List<Hold> before = List.copyOf(acked);
                acked.clear();
                session.submit(new Probe(false), reply -> before.forEach(h -> ledger.over(h.queue, h.seq)));
            }
            later(1 + random.nextInt(2 * plan.pause()), this::act);
        }

        private void publish() {
            if (blocked || !session.isWritable(true)) {
                return;
            }
            for (int n = 1 + random.nextInt(8); n > 0 && unconfirmed.size() < MOST_UNCONFIRMED; n--) {
                long message = ledger.publish(name, plan.queues());
                int size = random.nextInt(60) == 0 ? random.nextInt(60_000) : random.nextInt(80);
                unconfirmed.put(nextSeq, message);
                session.publish(
                        CHANNEL, nextSeq++, plan.publishesTo(), Client.content(message + ";" + "x".repeat(size)));
            }
        }

        /** The client closes its connection. */
        private void leave() {
            List<Sent> sent = new ArrayList<>();
            handed.keySet().forEach(h -> sent.add(new Sent(h.holder, new long[] {h.seq, h.seq})));
            closed = true;
            session.close(sent);
            again();
        }

        // ---- consuming

        @Override
        public void deliver(int channel, String tag, Delivery delivery) {
            for (int i = delivery.from(); i < delivery.to(); i++) {
                assigned.add(new Assigned(delivery, i));
            }
        }

        private void hand() {
            while (!closed && handed.size() < plan.prefetch() && !assigned.isEmpty() && session.mayDeliver()) {
                Assigned next = assigned.poll();
                Delivery d = next.delivery();
                ChunkBody body = at.broker().load(d.chunk()).join();
                if (body == null) {
                    Ledger.check(
                            !ledger.isJudged(plan.consumes()) || !session.mayDeliver(),
                            "%s was assigned what is not in the store any more",
                            name);
                    continue;
                }
                Hold hold =
                        new Hold(this, d.holder(), d.chunk().queue(), d.chunk().firstSeq() + next.at());
                if (plan.alone() && !d.redelivered()) {
                    Ledger.check(hold.seq > lastFresh, "%s got %s after %s", name, hold.seq, lastFresh);
                    lastFresh = hold.seq;
                }
                ledger.handed(hold, hold.queue, plan.consumes(), message(body, next.at()), d.redelivered());
                cluster.time().note(hold.seq);
                handed.put(hold, true);
                later(random.nextInt(calm ? 20 : 10 * plan.pause()), () -> settle(hold));
            }
        }

        private long message(ChunkBody body, int i) {
            byte[] b = body.bytes();
            int from = MessageRecord.bodyOffset(b, body.at(i));
            int to = from;
            while (b[to] != ';') {
                to++;
            }
            return Long.parseLong(new String(b, from, to - from, StandardCharsets.UTF_8));
        }

        private void settle(Hold hold) {
            if (handed.remove(hold) == null) {
                return;
            }
            long[] one = {hold.seq, hold.seq};
            if (!calm && random.nextInt(12) == 0) {
                session.submit(new Settle(hold.holder, Settle.Outcome.NACK_REQUEUE, one));
            } else {
                session.ack(hold.holder, hold.seq, hold.seq);
                ledger.acked(hold.queue, hold.seq);
                acked.add(hold);
            }
            hand();
        }

        // ---- what else it hears

        @Override
        public void confirmed(int channel, long seq) {
            Ledger.check(seq < nextSeq, "%s heard a confirm of %s and has published %s", name, seq, nextSeq - 1);
            Map<Long, Long> all = unconfirmed.headMap(seq, true);
            all.values().forEach(ledger::confirmed);
            all.clear();
        }

        @Override
        public void returned(int channel, long seq, ReturnedMessage message) {
            throw new Ledger.Fault(name + " got a message back that was not mandatory");
        }

        @Override
        public void returnedInParts(int channel, long seq, ReturnedParts message, Runnable written) {
            throw new Ledger.Fault(name + " got a message back that was not mandatory");
        }

        @Override
        public void refused(int channel, long seq, Reply.Rejected why) {
            ledger.refused(unconfirmed.get(seq));
        }

        @Override
        public void cancelled(int channel, String tag, long cancelled) {
            later(100, this::leave);
        }

        /** Nothing is held back here: what comes was sent, and is settled soon. */
        @Override
        public void giveBack(int channel, long asked) {}

        @Override
        public void closed(String reason) {
            closed = true;
            cluster.time().note(reason.hashCode());
            if (reason.contains(LOST)) {
                cluster.takenForLost(node);
            }
            again();
        }

        @Override
        public void blocked(String reason) {
            blocked = true;
        }

        @Override
        public void unblocked() {
            blocked = false;
        }

        @Override
        public void writable() {}

        @Override
        public void deliverable() {
            hand();
        }

        @Override
        public void leftBehind() {
            if (!handed.isEmpty() && random.nextBoolean()) {
                leave();
            }
        }

        @Override
        public void eventsEnd() {
            hand();
        }
    }
}
