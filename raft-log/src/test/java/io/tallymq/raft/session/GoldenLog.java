package io.tallymq.raft.session;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.raft.GoldenBatch;
import io.tallymq.raft.log.RaftNode;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.pace.PaceTuning;
import io.tallymq.raft.pace.Pacer;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A real log of one node with a real store, into which a test writes batches of whatever nodes it likes. Each entry is written to
 * the store before the next one is submitted, so that the same batches make the same store.
 */
public final class GoldenLog implements AutoCloseable {
    private static final long TIME = 1_700_000_000_000L;
    private static final long PATIENCE_SECONDS = 60;

    private final Map<String, Long> epochs = new LinkedHashMap<>();
    private final Map<String, Long> seqs = new LinkedHashMap<>();
    private final RocksStore store;
    private final RaftNode raft;
    private long time = TIME;
    private BrokerMachine machine;
    private volatile Path copyTo;
    private volatile String failure;

    public GoldenLog(RaftNodeConfig config, Path storeDir) throws RaftStartException {
        RocksStoreConfig plain = RocksStoreConfig.in(storeDir);
        store = RocksStore.open(
                new RocksStoreConfig(
                        storeDir,
                        plain.memtableBytes(),
                        plain.memtables(),
                        plain.memtablesToMerge(),
                        plain.blockCacheBytes(),
                        plain.bodyCacheBytes(),
                        plain.maxOpenFiles(),
                        plain.logBytes(),
                        plain.freeWanted(),
                        true),
                BrokerMachine.LEVELS,
                reason -> failure = reason);
        MessageStore copying = (MessageStore) Proxy.newProxyInstance(
                MessageStore.class.getClassLoader(), new Class<?>[] {MessageStore.class}, (p, method, args) -> {
                    Object result;
                    try {
                        result = method.invoke(store, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (method.getName().equals("commit") && copyTo != null) {
                        store.checkpoint(copyTo);
                        copyTo = null;
                    }
                    return result;
                });
        raft = new RaftNode(config, new State(copying), new NoOthers(), (reason, cause) -> failure = reason);
        raft.start();
        while (!raft.isLeader()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    /** A cluster of one node, on ports that are free now. */
    public static RaftNodeConfig config(Path raftDir, RaftTuning tuning) throws IOException {
        try (ServerSocket raft = new ServerSocket(0);
                ServerSocket link = new ServerSocket(0)) {
            RaftNodeConfig.Peer self =
                    new RaftNodeConfig.Peer("n1", "127.0.0.1", raft.getLocalPort(), link.getLocalPort());
            return new RaftNodeConfig(
                    "golden",
                    self.id(),
                    List.of(self),
                    new RaftNodeConfig.Bind(self.host(), self.raftPort(), self.linkPort()),
                    raftDir,
                    "",
                    tuning);
        }
    }

    /** So long nothing comes. */
    public void passes(long millis) {
        time += millis;
    }

    public long term() {
        return raft.term();
    }

    /** Begins the epoch of a node; its first batch has to register it. */
    public void begin(String node, long epoch) {
        epochs.put(node, epoch);
        seqs.put(node, 0L);
    }

    /** The bytes of a node's next batch. */
    public byte[] batch(String node, GoldenBatch batch) {
        return batch.end(epochs.get(node), seqs.merge(node, 1L, Long::sum) - 1, time += 1_000);
    }

    /** One entry of one batch. */
    public void entry(String node, GoldenBatch batch) throws Exception {
        append(batch(node, batch));
    }

    /** One entry; returns once it is in the store. Returns its index. */
    public long append(byte[] entry) throws Exception {
        long index = raft.submit(entry, 0, entry.length)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .index();
        while (store.applied() == null || store.applied().index() < index) {
            if (failure != null) {
                throw new AssertionError(failure);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        return index;
    }

    /** What the last {@link Probe} told; within its entry, before what each entry does besides. */
    public BrokerView.DigestAt probed() {
        List<BrokerView.DigestAt> all = machine.recentDigests();
        return all.get(all.size() - 1);
    }

    /** The first commit from now on is also copied to this directory, which does not exist. */
    public void copyAtNextCommit(Path directory) {
        copyTo = directory;
    }

    public RocksStore store() {
        return store;
    }

    @Override
    public void close() {
        raft.close();
        store.close();
    }

    /** Applies and writes each entry; clients are on none of the nodes. */
    private final class State implements ReplicatedState {
        private final Applier applier;
        private volatile Position applied = Position.NONE;

        State(MessageStore copying) {
            machine = new BrokerMachine(copying);
            applier = new Applier(
                    "n9",
                    new Replica(machine, Thread::onSpinWait),
                    new Outbox("n9", RuntimeTuning.DEFAULTS, System::nanoTime, () -> false),
                    new Epochs(() -> 1, () -> 1),
                    new Pacer(PaceTuning.NEVER, System::nanoTime, () -> 0),
                    new RuntimeMetrics(),
                    new Tracing("n9", 0, System::nanoTime, new RuntimeMetrics()),
                    Runnable::run);
        }

        @Override
        public void apply(long term, long index, byte[] bytes, int off, int len) {
            applier.apply(term, index, bytes, off, len);
            applier.flush();
            applied = new Position(term, index);
        }

        @Override
        public void advance(long term, long index) {
            applier.advance(term, index);
            applier.flush();
            applied = new Position(term, index);
        }

        @Override
        public void tell() {}

        @Override
        public void flush() {}

        @Override
        public boolean isAwaited() {
            return false;
        }

        @Override
        public Position applied() {
            return applied;
        }

        @Override
        public Position durable() {
            MessageStore.Applied durable = store.durable();
            return durable == null ? Position.NONE : new Position(durable.term(), durable.index());
        }

        @Override
        public void forceDurable() {
            store.forceDurable();
        }

        @Override
        public Path checkpoint(Path parent) {
            throw new UnsupportedOperationException("no other node asks");
        }

        @Override
        public Position install(Path checkpointDir) {
            throw new UnsupportedOperationException("no other node sends one");
        }

        @Override
        public void leaderChanged(String leader, long term) {}
    }

    /** Nobody is there to send anything. */
    private static final class NoOthers implements ForwardHandler {
        @Override
        public void onBatch(String fromNode, byte[] bytes) {}

        @Override
        public void onRefused(String byNode, byte[] note) {}

        @Override
        public void onLinkUp(String peer) {}

        @Override
        public void onLinkDown(String peer) {}

        @Override
        public boolean hasClients(String peer) {
            return false;
        }

        @Override
        public void onWritable(String peer) {}
    }
}
