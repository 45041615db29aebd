package io.tallymq.raft.log;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes something that may hang, and goes on after a while. Ratis 3.3.0's {@code SegmentedRaftLog.close} waits, with the log's write lock in its
 * hands, for a thread that may be waiting for just that lock to evict a segment from its cache. By then everything confirmed is
 * flushed: the process can end. Entries may still be applied, see {@link LogStateMachine#stop}.
 */
final class BoundedClose {
    private static final Logger LOG = LoggerFactory.getLogger(BoundedClose.class);

    private BoundedClose() {}

    /** Returns whether it was closed in time, also when it failed. An interrupt ends the wait. */
    static boolean run(String what, Closeable closeable, Duration most) {
        Thread thread = new Thread(() -> close(what, closeable), "close-" + what);
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(most.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn(
                    "The {} did not close within {} s: going on without it",
                    what,
                    TimeUnit.NANOSECONDS.toSeconds(most.toNanos()));
            return false;
        }
        return true;
    }

    private static void close(String what, Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("The {} did not close: {}", what, e.toString());
        }
    }
}
