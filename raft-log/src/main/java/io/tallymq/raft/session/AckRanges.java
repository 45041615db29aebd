package io.tallymq.raft.session;

import java.util.Arrays;

/** Sequence numbers acked by one holder within one batch, merged. Not for several threads. */
final class AckRanges {
    private final long holder;
    private long[] pairs = new long[8];
    private int size;
    private boolean ascending = true;

    AckRanges(long holder) {
        this.holder = holder;
    }

    long holder() {
        return holder;
    }

    /** Adds {@code first} to {@code last}, inclusive. Returns whether that took another range. */
    boolean add(long first, long last) {
        if (size > 0 && first == pairs[size - 1] + 1) {
            pairs[size - 1] = last;
            return false;
        }
        ascending &= size == 0 || first > pairs[size - 1];
        if (size == pairs.length) {
            pairs = Arrays.copyOf(pairs, 2 * size);
        }
        pairs[size] = first;
        pairs[size + 1] = last;
        size += 2;
        return true;
    }

    /** Ascending, not touching. Nothing may be added afterwards. */
    long[] pairs() {
        if (!ascending) {
            merge();
        }
        return pairs;
    }

    /** How many of {@link #pairs} count; call that first. */
    int size() {
        return size;
    }

    private void merge() {
        long[][] sorted = new long[size / 2][];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = new long[] {pairs[2 * i], pairs[2 * i + 1]};
        }
        Arrays.sort(sorted, (a, b) -> Long.compare(a[0], b[0]));
        size = 0;
        for (long[] p : sorted) {
            if (size > 0 && p[0] <= pairs[size - 1] + 1) {
                pairs[size - 1] = Math.max(pairs[size - 1], p[1]);
            } else {
                pairs[size++] = p[0];
                pairs[size++] = p[1];
            }
        }
        ascending = true;
    }
}
