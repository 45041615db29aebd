package io.tallymq.raft;

import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.filter.FilterScan;
import io.tallymq.broker.filter.MessageFilter;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.session.RuntimeTuning;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/** The threads that read messages from the store. Several who want one chunk share a read. */
final class Readers implements AutoCloseable {
    private volatile MessageStore store;
    private final int queue;
    private final ThreadPoolExecutor threads;
    private final ConcurrentHashMap<Chunk, CompletableFuture<ChunkBody>> loading = new ConcurrentHashMap<>();

    Readers(String name, MessageStore store, RuntimeTuning.Reading tuning) {
        this.store = store;
        this.queue = tuning.queue();
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                tuning.threads(),
                tuning.threads(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(tuning.queue()),
                r -> daemon(r, name + "-read-" + number.incrementAndGet()));
    }

    static Thread daemon(Runnable r, String name) {
        Thread t = new Thread(r, name);
        t.setDaemon(true);
        return t;
    }

    /** Another store took the place of the one read from. */
    void readFrom(MessageStore other) {
        store = other;
    }

    CompletableFuture<ChunkBody> load(Chunk chunk) {
        ChunkBody body = chunk.body();
        if (body != null) {
            return CompletableFuture.completedFuture(body);
        }
        CompletableFuture<ChunkBody> mine = new CompletableFuture<>();
        CompletableFuture<ChunkBody> running = loading.putIfAbsent(chunk, mine);
        if (running != null) {
            return running;
        }
        run(mine, () -> store.load(chunk), () -> loading.remove(chunk));
        return mine;
    }

    /**
     * As {@link io.tallymq.broker.Broker#chunks}.
     *
     * @param applied finds what the store does not have yet
     */
    CompletableFuture<List<Chunk>> chunks(long queueNumber, long offset, int most, LongFunction<Chunk> applied) {
        CompletableFuture<List<Chunk>> result = new CompletableFuture<>();
        run(
                result,
                () -> {
                    List<Chunk> found = new ArrayList<>();
                    long at = offset;
                    for (int i = 0; i < most; i++) {
                        Chunk c = near(queueNumber, at, applied);
                        if (c == null) {
                            break;
                        }
                        found.add(c);
                        at = c.endSeq();
                    }
                    return found;
                },
                () -> {});
        return result;
    }

    /**
     * What the store has is found without the state's lock; what was applied last stands in the state alone. What the state no longer has the
     * store has by then, so the store is asked again.
     */
    private Chunk near(long queueNumber, long seq, LongFunction<Chunk> applied) {
        Chunk c = store.chunkNear(queueNumber, seq);
        if (c != null && c.firstSeq() <= seq) {
            return c;
        }
        Chunk inMemory = applied.apply(seq);
        return inMemory != null && inMemory.firstSeq() <= seq
                ? inMemory
                : Chunk.first(inMemory, store.chunkNear(queueNumber, seq));
    }

    /** As {@link io.tallymq.broker.Broker#offsetAt}; {@code applied} as for {@link #chunks}. */
    CompletableFuture<Long> offsetAt(long queueNumber, long time, LongFunction<Chunk> applied) {
        CompletableFuture<Long> result = new CompletableFuture<>();
        run(result, () -> search(seq -> near(queueNumber, seq, applied), time), () -> {});
        return result;
    }

    /** Halves what is left: messages stand in the order of their times. */
    private long search(LongFunction<Chunk> near, long time) {
        long low = 0;
        Chunk last = near.apply(0);
        long high = 1;
        while (last != null) {
            high = Math.max(high * 2, last.endSeq());
            last = near.apply(high);
        }
        while (low < high) {
            Chunk c = near.apply(low + (high - low) / 2);
            ChunkBody body = c == null ? null : store.load(c);
            if (c == null || c.firstSeq() >= high || body != null && body.publishedAt() >= time) {
                high = c == null || c.firstSeq() >= high ? low + (high - low) / 2 : Math.max(low, c.firstSeq());
            } else {
                low = Math.max(low + 1, c.endSeq());
            }
        }
        return low;
    }

    /** As {@link io.tallymq.broker.Broker#matching}. */
    CompletableFuture<FilterScan.Found> matching(
            long queueNumber, MessageFilter filter, FilterScan.State state, long[] where) {
        CompletableFuture<FilterScan.Found> result = new CompletableFuture<>();
        run(result, () -> new FilterScan(queueNumber, filter, state, store).look(where), () -> {});
        return result;
    }

    /** As {@link io.tallymq.broker.Broker#browse}. */
    CompletableFuture<Browse.Done> browse(Browse.Where where, Browse.Access state, Browse.Visitor visitor) {
        CompletableFuture<Browse.Done> result = new CompletableFuture<>();
        run(result, () -> new Browse(where, state, store, visitor).look(), () -> {});
        return result;
    }

    /** What waits for something else than the store, and not for long. */
    <T> CompletableFuture<T> look(Supplier<T> look) {
        CompletableFuture<T> result = new CompletableFuture<>();
        run(result, look, () -> {});
        return result;
    }

    CompletableFuture<byte[]> loadShared(long id, int part) {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        run(result, () -> store.loadShared(id, part), () -> {});
        return result;
    }

    private <T> void run(CompletableFuture<T> result, Supplier<T> read, Runnable last) {
        try {
            threads.execute(() -> {
                T value;
                try {
                    value = read.get();
                } catch (RuntimeException | Error e) { // who waits must hear of it, whatever it is
                    last.run();
                    result.completeExceptionally(e);
                    return;
                }
                last.run();
                result.complete(value);
            });
        } catch (RejectedExecutionException e) {
            last.run();
            result.completeExceptionally(
                    threads.isShutdown()
                            ? new IllegalStateException("The node is stopping.")
                            : new RejectedExecutionException(
                                    queue
                                            + " reads wait for the disk already: read less at a time, or raise the limit.",
                                    e));
        }
    }

    /** Reads that wait for a thread. */
    int waiting() {
        return threads.getQueue().size();
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
