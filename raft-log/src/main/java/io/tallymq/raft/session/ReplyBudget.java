package io.tallymq.raft.session;

/**
 * What the direct replies to one connection take until they are written. A client that reads more slowly than it is answered does not get
 * what is beyond: replies are delivered once at most. Any thread.
 */
final class ReplyBudget {
    /** Most bytes in memory of replies that were not written. */
    static final long MOST_BYTES = 4 << 20;
    /** The same while they are scarce on the node. */
    private static final long MOST_IF_SCARCE = 64 << 10;
    /** Most bytes in the store of the bodies of such replies, beside one. */
    static final long MOST_STORED = 256L << 20;

    /** What a reply takes in memory beside its properties and body. */
    private static final int OVERHEAD = 256;

    private final NodeReplies node;
    private long bytes;
    private long stored;
    private boolean ended;

    /** @param node what all connections of the node have together */
    ReplyBudget(NodeReplies node) {
        this.node = node;
    }

    /**
     * Takes room for one more; returns false when there is none.
     *
     * @param inMemory its bytes, without what each takes beside
     * @param inStore of its body, 0 when it is in memory
     */
    synchronized boolean take(int inMemory, long inStore) {
        boolean full = inStore > 0 && stored > 0 && stored + inStore > MOST_STORED;
        if (full || bytes + inMemory + OVERHEAD > most()) {
            return false;
        }
        changed(inMemory + OVERHEAD);
        stored += inStore;
        return true;
    }

    /** It is not kept any more. */
    synchronized void give(int inMemory, long inStore) {
        changed(-inMemory - OVERHEAD);
        stored -= inStore;
    }

    /** One at a time goes to who reads, however large, until there is no room at all. */
    private long most() {
        boolean bounded = bytes > 0 ? node.isScarce() : node.isFull();
        return bounded ? MOST_IF_SCARCE : MOST_BYTES;
    }

    private void changed(long by) {
        bytes += by;
        if (!ended) {
            node.changed(by);
        }
    }

    /** The connection has ended: what it keeps goes with it. */
    synchronized void end() {
        if (!ended) {
            ended = true;
            node.changed(-bytes);
        }
    }
}
