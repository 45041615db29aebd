package io.tallymq.raft.log.ratis;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes something that may hang, and goes on after a while. Ratis 3.3.0's {@code SegmentedRaftLog.close} did: it waited, with the log's write lock in its
 * hands, for a thread that may be waiting for just that lock (see the {@code AwaitToRun} of this module). An interrupt may end what else it waits for. By then everything confirmed is
 * flushed: the process can end. Entries may still be applied: the state machine has to be stopped after this.
 */
public final class BoundedClose {
    private static final Logger LOG = LoggerFactory.getLogger(BoundedClose.class);

    /** So long it has after it was interrupted. */
    private static final Duration INTERRUPTED_MOST = Duration.ofSeconds(2);

    private static final int FRAMES = 8;

    private BoundedClose() {}

    /**
     * Closes it on a thread of its own and waits. An interrupt of who waits ends the wait.
     *
     * @param what it is, for the log
     * @param most what takes longer is interrupted, and has two seconds more
     * @return whether it was closed in time, also when it failed
     */
    public static boolean run(String what, Closeable closeable, Duration most) {
        return run(what, closeable, most, INTERRUPTED_MOST);
    }

    static boolean run(String what, Closeable closeable, Duration most, Duration interruptedMost) {
        Thread thread = new Thread(() -> close(what, closeable), "close-" + what);
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(most.toMillis());
            if (thread.isAlive()) {
                LOG.info("The {} still closes, and is interrupted: {}", what, where(thread));
                thread.interrupt();
                thread.join(interruptedMost.toMillis());
            }
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

    private static String where(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .limit(FRAMES)
                .map(StackTraceElement::toString)
                .collect(Collectors.joining(" < "));
    }

    private static void close(String what, Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("The {} did not close: {}", what, e.toString());
        }
    }
}
