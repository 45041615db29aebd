package io.tallymq.admin.cluster;

import io.tallymq.broker.Broker;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Replicated writes that change nothing: they succeed when a majority has flushed them and this node has applied them, the
 * very path of a publisher confirm. At most {@code most} are in flight; who comes then shares the youngest. Without a majority
 * none of them ends, so whoever asks meanwhile adds nothing to the log. Any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What these futures do never fails.
public final class ProbePath {
    /**
     * What became of a probe.
     *
     * @param index of the log entry, when it passed
     * @param digest of the state right after it, 0 unless it was asked for
     * @param reason why it failed; null when it passed
     */
    public record Outcome(long index, long digest, double milliseconds, String reason) {
        static Outcome failed(String reason) {
            return new Outcome(-1, 0, 0, reason);
        }

        boolean passed() {
            return reason == null;
        }
    }

    private static final class Flight {
        final long began = System.nanoTime();
        final List<CompletableFuture<Outcome>> waiting = new ArrayList<>();
    }

    private final Broker broker;
    private final Command probe;
    private final int most;
    private final Duration timeout;
    private final Timers timers;
    private final ScheduledExecutorService timer;
    private final Deque<Flight> flights = new ArrayDeque<>();

    /** @param timer also completes the answers, so that nothing of ours runs on the broker's applying thread */
    public ProbePath(
            Broker broker, Probe probe, int most, Duration timeout, Timers timers, ScheduledExecutorService timer) {
        this.broker = broker;
        this.probe = probe;
        this.most = most;
        this.timeout = timeout;
        this.timers = timers;
        this.timer = timer;
    }

    /** Completes within the timeout, never exceptionally. */
    public CompletableFuture<Outcome> ask() {
        var answer = new CompletableFuture<Outcome>();
        Flight flight;
        boolean launch;
        synchronized (this) {
            launch = flights.size() < most;
            if (launch) {
                flights.addLast(new Flight());
            }
            flight = flights.getLast();
            flight.waiting.add(answer);
        }
        ScheduledFuture<?> alarm = timers.after(
                timer, timeout.toNanos(), TimeUnit.NANOSECONDS, "giving a probe up", () -> giveUp(flight, answer));
        answer.whenComplete((outcome, never) -> alarm.cancel(false));
        if (launch) {
            submit().whenCompleteAsync((reply, error) -> landed(flight, outcome(flight, reply, error)), timer);
        }
        return answer;
    }

    private CompletableFuture<Reply> submit() {
        try {
            return broker.submit(probe);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void giveUp(Flight flight, CompletableFuture<Outcome> answer) {
        synchronized (this) {
            flight.waiting.removeIf(waiting -> waiting == answer);
        }
        answer.complete(
                Outcome.failed(
                        "the replicated write was not confirmed within " + timeout.toMillis()
                                + " ms: no majority of the nodes answers, or they are overloaded. /api/cluster tells which nodes are reachable"));
    }

    private void landed(Flight flight, Outcome outcome) {
        List<CompletableFuture<Outcome>> answers;
        synchronized (this) {
            flights.remove(flight);
            answers = new ArrayList<>(flight.waiting);
            flight.waiting.clear();
        }
        answers.forEach(answer -> answer.complete(outcome));
    }

    private static Outcome outcome(Flight flight, Reply reply, Throwable error) {
        double milliseconds = Math.round((System.nanoTime() - flight.began) / 1e3) / 1e3;
        if (reply instanceof Reply.Probed probed) {
            return new Outcome(probed.index(), probed.digest(), milliseconds, null);
        } else if (reply instanceof Reply.Rejected rejected) {
            return Outcome.failed("the replicated write was refused: " + rejected.text());
        } else if (error != null) {
            return Outcome.failed("the node did not take the replicated write: " + error.getMessage());
        }
        return Outcome.failed("the broker answered the replicated write with " + reply + ": report this as a bug");
    }
}
