package io.tallymq.broker.chunk;

/** When the messages of a chunk that is being made expire: the first and the last of them. */
public final class Lifetimes {
    /** In place of a time to live in milliseconds: there is none. */
    public static final long NEVER = -1;

    private long earliest;
    private long latest;
    private boolean someNever;

    /** Of two times to live the one that is over first. */
    public static long shorter(long a, long b) {
        return a == NEVER ? b : b == NEVER ? a : Math.min(a, b);
    }

    /** Messages that live so long from {@code time} on. */
    void add(long time, long timeToLive) {
        if (timeToLive == NEVER) {
            someNever = true;
            return;
        }
        long end = Math.max(1, time + timeToLive);
        earliest = earliest == 0 ? end : Math.min(earliest, end);
        latest = Math.max(latest, end);
    }

    /** As {@link io.tallymq.broker.store.Chunk#earliest}. */
    public long earliest() {
        return earliest;
    }

    /** As {@link io.tallymq.broker.store.Chunk#latest}. */
    public long latest() {
        return someNever ? 0 : latest;
    }

    void clear() {
        earliest = 0;
        latest = 0;
        someNever = false;
    }
}
