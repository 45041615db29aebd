package io.tallymq.raft.copies;

import java.util.concurrent.TimeUnit;

/**
 * Whether a node takes nothing of its leader's log for long, although there is more: a copy of the store may be on its way, or its log does not fit, as
 * that of a node of an earlier restore. Raft refuses to mix the two, and would say nothing. One thread.
 */
public final class LeftBehind {
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private long at = -1;
    private long since;
    private boolean told;

    /**
     * True once for each time that it is so.
     *
     * @param own index that this node knows to be committed
     * @param leaders that its leader knows to be committed; -1 while there is none, or it is not known
     * @param nanos the monotonic clock
     */
    public boolean look(long own, long leaders, long nanos) {
        if (own != at || leaders <= own) {
            at = own;
            since = nanos;
            told = false;
            return false;
        }
        boolean tell = !told && nanos - since >= PATIENCE_NANOS;
        told |= tell;
        return tell;
    }
}
