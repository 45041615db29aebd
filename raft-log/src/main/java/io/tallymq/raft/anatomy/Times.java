package io.tallymq.raft.anatomy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * How long something took, counted in four buckets for each doubling, from a microsecond to a minute: since the start, and lately. What is
 * lately is in two windows that take turns, so it is of the last half to whole minute. Counting makes no objects. Any thread.
 */
public final class Times {
    /** Buckets of one doubling. */
    private static final int PER_OCTAVE = 4;
    /** What is below two to this many nanoseconds is in the first bucket. */
    private static final int FIRST = 10;

    private static final int OCTAVES = 26;
    private static final int BUCKETS = OCTAVES * PER_OCTAVE + 1;
    static final long WINDOW_NANOS = 30_000_000_000L;

    private static final class Window {
        private final long since;
        private final LongAdder[] counts = adders();
        private final LongAdder sum = new LongAdder();
        private final LongAccumulator max = new LongAccumulator(Math::max, 0);
        /** The one before it; null in that one. */
        private volatile Window before;

        Window(long since, Window before) {
            this.since = since;
            this.before = before;
        }
    }

    private final LongSupplier nanoTime;
    private final LongAdder[] counts = adders();
    private final LongAdder sum = new LongAdder();
    private final AtomicReference<Window> window;

    /** @param nanoTime as {@link System#nanoTime} */
    public Times(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.window = new AtomicReference<>(new Window(nanoTime.getAsLong(), null));
    }

    private static LongAdder[] adders() {
        LongAdder[] adders = new LongAdder[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    /** Counts one that took so long and ends now. */
    public void add(long nanos) {
        add(nanos, nanoTime.getAsLong());
    }

    /** As {@link #add(long)}, for who knows the time. */
    public void add(long nanos, long now) {
        long took = Math.max(0, nanos);
        int bucket = bucket(took);
        counts[bucket].increment();
        sum.add(took);
        Window w = current(now);
        w.counts[bucket].increment();
        w.sum.add(took);
        w.max.accumulate(took);
    }

    private Window current(long now) {
        Window w = window.get();
        if (now - w.since < WINDOW_NANOS) {
            return w;
        }
        Window next = new Window(now, w);
        if (window.compareAndSet(w, next)) {
            w.before = null;
            return next;
        }
        return window.get();
    }

    static int bucket(long nanos) {
        if (nanos < 1L << FIRST) {
            return 0;
        }
        int octave = 63 - Long.numberOfLeadingZeros(nanos);
        int part = (int) (nanos >>> (octave - 2)) & (PER_OCTAVE - 1);
        return Math.min(BUCKETS - 1, (octave - FIRST) * PER_OCTAVE + part + 1);
    }

    /** What the times of a bucket are below, in nanoseconds. */
    static long bound(int bucket) {
        int octave = (bucket - 1) / PER_OCTAVE + FIRST;
        return bucket == 0 ? 1L << FIRST : (1L << octave) + ((bucket - 1) % PER_OCTAVE + 1L << (octave - 2));
    }

    /**
     * All since the start.
     *
     * @param bounds nanoseconds
     * @param below how many took less than each bound
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Total(long[] bounds, long[] below, long count, long sumNanos) {}

    /** Since the start, by doublings. */
    public Total total() {
        long[] bounds = new long[OCTAVES];
        long[] below = new long[OCTAVES];
        long count = counts[0].sum();
        for (int octave = 0; octave < OCTAVES; octave++) {
            bounds[octave] = 1L << (FIRST + octave);
            below[octave] = count;
            for (int part = 1; part <= PER_OCTAVE; part++) {
                count += counts[octave * PER_OCTAVE + part].sum();
            }
        }
        return new Total(bounds, below, count, sum.sum());
    }

    /** How many took less than so many nanoseconds, and as long as the bucket before it allows at least. */
    public record Bucket(long below, long count) {}

    /**
     * Of the last half to whole minute, in nanoseconds; all 0 if there was nothing. The percentiles are at most a quarter too large.
     *
     * @param buckets those that have something in them, the shortest times first
     */
    public record Recent(long count, long mean, long p50, long p90, long p99, long max, List<Bucket> buckets) {
        static final Recent NONE = new Recent(0, 0, 0, 0, 0, 0, List.of());

        Recent with(List<Bucket> told) {
            return new Recent(count, mean, p50, p90, p99, max, told);
        }
    }

    public Recent recent() {
        long now = nanoTime.getAsLong();
        long[] all = new long[BUCKETS];
        long total = 0;
        long most = 0;
        for (Window w = window.get(); w != null; w = w.before) {
            if (now - w.since < 2 * WINDOW_NANOS) {
                for (int i = 0; i < BUCKETS; i++) {
                    all[i] += w.counts[i].sum();
                }
                total += w.sum.sum();
                most = Math.max(most, w.max.get());
            }
        }
        long count = 0;
        for (long c : all) {
            count += c;
        }
        return count == 0
                ? Recent.NONE
                : new Recent(
                        count,
                        total / count,
                        Math.min(most, percentile(all, count, 50)),
                        Math.min(most, percentile(all, count, 90)),
                        Math.min(most, percentile(all, count, 99)),
                        most,
                        buckets(all));
    }

    private static List<Bucket> buckets(long[] all) {
        List<Bucket> some = new ArrayList<>();
        for (int i = 0; i < BUCKETS; i++) {
            if (all[i] > 0) {
                some.add(new Bucket(bound(i), all[i]));
            }
        }
        return some;
    }

    private static long percentile(long[] all, long count, int percent) {
        long rank = (count * percent + 99) / 100;
        for (int i = 0; i < BUCKETS; i++) {
            rank -= all[i];
            if (rank <= 0) {
                return bound(i);
            }
        }
        return bound(BUCKETS - 1);
    }
}
