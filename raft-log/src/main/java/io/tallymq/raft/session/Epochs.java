package io.tallymq.raft.session;

import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Numbers of this node's registrations, never the same twice. The upper half is the number of this start of the process, which
 * the node's directory counts durably, or more if the cluster knows a higher one of this node; the lower half is random. So
 * two starts from the same durable state, whatever their clocks say and even if the directory was lost in between, never take
 * each other's batches for their own. One thread.
 */
public final class Epochs {
    private static final int RANDOM_BITS = 32;

    private final LongSupplier starts;
    private final IntSupplier random;

    /**
     * Makes epochs of one start.
     *
     * @param starts how often this node was started, this time included; asked with every epoch, 0 where nothing counts
     * @param random any int, as likely as every other
     */
    public Epochs(LongSupplier starts, IntSupplier random) {
        this.starts = starts;
        this.random = random;
    }

    /** One higher than {@code known}, the highest epoch of this node that it knows of; 0 for none. */
    public long after(long known) {
        long start = Math.max(starts.getAsLong(), (known >>> RANDOM_BITS) + 1);
        return start << RANDOM_BITS | Integer.toUnsignedLong(random.getAsInt());
    }
}
