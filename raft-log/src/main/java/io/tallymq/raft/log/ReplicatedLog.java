package io.tallymq.raft.log;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.link.ForwardHandler;
import io.tallymq.raft.log.link.PeerLink;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** What a node's broker needs of the log that drives it: {@link RaftNode}. */
public interface ReplicatedLog extends AutoCloseable {
    /** Makes the log of one node; nothing runs before {@link #start}. */
    @FunctionalInterface
    interface Factory {
        ReplicatedLog create(RaftNodeConfig config, ReplicatedState state, ForwardHandler forwards, FatalHandler fatal);
    }

    /** See {@link RaftNode#countStart}. */
    void countStart() throws RaftStartException;

    /** See {@link RaftNode#starts}. */
    long starts();

    /** See {@link RaftNode#start}. */
    void start() throws RaftStartException;

    /** See {@link RaftNode#submit}. */
    CompletableFuture<Position> submit(byte[] bytes, int off, int len);

    /** This node leads and takes entries. Any thread, cheap. */
    boolean isLeader();

    /** See {@link RaftNode#holdsLease}. */
    boolean holdsLease();

    /** See {@link RaftNode#leaseGaps}. */
    default long leaseGaps() {
        return 0;
    }

    /** What this node is at the moment. Any thread, cheap. */
    RaftStatus.Role role();

    /** The last entry that is known to be committed, -1 for none. Any thread, cheap. */
    long commitIndex();

    /**
     * If this node leads: up to which committed entry all other nodes are known to have flushed the log; else -1. Sooner than by their commit
     * indexes: who has no clients hears late what was committed. Any thread, cheap.
     */
    default long everywhere() {
        return -1;
    }

    /** {@code null} when no leader is known. */
    String leaderId();

    /** The term this node is in; it only grows. */
    long term();

    /** See {@link RaftNode#readyToServe}. */
    boolean readyToServe();

    /** See {@link RaftNode#status}. */
    RaftStatus status();

    /** See {@link RaftNode#lead}. */
    boolean lead(String node);

    /** How often something that runs by the clock has failed. Any thread. */
    long failedTasks();

    /** What its ports refused and what it waits for. Any thread. */
    LogGauges gauges();

    /** To the other nodes. */
    PeerLink link();

    /** See {@link RaftNode#copiesDirectory}. */
    default Path copiesDirectory() {
        throw new UnsupportedOperationException("this log has no directory");
    }

    /** See {@link RaftNode#betweenEntries}. */
    default void betweenEntries(Runnable task) {
        throw new UnsupportedOperationException("this log does not wait");
    }

    /** See {@link RaftNode#isQuiet}. */
    boolean isQuiet();

    /** Hands leadership over if this node leads, makes the state durable and stops. */
    @Override
    void close();
}
