package io.tallymq.raft.log.checkpoint;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Keeps a node from asking for the same store as fast as it is offered, which is all the time: after a copy that did not come, or was damaged, or for which there is no room, it waits,
 * twice as long after each one, unless another node leads by then. One thread at a time.
 */
final class FailedCopies {
    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Gets a copy and puts it in the place of the store. */
    @FunctionalInterface
    interface Fetch {
        void run() throws IOException;
    }

    /** Null for nobody. */
    private String from;

    private long pause;
    private long failedAt;

    /**
     * Fetches a copy when it is time to.
     *
     * @param leads whether that node still leads
     * @throws IOException it does not, or this node ends, or the copy could not be fetched
     */
    void fetch(String node, BooleanSupplier leads, Fetch fetch) throws IOException {
        await(node, leads);
        try {
            fetch.run();
            from = null;
        } catch (IOException | RuntimeException e) {
            failed(node);
            throw e;
        }
    }

    private void await(String node, BooleanSupplier leads) throws IOException {
        while (node.equals(from) && System.nanoTime() - failedAt < pause) {
            if (!leads.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                throw new IOException("node '" + node + "', of which no copy could be had, does not lead any more");
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    private void failed(String node) {
        pause = node.equals(from) ? Math.min(MOST_NANOS, 2 * pause) : FIRST_NANOS;
        from = node;
        failedAt = System.nanoTime();
    }
}
