package io.tallymq.tally.amqp;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Looks how long something is waited for, and ends the wait when it is too long: a write to a server that does not read ends in no other way. */
final class Patience implements AutoCloseable {
    private static final long LOOK_MILLIS = 200;

    private final CountDownLatch over = new CountDownLatch(1);
    private final LongSupplier waited;
    private final long most;
    private final Runnable end;
    private volatile boolean ended;

    /**
     * Begins to look.
     *
     * @param waited how long, in nanoseconds; 0 if nothing is waited for
     * @param seconds at most; 0 for ever
     * @param end from a thread of its own
     */
    Patience(LongSupplier waited, long seconds, Runnable end) {
        this.waited = waited;
        this.most = TimeUnit.SECONDS.toNanos(seconds);
        this.end = end;
        if (seconds > 0) {
            Thread thread = new Thread(this::look, "tally patience");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void look() {
        try {
            while (!over.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (waited.getAsLong() > most) {
                    ended = true;
                    end.run();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it took too long. */
    boolean hasEnded() {
        return ended;
    }

    @Override
    public void close() {
        over.countDown();
    }
}
