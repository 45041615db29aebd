package io.tallymq.raft;

import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.log.state.ReplicatedState;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the log drives: entries go to the runtime, checkpoints are of the store and take its place. Threads as {@link ReplicatedState} says. */
final class RaftState implements ReplicatedState {
    private static final Logger LOG = LoggerFactory.getLogger(RaftState.class);

    /** How far a node is, as it tells the others. */
    record Positions(long applied, long durable) {}

    private final StoreProvider stores;
    private final Supplier<MessageStore> open;
    private final BrokerRuntime runtime;
    private final LogGateway gateway;
    private volatile MessageStore store;

    /** Held for writing while a checkpoint takes the store's place: it is closed then. */
    private final ReadWriteLock present = new ReentrantReadWriteLock();

    /** Guarded by {@link #present}: the old store is closed and the new one could not be opened. */
    private boolean absent;

    private volatile Position applied;
    private volatile Position told;
    /** As of the last flush. */
    private int level;

    /** As last asked; true for ever, for a store only moves on. */
    private volatile Position durable;

    /**
     * Of a store that is open.
     *
     * @param open opens what took the store's place
     * @param runtime what entries go to
     */
    RaftState(
            StoreProvider stores,
            Supplier<MessageStore> open,
            MessageStore store,
            BrokerRuntime runtime,
            LogGateway gateway) {
        this.stores = stores;
        this.open = open;
        this.store = store;
        this.runtime = runtime;
        this.gateway = gateway;
        level = runtime.level();
        applied = of(store.applied());
        told = applied;
        durable = of(stores.durable());
        gateway.applied(runtime.time());
    }

    /** Once, after the last entry. */
    void closeStore() {
        store.close();
    }

    Positions positions() {
        return new Positions(applied.index(), durable().index());
    }

    @Override
    public void apply(long term, long index, byte[] bytes, int off, int len) {
        runtime.apply(term, index, bytes, off, len);
        runtime.tracing().entryDone();
        applied(term, index);
    }

    @Override
    public void advance(long term, long index) {
        runtime.advance(term, index);
        applied(term, index);
    }

    /** The leader's clock hears of each entry: Ratis lets a leader take entries, and so stamp them, just before it applies the first one of its term. */
    private void applied(long term, long index) {
        gateway.applied(runtime.time());
        applied = new Position(term, index);
        if (!runtime.isAwaited()) {
            told = applied;
        }
    }

    @Override
    public void replicated(long nanos) {
        runtime.metrics().phases().of(Phase.REPLICATE).add(nanos);
        runtime.tracing().replicated(nanos);
    }

    @Override
    public void logFlushed(long index, long nanos) {
        runtime.metrics().phases().of(Phase.FLUSH).add(nanos);
        runtime.tracing().flushed(index, nanos);
    }

    @Override
    public void followerFlushed(String node, long index) {
        runtime.tracing().learnt(node, index);
    }

    @Override
    public void tell() {
        runtime.tell();
        toldAll();
    }

    @Override
    public void flush() {
        runtime.flush();
        toldAll();
    }

    private void toldAll() {
        told = applied;
        if (runtime.level() != level) {
            level = runtime.level();
            runtime.flush();
            LOG.info("The cluster is at level {} now, see GET /api/cluster", level);
            // From now on a program that does not know it is refused at its start, not when it comes to the entry.
            gateway.later("making the cluster's level durable", this::forceDurable);
        }
    }

    @Override
    public boolean isAwaited() {
        return runtime.isAwaited();
    }

    @Override
    public Position applied() {
        return applied;
    }

    @Override
    public Position told() {
        return told;
    }

    /** Asked from everywhere and all the time, also while the store is replaced. */
    @Override
    public Position durable() {
        if (present.readLock().tryLock()) {
            try {
                if (!absent) {
                    durable = of(stores.durable());
                }
            } finally {
                present.readLock().unlock();
            }
        }
        return durable;
    }

    @Override
    public void forceDurable() {
        present.readLock().lock();
        try {
            if (!absent) {
                stores.forceDurable();
            }
        } finally {
            present.readLock().unlock();
        }
    }

    @Override
    public Path checkpoint(Path parent) {
        present.readLock().lock();
        try {
            if (absent) {
                throw new IllegalStateException("this node has no store at the moment");
            }
            return stores.checkpoint(parent.resolve("store-" + System.nanoTime()));
        } finally {
            present.readLock().unlock();
        }
    }

    @Override
    public void verify(Path checkpointDir) {
        stores.verify(checkpointDir);
    }

    @Override
    public Position install(Path checkpointDir) {
        present.writeLock().lock();
        try {
            absent = true;
            runtime.restart(() -> {
                store.close();
                stores.install(checkpointDir);
                store = open.get();
                return store;
            });
            absent = false;
            durable = of(stores.durable());
            applied = of(store.applied());
            told = applied;
            gateway.applied(runtime.time());
            return applied;
        } finally {
            present.writeLock().unlock();
        }
    }

    @Override
    public void leaderChanged(String leaderNodeIdOrNull, long term) {
        runtime.tracing().leaderChanged();
        gateway.leaderChanged(leaderNodeIdOrNull);
    }

    @Override
    public void leaderReady() {
        gateway.leaderReady();
    }

    private static Position of(MessageStore.Applied a) {
        return a == null ? Position.NONE : new Position(a.term(), a.index());
    }
}
