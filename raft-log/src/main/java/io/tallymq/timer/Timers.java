package io.tallymq.timer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only way to a scheduler in this project. A scheduler silently ends a periodic task that throws once, and drops what a single one
 * threw; here a task that throws is logged, counted, and goes on at its next time. Of a task that fails again and again the first failure
 * is logged, and that it works again. Any thread; tasks run on the scheduler that they are given to.
 */
public final class Timers {
    private static final Logger LOG = LoggerFactory.getLogger(Timers.class);

    private final LongAdder failures = new LongAdder();
    /** Names of tasks whose last run failed. */
    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    /**
     * Runs a task again and again, the first time after one pause.
     *
     * @param what names the task in the log
     * @param pause between the end of one run and the beginning of the next
     */
    public ScheduledFuture<?> every(
            ScheduledExecutorService on, long pause, TimeUnit unit, String what, Runnable task) {
        return on.scheduleWithFixedDelay(() -> run(what, task), pause, pause, unit);
    }

    /**
     * Runs a task once.
     *
     * @param what names the task in the log
     */
    public ScheduledFuture<?> after(
            ScheduledExecutorService on, long delay, TimeUnit unit, String what, Runnable task) {
        return on.schedule(() -> run(what, task), delay, unit);
    }

    private void run(String what, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failures.increment();
            if (failing.add(what)) {
                LOG.error("A task failed and goes on; its next failures are only counted: {}", what, e);
            }
            return;
        }
        if (!failing.isEmpty() && failing.remove(what)) {
            LOG.info("A task that failed works again: {}", what);
        }
    }

    /** Runs that threw. */
    public long failures() {
        return failures.sum();
    }
}
