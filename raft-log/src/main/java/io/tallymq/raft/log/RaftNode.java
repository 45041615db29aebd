package io.tallymq.raft.log;

import io.tallymq.raft.log.ReplicatedState.Position;
import java.util.concurrent.CompletableFuture;

/** One node of the replicated log. */
public final class RaftNode implements AutoCloseable {
    public RaftNode(RaftNodeConfig config, ReplicatedState state, ForwardHandler forwards, FatalHandler fatal) {
        throw new UnsupportedOperationException("lands next");
    }

    /** Starts, returns when the ports listen; a leader may not be known yet. */
    public void start() throws RaftStartException {
        throw new UnsupportedOperationException("lands next");
    }

    /**
     * Appends an entry; call it on the leader, from one thread (which keeps the order). The array must not be modified
     * any more. Blocks while the log's queue is full.
     *
     * @return completes on the apply thread when the entry is applied here, after {@link ReplicatedState#apply} and
     *     maybe before {@link ReplicatedState#flush}; exceptionally with {@link NotAcceptedException} when it
     *     never will be, with another exception when its fate is unknown
     */
    public CompletableFuture<Position> submit(byte[] bytes, int off, int len) {
        throw new UnsupportedOperationException("lands next");
    }

    /** This node leads and takes entries. Any thread, cheap. */
    public boolean isLeader() {
        throw new UnsupportedOperationException("lands next");
    }

    /** {@code null} when no leader is known. */
    public String leaderId() {
        throw new UnsupportedOperationException("lands next");
    }

    public long term() {
        throw new UnsupportedOperationException("lands next");
    }

    public long commitIndex() {
        throw new UnsupportedOperationException("lands next");
    }

    public long appliedIndex() {
        throw new UnsupportedOperationException("lands next");
    }

    public Position durable() {
        throw new UnsupportedOperationException("lands next");
    }

    /** A leader is known and this node has applied an entry of its term: what was confirmed before is here. */
    public boolean readyToServe() {
        throw new UnsupportedOperationException("lands next");
    }

    public RaftStatus status() {
        throw new UnsupportedOperationException("lands next");
    }

    public PeerLink link() {
        throw new UnsupportedOperationException("lands next");
    }

    /** Makes the state durable and stops. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("lands next");
    }
}
