package io.tallymq.broker.message;

import java.util.Arrays;

/**
 * A few ranges of numbers that cover all that was added: never more than a bound. What is too many is joined with what is nearest, so it
 * covers more than was added then.
 */
public final class CoveringRanges {
    private final int most;
    /** Pairs of first and last, ascending, that do not touch. */
    private final long[] pairs;

    private int length;

    /** @param most how many ranges at most */
    public CoveringRanges(int most) {
        this.most = most;
        this.pairs = new long[2 * most + 2];
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /** The lowest number; only when not empty. */
    public long lowest() {
        return pairs[0];
    }

    /** Adds a range, whatever of it is there. */
    public void add(long first, long last) {
        int i = 0;
        while (i < length && pairs[i + 1] < first && first - pairs[i + 1] > 1) {
            i += 2;
        }
        long low = first;
        long high = last;
        int end = i;
        while (end < length && (pairs[end] <= high || pairs[end] - high == 1)) {
            low = Math.min(low, pairs[end]);
            high = Math.max(high, pairs[end + 1]);
            end += 2;
        }
        System.arraycopy(pairs, end, pairs, i + 2, length - end);
        length += i + 2 - end;
        pairs[i] = low;
        pairs[i + 1] = high;
        if (length > 2 * most) {
            joinNearest();
        }
    }

    /** Adds pairs of first and last. */
    public void addAll(long[] ranges) {
        for (int i = 0; i < ranges.length; i += 2) {
            add(ranges[i], ranges[i + 1]);
        }
    }

    private void joinNearest() {
        int nearest = 2;
        for (int i = 4; i < length; i += 2) {
            if (pairs[i] - pairs[i - 1] < pairs[nearest] - pairs[nearest - 1]) {
                nearest = i;
            }
        }
        System.arraycopy(pairs, nearest + 1, pairs, nearest - 1, length - nearest - 1);
        length -= 2;
    }

    /** Takes all of them out: pairs of first and last, ascending. */
    public long[] take() {
        long[] all = Arrays.copyOf(pairs, length);
        length = 0;
        return all;
    }
}
