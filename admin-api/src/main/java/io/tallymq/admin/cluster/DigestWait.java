package io.tallymq.admin.cluster;

import io.tallymq.broker.Broker;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.BrokerView.DigestAt;
import io.tallymq.timer.Timers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Waits for the digest of a large state, which several entries of the log compute. Any thread. */
public final class DigestWait {
    private static final long PAUSE_MILLIS = 50;

    private final Broker broker;
    private final long mostLooks;
    private final Timers timers;
    private final ScheduledExecutorService timer;
    private final Executor readers;

    /** @param readers may wait for the broker's state */
    public DigestWait(
            Broker broker, Duration timeout, Timers timers, ScheduledExecutorService timer, Executor readers) {
        this.broker = broker;
        this.mostLooks = timeout.toMillis() / PAUSE_MILLIS;
        this.timers = timers;
        this.timer = timer;
        this.readers = readers;
    }

    /** What this replica computed for an entry; empty when it knows no digest of it. */
    Optional<DigestAt> now(String index) {
        return broker.read(BrokerView::recentDigests).stream()
                .filter(d -> Long.toString(d.index()).equals(index))
                .findFirst();
    }

    /** The same, as soon as it is there; empty when it does not come in time. */
    CompletableFuture<Optional<DigestAt>> of(long index) {
        CompletableFuture<Optional<DigestAt>> found = new CompletableFuture<>();
        look(Long.toString(index), 1, found);
        return found;
    }

    private void look(String index, int looks, CompletableFuture<Optional<DigestAt>> found) {
        CompletableFuture<Void> unused = CompletableFuture.supplyAsync(() -> now(index), readers)
                .thenAccept(digest -> {
                    if (digest.isPresent() || looks >= mostLooks) {
                        found.complete(digest);
                    } else {
                        var next = timers.after(
                                timer,
                                PAUSE_MILLIS,
                                TimeUnit.MILLISECONDS,
                                "looking for a digest",
                                () -> again(index, looks + 1, found));
                    }
                })
                .exceptionally(error -> {
                    found.completeExceptionally(error);
                    return null;
                });
    }

    /** There may be too many readers. */
    private void again(String index, int looks, CompletableFuture<Optional<DigestAt>> found) {
        try {
            look(index, looks, found);
        } catch (RuntimeException e) {
            found.completeExceptionally(e);
        }
    }
}
