package io.tallymq.raft.session;

/**
 * What the direct replies to one connection take until they are written. A client that reads more slowly than it is answered does not get
 * what is beyond: replies are delivered once at most. Any thread.
 */
final class ReplyBudget {
    /** Most bytes in memory of replies that were not written. */
    static final long MOST_BYTES = 4 << 20;
    /** Most bytes in the store of the bodies of such replies, beside one. */
    static final long MOST_STORED = 256L << 20;

    /** What a reply takes in memory beside its properties and body. */
    private static final int OVERHEAD = 256;

    private long bytes;
    private long stored;

    /**
     * Takes room for one more; returns false when there is none.
     *
     * @param inMemory its bytes, without what each takes beside
     * @param inStore of its body, 0 when it is in memory
     */
    synchronized boolean take(int inMemory, long inStore) {
        boolean full = inStore > 0 && stored > 0 && stored + inStore > MOST_STORED;
        if (full || bytes + inMemory + OVERHEAD > MOST_BYTES) {
            return false;
        }
        bytes += inMemory + OVERHEAD;
        stored += inStore;
        return true;
    }

    /** It is not kept any more. */
    synchronized void give(int inMemory, long inStore) {
        bytes -= inMemory + OVERHEAD;
        stored -= inStore;
    }
}
