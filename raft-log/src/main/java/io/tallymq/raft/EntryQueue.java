package io.tallymq.raft;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The leader's way into the log: while an entry is on its way, the batches that arrive from all nodes wait and become the next
 * entry together. So clients on three nodes cost the entries of one. What waits is bounded by what each node may have in flight.
 * Any thread; batches of one caller keep their order.
 */
final class EntryQueue {
    /** What a batch takes at most if others are to travel with it. */
    static final int MAX_BYTES = 1 << 20;
    /** The same once they are unpacked: what one entry brings to apply. */
    static final int MAX_UNPACKED = 4 << 20;

    private record Waiting(byte[] batch, Runnable refused) {}

    private final Function<byte[], CompletableFuture<?>> log;
    private final Executor afterFailure;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private boolean inFlight;

    /**
     * Makes an empty queue.
     *
     * @param log appends an entry; the future completes when it is applied, or exceptionally
     * @param afterFailure where the next entry is submitted after one that failed: the failing thread may hold locks
     */
    EntryQueue(Function<byte[], CompletableFuture<?>> log, Executor afterFailure) {
        this.log = log;
        this.afterFailure = afterFailure;
    }

    /**
     * Appends a batch as soon as it may.
     *
     * @param refused told when it was not appended, or when that is not known
     */
    void add(byte[] batch, Runnable refused) {
        List<Waiting> entry;
        synchronized (this) {
            waiting.add(new Waiting(batch, refused));
            if (inFlight) {
                return;
            }
            entry = next();
        }
        submit(entry);
    }

    /** What waits, as much as one entry holds; empty for nothing. */
    private List<Waiting> next() {
        List<Waiting> entry = new ArrayList<>();
        int bytes = 0;
        long unpacked = 0;
        while (!waiting.isEmpty()) {
            byte[] batch = waiting.peek().batch;
            bytes += batch.length;
            unpacked += BatchCodec.unpackedLength(batch);
            if (!entry.isEmpty() && (bytes > MAX_BYTES || unpacked > MAX_UNPACKED)) {
                break;
            }
            entry.add(waiting.poll());
        }
        inFlight = !entry.isEmpty();
        return entry;
    }

    /** One thread at a time: the next entry is taken when this one is done. */
    private void submit(List<Waiting> entry) {
        List<byte[]> batches = entry.stream().map(Waiting::batch).toList();
        byte[] bytes = batches.size() == 1 ? batches.get(0) : BatchCodec.join(batches);
        log.apply(bytes).whenComplete((done, e) -> {
            if (e == null) {
                goOn();
            } else {
                // Also when its fate is unknown: a batch that comes twice is dropped the second time.
                entry.forEach(w -> w.refused.run());
                afterFailure.execute(this::goOn);
            }
        });
    }

    private void goOn() {
        List<Waiting> entry;
        synchronized (this) {
            entry = next();
        }
        if (!entry.isEmpty()) {
            submit(entry);
        }
    }

    /** Batches that wait for the entry on its way. */
    synchronized int waiting() {
        return waiting.size();
    }
}
