package io.tallymq.raft.log.election;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** How long the flushes of a log took lately. Any thread. */
final class FlushTimes {
    /** What counts as lately. */
    static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Beyond so many only the newest are known. */
    private static final int MOST = 256;

    private final long[] took = new long[MOST];
    private final long[] at = new long[MOST];
    private int next;
    private int known;

    /** @param now {@link System#nanoTime} when it was done */
    synchronized void add(long nanos, long now) {
        took[next] = nanos;
        at[next] = now;
        next = (next + 1) % MOST;
        known = Math.min(MOST, known + 1);
    }

    private long[] lately(long now) {
        long[] lately = new long[known];
        int n = 0;
        for (int i = 0; i < known; i++) {
            if (now - at[i] <= WINDOW_NANOS) {
                lately[n++] = took[i];
            }
        }
        return Arrays.copyOf(lately, n);
    }

    /** Half of them took longer; 0 if all of them together took less than {@code least}. */
    synchronized long median(long now, long least) {
        long[] lately = lately(now);
        if (lately.length == 0 || Arrays.stream(lately).sum() < least) {
            return 0;
        }
        Arrays.sort(lately);
        return lately[lately.length / 2];
    }
}
