package io.tallymq.raft;

import io.tallymq.broker.ClusterStatus;
import io.tallymq.raft.cluster.ClusterView;
import io.tallymq.raft.entry.BatchCodec;
import io.tallymq.raft.session.Replicator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A log that keeps what is sent; a test applies it, as often and to whom it likes. */
final class WrittenLog implements Replicator, ClusterView {
    private final List<byte[]> entries = new ArrayList<>();

    @Override
    public synchronized boolean send(byte[] bytes, boolean again) {
        byte[] entry = bytes.clone();
        BatchCodec.stamp(entry, 0, 1);
        entries.add(entry);
        notifyAll();
        return true;
    }

    /** Waits until so many entries were sent. */
    synchronized void awaitSize(int size) throws InterruptedException {
        while (entries.size() < size) {
            wait();
        }
    }

    /** Applies one entry, once it was sent, and flushes. */
    void apply(BrokerRuntime runtime, int index) throws InterruptedException {
        awaitSize(index + 1);
        byte[] entry;
        synchronized (this) {
            entry = entries.get(index);
        }
        runtime.apply(1, index, entry, 0, entry.length);
        runtime.flush();
    }

    @Override
    public void failed(String reason, Throwable cause) {
        throw new AssertionError(reason, cause);
    }

    @Override
    public boolean certain() {
        return true;
    }

    @Override
    public ClusterStatus status() {
        return new ClusterStatus("test", "n1", "n1", 1, true, 1, List.of());
    }

    @Override
    public long leadingTerm() {
        return NOT_LEADING;
    }

    @Override
    public boolean holdsLease() {
        return true;
    }

    @Override
    public Collection<String> others() {
        return List.of();
    }

    @Override
    public boolean reachable(String node) {
        return false;
    }

    @Override
    public boolean ended(String node) {
        return false;
    }
}
