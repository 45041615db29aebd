package io.tallymq.node;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A marking of G1, and the collections behind it that take what it found. The marking itself frees only regions in which nothing lives. Of others it is done by the next collections of new
 * objects, and the next marking asked for calls those off: with few new objects, as while publishers wait, what died between objects that live would never be freed. So new objects are
 * made until these collections free no more: up to twice the heap, a second of one processor for 640 MiB of which half is freed.
 */
final class RegionSweep implements HeapAlarm.Collecting {
    /** Too small for a region of its own in any heap. */
    private static final int PIECE_BYTES = 32 << 10;
    /** Made between two looks whether they were collected. */
    private static final int PIECES = 16;
    /** The first collection behind a marking frees nothing old. */
    private static final int MOST_IN_VAIN = 2;
    /** G1 takes all that is worth it in eight. */
    private static final int MOST_COLLECTIONS = 16;

    private static final int MOST_HEAPS = 2;
    /** Fewer bytes are no progress. */
    private static final long PROGRESS = 1 << 20;

    private final AtomicBoolean runs = new AtomicBoolean();
    /** Keeps the JVM from making nothing. */
    private final AtomicReference<byte[]> last = new AtomicReference<>();

    /** Starts one if none is under way, and does not wait. */
    @Override
    public void start() {
        if (runs.compareAndSet(false, true)) {
            Thread sweep = new Thread(this::run, "heap-alarm");
            sweep.setDaemon(true);
            sweep.start();
        }
    }

    @Override
    public boolean isUnderWay() {
        return runs.get();
    }

    private void run() {
        try {
            System.gc();
            sweep();
        } finally {
            last.set(null);
            runs.set(false);
        }
    }

    private void sweep() {
        long bytes = MOST_HEAPS * Runtime.getRuntime().maxMemory();
        long least = Collector.oldObjects().used();
        long end = collections() + MOST_COLLECTIONS;
        int inVain = 0;
        while (inVain < MOST_IN_VAIN && bytes > 0 && collections() < end) {
            bytes -= untilNext(bytes);
            long used = Collector.oldObjects().used();
            inVain = used < least - PROGRESS ? 0 : inVain + 1;
            least = Math.min(least, used);
        }
    }

    /** Returns the bytes made until the next collection of new objects, no more than about {@code most}. */
    private long untilNext(long most) {
        long before = collections();
        long made = 0;
        while (made < most && collections() == before) {
            for (int i = 0; i < PIECES; i++) {
                last.set(new byte[PIECE_BYTES]);
            }
            made += PIECES * PIECE_BYTES;
        }
        return made;
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> collector.getName().equals("G1 Young Generation"))
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }
}
