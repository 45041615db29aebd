package io.tallymq.node;

import io.tallymq.timer.Timers;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Has the heap of a node at rest collected, so that what a load left in it goes back to the system: the serial collector does nothing while nothing is allocated. Once after
 * each load, in the first {@link #PERIOD_MINUTES} minutes in which there was next to no collection. One thread at a time.
 */
final class RestingHeap implements AutoCloseable {
    static final long PERIOD_MINUTES = 4;
    /** So many collections in a period are what a node without clients has: a clock's and a watch's garbage. */
    static final int AT_REST = 1;
    /** So many since the last time are what a load leaves: less is not worth a collection. */
    static final int LOAD = 8;

    private final LongSupplier collections;
    private final Runnable collect;
    private final ScheduledExecutorService timer;
    private long seen;
    /** What was counted after this one's last collection; before the first one as if a load had been, so that what the start left goes as well. */
    private long rested = -LOAD;

    /**
     * @param collections how many there were since the start
     * @param collect collects all of the heap
     */
    RestingHeap(LongSupplier collections, Runnable collect) {
        this.collections = collections;
        this.collect = collect;
        this.timer = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "resting-heap");
            t.setDaemon(true);
            return t;
        });
    }

    /** Watches this process's heap, if one thread collects it. */
    static RestingHeap watch(Timers timers) {
        RestingHeap heap = new RestingHeap(RestingHeap::ofThisProcess, SmallestHeap::collect);
        if (Collector.ofThisProcess() == Collector.ONE_THREAD) {
            var unused =
                    timers.every(heap.timer, PERIOD_MINUTES, TimeUnit.MINUTES, "watching the resting heap", heap::look);
        }
        return heap;
    }

    private static long ofThisProcess() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    void look() {
        long now = collections.getAsLong();
        if (now - seen <= AT_REST && now - rested >= LOAD) {
            collect.run();
            now = collections.getAsLong();
            rested = now;
        }
        seen = now;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
