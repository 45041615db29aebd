package io.tallymq.raft.session;

import java.util.concurrent.atomic.AtomicLong;

/** What the direct replies to all connections of a node take in memory until they are written, see {@link ReplyBudget}. Thread-safe. */
final class NodeReplies {
    /** Such a part of the heap is for them. */
    private static final int PART = 8;

    private final long most;
    private final AtomicLong bytes = new AtomicLong();

    /** @param most bytes from which on they are scarce; at twice as many they are full */
    NodeReplies(long most) {
        this.most = most;
    }

    static NodeReplies ofHeap() {
        return new NodeReplies(Runtime.getRuntime().maxMemory() / PART);
    }

    void changed(long by) {
        bytes.addAndGet(by);
    }

    /** Whoever has some that he does not read gets no more. */
    boolean isScarce() {
        return bytes.get() >= most;
    }

    /** Nobody gets large ones, who reads neither. */
    boolean isFull() {
        return bytes.get() >= 2 * most;
    }

    long bytes() {
        return bytes.get();
    }
}
