package io.tallymq.timer;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task that runs again and again, often while it says that something is going on and seldom else: each wake-up costs an idle
 * machine 50 to 100 microseconds, whatever is done. What can not wait for the next time calls {@link #hurry}. A task that throws goes on at the
 * speed it had. The task runs on the scheduler's threads, of which there has to be one.
 */
public final class Rhythm {
    private static final Logger LOG = LoggerFactory.getLogger(Rhythm.class);

    private final Timers timers;
    private final ScheduledExecutorService on;
    private final Duration often;
    private final Duration seldom;
    private final String what;
    private final BooleanSupplier task;

    /** Guarded by this; null before the start. */
    private Future<?> current;
    /** Guarded by this. */
    private boolean quick = true;

    /**
     * Makes one that does not run yet.
     *
     * @param often pause while something is going on
     * @param seldom pause while nothing is
     * @param what names the task in the log
     * @param task returns whether something is going on
     */
    public Rhythm(
            Timers timers,
            ScheduledExecutorService on,
            Duration often,
            Duration seldom,
            String what,
            BooleanSupplier task) {
        this.timers = timers;
        this.on = on;
        this.often = often;
        this.seldom = seldom;
        this.what = what;
        this.task = task;
    }

    /** Runs it for the first time after the short pause. */
    public synchronized void start() {
        begin();
    }

    /** Runs it at once, once more than it would; nothing before the start and after the scheduler's end. Any thread. */
    public void hurry() {
        if (isStarted()) {
            try {
                var unused = timers.after(on, 0, TimeUnit.NANOSECONDS, what, this::run);
            } catch (RejectedExecutionException e) {
                LOG.debug("Has ended: {}", what, e);
            }
        }
    }

    private synchronized boolean isStarted() {
        return current != null;
    }

    private void begin() {
        Duration pause = quick ? often : seldom;
        current = timers.every(on, pause.toNanos(), TimeUnit.NANOSECONDS, what, this::run);
    }

    private void run() {
        boolean active = task.getAsBoolean();
        synchronized (this) {
            if (active != quick && !on.isShutdown()) {
                quick = active;
                current.cancel(false);
                begin();
            }
        }
    }
}
