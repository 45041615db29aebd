package io.tallymq.admin.messages;

import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.timer.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks for receipts, and waits until they are final where a request wants that: the parameter {@code wait}. */
@SuppressWarnings("FutureReturnValueIgnored") // What these futures do never fails.
final class ReceiptWait {
    /** Requests that wait at the same time. */
    private static final int MOST_WAITING = 64;
    /** Milliseconds between two looks for who waits. */
    private static final long PAUSE = 50;

    private static final long MOST_WAIT = 20_000;
    private static final Pattern TIME = Pattern.compile("([0-9]{1,5})(s|ms)");

    private final Freshness freshness;
    private final Timers timers;
    private final ScheduledExecutorService timer;
    private final Executor readers;
    private final AtomicInteger waiting = new AtomicInteger();

    ReceiptWait(Freshness freshness, Timers timers, ScheduledExecutorService timer, Executor readers) {
        this.freshness = freshness;
        this.timers = timers;
        this.timer = timer;
        this.readers = readers;
    }

    /** What is told knows of all that was confirmed before it was asked for; {@code look} runs on the readers. */
    <R> CompletionStage<R> ask(ApiRequest request, Supplier<R> look, Predicate<R> isFinal) {
        long wait = request.target().parameter("wait").map(ReceiptWait::millis).orElse(0L);
        return freshness
                .ask()
                .get()
                .thenApplyAsync(done -> look.get(), readers)
                .thenCompose(r -> until(r, look, isFinal, wait));
    }

    /** The same of what does not wait. */
    <R> CompletionStage<R> ask(Supplier<R> look) {
        return freshness.ask().get().thenApplyAsync(done -> look.get(), readers);
    }

    /** A time such as 5s or 500ms. */
    private static long millis(String text) {
        Matcher time = TIME.matcher(text);
        long millis =
                time.matches() ? Long.parseLong(time.group(1)) * (time.group(2).equals("s") ? 1_000 : 1) : -1;
        if (millis < 0 || millis > MOST_WAIT) {
            throw RequestFields.expected("wait", "a time up to 20s, such as 5s or 500ms");
        }
        return millis;
    }

    /** Looks again and again until it is final, or the time is over. */
    private <R> CompletionStage<R> until(R now, Supplier<R> look, Predicate<R> isFinal, long millis) {
        if (millis == 0 || isFinal.test(now)) {
            return CompletableFuture.completedFuture(now);
        }
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            throw RefusedException.of(
                    503, "overloaded", "others wait for receipts already: ask without wait, or try again");
        }
        var told = new CompletableFuture<R>();
        again(look, isFinal, System.nanoTime() + millis * 1_000_000, told);
        return told.whenComplete((r, error) -> waiting.decrementAndGet());
    }

    private <R> void again(Supplier<R> look, Predicate<R> isFinal, long until, CompletableFuture<R> told) {
        timers.after(timer, PAUSE, TimeUnit.MILLISECONDS, "looking for a receipt again", () -> {
            try {
                readers.execute(() -> lookNow(look, isFinal, until, told));
            } catch (RejectedExecutionException e) {
                told.completeExceptionally(e); // as every other request that finds no place
            }
        });
    }

    private <R> void lookNow(Supplier<R> look, Predicate<R> isFinal, long until, CompletableFuture<R> told) {
        try {
            R now = look.get();
            if (isFinal.test(now) || System.nanoTime() - until >= 0) {
                told.complete(now);
            } else {
                again(look, isFinal, until, told);
            }
        } catch (RuntimeException e) {
            told.completeExceptionally(e);
        }
    }
}
