package io.tallymq.raft.log.link;

import io.tallymq.raft.log.config.LinkTuning;

/**
 * The nodes' own link: batches from a follower to the leader, small refusals back, checkpoints, reachability. Each node
 * keeps one connection to each other node. Any thread.
 */
public interface PeerLink {
    /**
     * Sends a batch to {@code node}; batches of one caller arrive in their order, or not at all when the connection
     * breaks. Fire and forget. {@code bytes} must not be modified afterwards.
     *
     * @return {@code false}: not sent, because the link is down (wait for {@link ForwardHandler#onLinkUp}) or
     *     {@link LinkTuning#maxPendingBytes()} are pending (wait for {@link ForwardHandler#onWritable})
     */
    boolean forward(String node, byte[] bytes, int off, int len);

    /** Tells {@code node} that a batch of its was not taken. Lost without a trace if the connection broke. */
    void refuse(String node, byte[] note);

    /** Whether this node's connection to {@code node} is up and was heard from lately. */
    boolean reachable(String node);

    /** The commit index that {@code node} told last, which is never ahead of what its own log has flushed; -1 for unknown. */
    default long committed(String node) {
        return -1;
    }

    /** Up to where all nodes are known to have flushed the log, as leaders told; -1 for unknown. */
    default long everywhere() {
        return -1;
    }

    /** Asks all nodes how far they are: each answer is an {@link ForwardHandler#onAnswer}. Never blocks. */
    default void askAll() {}

    /** Whether the process of {@code node} has ended: its connections are closed, and both of its ports refuse new ones. */
    boolean ended(String node);
}
