package io.tallymq.login;

import io.tallymq.timer.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Whether this node knows what the cluster knew a moment ago: the log tells, once for all who ask meanwhile and a little later. Any thread. */
final class UpToDate {
    /** For so long an answer is waited for: some clients wait for connection.tune for 5 s, and are to hear before they give up. */
    static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(3);
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
    CompletableFuture<Boolean> now() {
        CompletableFuture<Boolean> next;
        synchronized (this) {
            if (asked != null && (!asked.isDone() || asked.join() && !isOld())) {
                return asked;
            }
            next = begin();
        }
        return ask(next);
    }

    /**
     * The same, and a yes only when the log was asked after this call: what was confirmed until now is not missed. One question is on its way at a
     * time. A no is good for a while, so that a node without a leader does not ask for each who comes.
     */
    CompletableFuture<Boolean> fromNowOn() {
        return fromThenOn(System.nanoTime());
    }

    private CompletableFuture<Boolean> fromThenOn(long then) {
        CompletableFuture<Boolean> before;
        CompletableFuture<Boolean> next = null;
        synchronized (this) {
            before = asked;
            if (before != null && (since - then >= 0 || isNoOfLate())) {
                return before;
            }
            if (before == null || before.isDone()) {
                next = begin();
            }
        }
        return next != null
                ? ask(next)
                : before.thenCompose(is -> is ? fromThenOn(then) : CompletableFuture.completedFuture(false));
    }

    private boolean isNoOfLate() {
        return asked.isDone() && !asked.join() && !isOld();
    }

    private boolean isOld() {
        return System.nanoTime() - since > GOOD_NANOS;
    }

    private CompletableFuture<Boolean> begin() {
        since = System.nanoTime();
        asked = new CompletableFuture<>();
        return asked;
    }

    /** Not with the lock: whoever answers may hold locks of his own, and asks again. */
    private CompletableFuture<Boolean> ask(CompletableFuture<Boolean> answer) {
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
