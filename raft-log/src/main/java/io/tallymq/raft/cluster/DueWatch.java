package io.tallymq.raft.cluster;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.timer.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The leader's duty to let the log's time go on when something is due in the state ({@link BrokerMachine#nextDue}): messages expire, queues
 * go. It adds an empty command, whose stamp is the time; what is due by then the entry does. Nothing is due: nothing is done.
 */
public final class DueWatch {
    /** Milliseconds between two of these commands, at least. */
    static final long PAUSE = 10;

    private static final long NEVER = Long.MAX_VALUE;
    /**
     * Looked at again after this time, whatever is due later: clocks differ, and that the cluster lives is told by these commands, see {@link
     * io.tallymq.broker.life.Absence}. Milliseconds.
     */
    private static final long LONGEST = 4_000;

    private final ClusterView cluster;
    private final Timers timers;
    private final ScheduledExecutorService on;
    private final Function<Command, CompletableFuture<Reply>> submit;
    /** What is due when the timer that runs ends, in the log's time; {@link #NEVER}: none runs. */
    private volatile long waitsFor = NEVER;

    private ScheduledFuture<?> timer;

    /**
     * Watches nothing yet.
     *
     * @param on the thread on which it finds out that something is due
     * @param submit puts a command into the log
     */
    public DueWatch(
            ClusterView cluster,
            Timers timers,
            ScheduledExecutorService on,
            Function<Command, CompletableFuture<Reply>> submit) {
        this.cluster = cluster;
        this.timers = timers;
        this.on = on;
        this.submit = submit;
    }

    /**
     * An entry was applied. The applying thread.
     *
     * @param due when something is due
     * @param time of the log
     */
    public void applied(long due, long time) {
        long millis = Math.min(LONGEST, Math.max(PAUSE, due - time));
        if ((due < waitsFor || waitsFor <= time && endsLaterThan(millis)) && !on.isShutdown()) {
            wait(due, millis);
        }
    }

    /** The log's time is beyond what the timer waits for: a clock was set forward, and the timer knows nothing of what is due now. */
    private synchronized boolean endsLaterThan(long millis) {
        return timer != null && timer.getDelay(TimeUnit.MILLISECONDS) > millis;
    }

    private synchronized void wait(long due, long millis) {
        if (timer != null) {
            timer.cancel(false);
        }
        waitsFor = due;
        timer = timers.after(on, millis, TimeUnit.MILLISECONDS, "letting the log's time go on", this::tick);
    }

    private void tick() {
        synchronized (this) {
            timer = null;
            waitsFor = NEVER;
        }
        if (cluster.isLeader()) {
            CompletableFuture<Reply> unused = submit.apply(new Probe(false)); // once applied, it asks again
        }
    }
}
