package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.Commands;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.entry.Packer;
import io.tallymq.raft.pace.PaceTuning;
import io.tallymq.raft.pace.Pacer;
import io.tallymq.store.MemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** An entry whose publishes are written in slices, and a node that crashes after one of them: it goes on where it was. */
class InterruptedEntryTest {
    private static final int QUEUES = 1_000;
    private static final int MESSAGES = 150;
    private static final ConnectionId CONNECTION = new ConnectionId("n1", 1);
    private static final List<Route> ROUTES =
            List.of(new Route("/", "amq.fanout", ""), new Route("/", "amq.direct", "k"), new Route("/", "", "q5"));

    private long seq;

    /** One replica: a store that may fail right after one of its commits, and what applies to it. */
    private static final class Node {
        final MemoryStore store;
        final BrokerMachine machine;
        final Applier applier;
        int commits;
        int crashAfter = Integer.MAX_VALUE;

        Node(MemoryStore store) {
            this.store = store;
            MessageStore failing = (MessageStore) Proxy.newProxyInstance(
                    MessageStore.class.getClassLoader(), new Class<?>[] {MessageStore.class}, (p, method, args) -> {
                        Object result;
                        try {
                            result = method.invoke(store, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                        if (method.getName().equals("commit") && ++commits >= crashAfter) {
                            throw new IllegalStateException("crash");
                        }
                        return result;
                    });
            machine = new BrokerMachine(failing);
            Outbox outbox = new Outbox("n9", RuntimeTuning.DEFAULTS, System::nanoTime, () -> false);
            applier = new Applier(
                    "n9",
                    new Replica(machine, Thread::onSpinWait),
                    outbox,
                    new Epochs(() -> 1, () -> 1),
                    new Pacer(PaceTuning.NEVER, System::nanoTime, () -> 0),
                    new RuntimeMetrics(),
                    new Tracing("n9", 0, System::nanoTime, new RuntimeMetrics()),
                    Runnable::run);
        }

        void apply(long index, byte[] entry) {
            applier.apply(1, index, entry, 0, entry.length);
        }
    }

    private byte[] batch(Consumer<ByteWriter> commands) {
        ByteWriter w = new ByteWriter();
        BatchCodec.begin(w, Commands.utf8("n1"));
        commands.accept(w);
        int trailer = w.size();
        w.varint(0).varint(ROUTES.size());
        ROUTES.forEach(r -> w.string(r.vhost()).string(r.exchange()).string(r.routingKey()));
        w.varint(0).varint(0);
        BatchCodec.finish(w, 5, seq++, trailer);
        return w.toBytes();
    }

    private byte[] topology() {
        ConnectionInfo.Endpoint e = new ConnectionInfo.Endpoint("127.0.0.1", 1);
        ConnectionInfo.Negotiated n = new ConnectionInfo.Negotiated(10, 4096, 60, "PLAIN", 1);
        return batch(w -> {
            CommandCodec.write(w, "n1", new NodeUp("n1", 5));
            CommandCodec.write(
                    w,
                    "n1",
                    new OpenConnection(CONNECTION, new ConnectionInfo("c", "/", "guest", e, e, n, Arguments.NONE)));
            for (int i = 0; i < QUEUES; i++) {
                declare(w, "q" + i);
                bind(w, "amq.fanout", "q" + i, "");
                if (i > 0) {
                    bind(w, "amq.direct", "q" + i, "k");
                }
            }
        });
    }

    private static void declare(ByteWriter w, String queue) {
        QueueSpec spec = new QueueSpec(true, false, false, Arguments.NONE);
        CommandCodec.write(w, "n1", new DeclareQueue(CONNECTION, "/", queue, spec, false));
    }

    private static void bind(ByteWriter w, String exchange, String queue, String key) {
        BindingKey binding = new BindingKey(exchange, queue, key, Arguments.NONE);
        CommandCodec.write(w, "n1", new BindQueue(CONNECTION, "/", binding, true));
    }

    private static void publish(ByteWriter w, int first) {
        ByteWriter messages = new ByteWriter();
        for (int i = 0; i < MESSAGES; i++) {
            MessageRecord.writeHeader(messages, 0, i % ROUTES.size(), 2, 30);
            messages.uint16(0).int64(first + i).reserve(22);
        }
        CommandCodec.write(w, "n1", new Publish(ROUTES, messages.array(), 0, messages.size(), first, Origins.NONE));
    }

    private byte[] heavy() {
        return batch(w -> {
            publish(w, 0);
            CommandCodec.write(w, "n1", new PurgeQueue(CONNECTION, "/", "q7"));
            declare(w, "another");
            bind(w, "amq.fanout", "another", "");
            publish(w, MESSAGES);
        });
    }

    private void atEveryCommit(byte[] topology, byte[] entry, byte[] next) {
        Node straight = new Node(new MemoryStore());
        straight.apply(1, topology);
        straight.applier.flush();
        MemoryStore before = straight.store.copy();
        int commits = straight.commits;
        straight.apply(2, entry);
        int within = straight.commits - commits;
        straight.apply(3, next);
        straight.applier.flush();
        assertTrue(within > 4, within + " commits within the entry");
        for (int after = 1; after <= within; after++) {
            Node crashing = new Node(before.copy());
            crashing.crashAfter = after;
            assertThrows(IllegalStateException.class, () -> crashing.apply(2, entry));
            Node restarted = new Node(crashing.store.copy());
            boolean whole = restarted.store.applied().index() == 2;
            assertEquals(!whole, isWithinEntry(restarted.store), "a copy of such a store needs the log");
            if (restarted.store.applied().index() < 2) { // else the last commit was that of the whole entry
                assertEquals(1, restarted.machine.appliedIndex(), "the log gives the entry again");
                restarted.apply(2, entry);
            }
            restarted.apply(3, next);
            restarted.applier.flush();
            assertEquals(straight.machine.digest(), restarted.machine.digest(), "crash after commit " + after);
        }
    }

    private static boolean isWithinEntry(MessageStore store) {
        return BrokerMachine.isWithinEntry(store.get(Keys.of(Keys.MACHINE)));
    }

    /** A transaction of as many messages, and something after it. */
    private byte[] transaction() {
        return batch(w -> {
            ByteWriter messages = new ByteWriter();
            for (int i = 0; i < MESSAGES; i++) {
                MessageRecord.writeHeader(messages, 0, i % ROUTES.size(), 2, 30);
                messages.uint16(0).int64(i).reserve(22);
            }
            Publish p = new Publish(ROUTES, messages.array(), 0, messages.size(), 0, Origins.NONE);
            CommandCodec.write(w, "n1", new CommitTx(CONNECTION, 1, List.of(), p));
            declare(w, "another");
            publish(w, MESSAGES);
        });
    }

    @Test
    void aTransaction() {
        byte[] topology = topology();
        byte[] transaction = transaction();
        atEveryCommit(topology, transaction, transaction());
    }

    @Test
    void oneBatch() {
        byte[] topology = topology();
        byte[] heavy = heavy();
        atEveryCommit(topology, heavy, heavy());
    }

    @Test
    void packedAndJoinedWithOthers() {
        byte[] topology = topology();
        byte[] light = batch(w -> declare(w, "first"));
        byte[] plain = heavy();
        byte[] packed = new Packer(true).pack(heavy());
        assertTrue(BatchCodec.isPacked(packed, 0, packed.length));
        byte[] last = batch(w -> declare(w, "last"));
        atEveryCommit(topology, BatchCodec.join(List.of(light, plain, packed, last)), heavy());
    }
}
