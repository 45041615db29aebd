package io.tallymq.login;

import io.tallymq.timer.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Whether this node knows what the cluster knew a moment ago: the log tells, once for all who ask meanwhile and a little later. Any thread. */
final class UpToDate {
    /** For so long an answer is waited for. */
    static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** For so long it is good. */
    private static final long GOOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<CompletableFuture<Boolean>> log;
    private final Timers timers;
    private final ScheduledExecutorService later;
    // Both guarded by this.
    private CompletableFuture<Boolean> asked;
    private long since;

    /** @param log completes with true when this node has applied all that was confirmed before; with anything else when it can't be known */
    UpToDate(Supplier<CompletableFuture<Boolean>> log, Timers timers, ScheduledExecutorService later) {
        this.log = log;
        this.timers = timers;
        this.later = later;
    }

    /** Never completes exceptionally; with false after some time without an answer. */
    synchronized CompletableFuture<Boolean> now() {
        boolean isOld = asked == null || asked.isDone() && (!asked.join() || System.nanoTime() - since > GOOD_NANOS);
        if (isOld) {
            since = System.nanoTime();
            asked = ask();
        }
        return asked;
    }

    private CompletableFuture<Boolean> ask() {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        try {
            var unused = timers.after(
                    later, MOST_NANOS, TimeUnit.NANOSECONDS, "waiting for the log", () -> answer.complete(false));
            log.get().whenComplete((known, failure) -> answer.complete(failure == null && known));
        } catch (RejectedExecutionException e) {
            answer.complete(false); // the node ends
        }
        return answer;
    }
}
