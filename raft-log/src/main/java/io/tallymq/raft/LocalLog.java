package io.tallymq.raft;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.cluster.ClusterView;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.session.Replicator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A log of one node without a disk: what is sent is applied by a thread of its own. */
final class LocalLog implements Replicator, ClusterView, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalLog.class);
    private static final long TERM = 1;
    /** Entries between two flushes, at most. */
    private static final int RUN = 64;

    private static final byte[] END = {};

    private final String node;
    private final LongSupplier clock;
    private final LinkedBlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    private BrokerRuntime runtime;
    private volatile long applied;
    private boolean held;
    private volatile boolean lease = true;

    LocalLog(String node, LongSupplier clock, MessageStore.Applied position) {
        this.node = node;
        this.clock = clock;
        this.applied = position == null ? -1 : position.index();
        this.thread = Readers.daemon(this::run, node + "-apply");
    }

    void start(BrokerRuntime target) {
        runtime = target;
        thread.start();
    }

    @Override
    public boolean send(byte[] bytes, boolean again) {
        byte[] entry = again ? bytes.clone() : bytes;
        BatchCodec.stamp(entry, 0, clock.getAsLong());
        return queue.add(entry);
    }

    synchronized void hold(boolean value) {
        held = value;
        notifyAll();
    }

    void lease(boolean value) {
        lease = value;
    }

    private synchronized void awaitRelease() throws InterruptedException {
        while (held) {
            wait();
        }
    }

    @Override
    public void failed(String reason, Throwable cause) {
        LOG.error("{}", reason, cause);
    }

    @Override
    public boolean certain() {
        return true;
    }

    private void run() {
        List<byte[]> entries = new ArrayList<>();
        try {
            while (true) {
                entries.clear();
                entries.add(queue.take());
                queue.drainTo(entries, RUN - 1);
                awaitRelease();
                for (byte[] e : entries) {
                    if (e == END) {
                        runtime.flush();
                        return;
                    }
                    runtime.apply(TERM, applied + 1, e, 0, e.length);
                    applied++;
                }
                runtime.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("Applying stopped: nothing is answered from now on", e);
            throw e;
        }
    }

    @Override
    public ClusterStatus status() {
        long at = applied;
        ClusterStatus.Member self = new ClusterStatus.Member(
                node, node, "localhost", "LEADER", true, TERM, at, at, at, 0, Rank.FIT.name(), runtime.levels());
        return new ClusterStatus("local", node, node, TERM, true, runtime.level(), List.of(self));
    }

    @Override
    public long leadingTerm() {
        return TERM;
    }

    @Override
    public boolean holdsLease() {
        return lease;
    }

    @Override
    public Collection<String> others() {
        return List.of();
    }

    @Override
    public boolean ended(String other) {
        return false;
    }

    @Override
    public boolean reachable(String other) {
        return false;
    }

    /** Applies what was sent and stops. */
    @Override
    public void close() {
        hold(false);
        queue.add(END);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
