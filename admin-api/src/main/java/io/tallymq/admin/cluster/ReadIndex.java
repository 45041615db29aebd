package io.tallymq.admin.cluster;

import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.Broker;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Waits until this node has applied all that was confirmed, on whatever node, before it was asked: a replicated write that changes nothing, and
 * that was not yet on its way then, is applied here. One is in flight at a time; who comes meanwhile shares the next one, never this one. Without
 * a majority nobody adds anything to the log. Any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What these futures do never fails.
public final class ReadIndex {
    private final Broker broker;
    private final Duration timeout;
    private final Timers timers;
    private final ScheduledExecutorService timer;
    private boolean inFlight;
    private List<CompletableFuture<Void>> next = new ArrayList<>();

    /** @param timer also completes the answers, so that nothing of ours runs on the broker's applying thread */
    public ReadIndex(Broker broker, Duration timeout, Timers timers, ScheduledExecutorService timer) {
        this.broker = broker;
        this.timeout = timeout;
        this.timers = timers;
        this.timer = timer;
    }

    /** Completes within the timeout; exceptionally with what is answered then, 503. */
    public CompletableFuture<Void> ask() {
        var answer = new CompletableFuture<Void>();
        ScheduledFuture<?> alarm = timers.after(
                timer, timeout.toNanos(), TimeUnit.NANOSECONDS, "giving a consistent read up", () -> giveUp(answer));
        answer.whenComplete((done, error) -> alarm.cancel(false));
        synchronized (this) {
            next.add(answer);
        }
        launch();
        return answer;
    }

    private void launch() {
        List<CompletableFuture<Void>> waiting;
        synchronized (this) {
            if (inFlight || next.isEmpty()) {
                return;
            }
            inFlight = true;
            waiting = next;
            next = new ArrayList<>();
        }
        submit().whenCompleteAsync((reply, error) -> landed(waiting, reply, error), timer);
    }

    private CompletableFuture<Reply> submit() {
        try {
            return broker.submit(new Probe(false));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void landed(List<CompletableFuture<Void>> waiting, Reply reply, Throwable error) {
        synchronized (this) {
            inFlight = false;
        }
        for (CompletableFuture<Void> answer : waiting) {
            if (reply instanceof Reply.Probed) {
                answer.complete(null);
            } else {
                answer.completeExceptionally(unavailable(
                        "the replicated write was not taken: " + (error == null ? reply : error.getMessage())));
            }
        }
        launch();
    }

    private void giveUp(CompletableFuture<Void> answer) {
        synchronized (this) {
            next.removeIf(waiting -> waiting == answer);
        }
        answer.completeExceptionally(unavailable("nothing was confirmed within " + timeout.toMillis()
                + " ms: no majority of the nodes answers, or they are overloaded. Without consistency=linearizable this"
                + " node tells what it has applied"));
    }

    private static RefusedException unavailable(String why) {
        return RefusedException.of(503, "unavailable", why);
    }
}
