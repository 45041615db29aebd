package io.tallymq.admin.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Caller;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Sight;
import io.tallymq.admin.request.Target;
import io.tallymq.admin.request.Wanted;
import io.tallymq.timer.Timers;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who takes one of the places of those that wait, and who gives it back. */
class ReceiptWaitTest {
    private static final int PLACES = 64;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicBoolean full = new AtomicBoolean();
    private final Executor readers = task -> {
        if (full.get()) {
            throw new RejectedExecutionException();
        }
        task.run();
    };
    private final ReceiptWait waits = new ReceiptWait(
            new Freshness(() -> CompletableFuture.completedFuture(null), readers), new Timers(), timer, readers);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private CompletableFuture<Integer> ask(AtomicInteger value) {
        var request = new ApiRequest(
                Target.parse("/api/receipts/v/p/1?wait=20s"),
                Map.of(),
                null,
                new Caller(InetAddress.getLoopbackAddress(), "h", false, null),
                new Sight(false, null, Set.of()),
                null,
                Wanted.ALL,
                new byte[0]);
        return waits.ask(request, value::get, v -> v > 0).toCompletableFuture();
    }

    @Test
    void whoFindsNoThreadGivesItsPlaceBack() {
        AtomicInteger value = new AtomicInteger();
        for (int i = 0; i < 2 * PLACES; i++) {
            full.set(false);
            CompletableFuture<Integer> asked = ask(value);
            full.set(true);
            CompletionException e = assertThrows(CompletionException.class, asked::join);
            assertInstanceOf(RejectedExecutionException.class, e.getCause());
        }
        full.set(false);
        CompletableFuture<Integer> asked = ask(value);
        value.set(7);
        assertEquals(7, asked.join());
    }

    @Test
    void whatIsFinalTakesNoPlace() {
        for (int i = 0; i < PLACES; i++) {
            ask(new AtomicInteger());
        }
        assertEquals(7, ask(new AtomicInteger(7)).join());
        assertThrows(RefusedException.class, () -> join(ask(new AtomicInteger())));
    }

    /** As its owner would tell it. */
    private static void join(CompletableFuture<Integer> asked) throws Throwable {
        try {
            asked.join();
        } catch (CompletionException e) {
            throw e.getCause();
        }
    }
}
