package io.tallymq.raft.log.checkpoint;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Keeps a node from fetching the same damaged store as fast as it is offered, which is all the time: after a copy that was found bad it waits, twice as long after each one, unless
 * another node leads by then. One thread at a time.
 */
final class BadCopies {
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Null for nobody. */
    private String from;

    private long pause;
    private long foundAt;

    /**
     * Before a copy is fetched.
     *
     * @param leads whether that node still leads
     * @throws IOException it does not, or this node ends
     */
    void await(String node, BooleanSupplier leads) throws IOException {
        while (node.equals(from) && System.nanoTime() - foundAt < pause) {
            if (!leads.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                throw new IOException("node '" + node + "', whose last copy was bad, does not lead any more");
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    /** A copy of that node's store must not be installed. */
    void found(String node) {
        pause = node.equals(from) ? Math.min(MOST_NANOS, 2 * pause) : FIRST_NANOS;
        from = node;
        foundAt = System.nanoTime();
    }

    /** The last copy was good. */
    void none() {
        from = null;
    }
}
