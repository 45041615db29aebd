package io.tallymq.broker.message;

import java.util.Arrays;

/** Some neighbouring ranges of a {@link SeqRanges}, in two arrays: a change in the middle moves what is behind it. */
final class RangeBlock {
    /** In place of a name. */
    static final long NO_NAME = -1;

    /** Room at first. */
    private static final int FEW = 4;
    /** Room for more is given back when all ranges are gone: most sets live long and are mostly small. */
    private static final int MOST_KEPT = 32;

    private long[] first = new long[FEW];
    private long[] last = new long[FEW];
    /** Ranges stand at [begin, end). */
    private int begin;

    private int end;
    /** By what name it is stored, as it was then: its lowest number; {@link #NO_NAME} if it is not. */
    long name = NO_NAME;
    /** It is not what is stored. */
    boolean changed = true;

    boolean isEmpty() {
        return end == begin;
    }

    int size() {
        return end - begin;
    }

    /** Ranges it has room for: for tests. */
    int room() {
        return first.length;
    }

    /** The lowest number; only when not empty. */
    long lowest() {
        return first[begin];
    }

    /** The highest number; only when not empty. */
    long highest() {
        return last[end - 1];
    }

    /** The last number of the lowest range; only when not empty. */
    long lowestRangeEnd() {
        return last[begin];
    }

    boolean contains(long n) {
        int i = floor(n);
        return i >= begin && last[i] >= n;
    }

    /** Adds a range that holds no number of this set. */
    void add(long from, long to) {
        int i = floor(from);
        boolean joinsLeft = i >= begin && last[i] + 1 == from;
        boolean joinsRight = i + 1 < end && to + 1 == first[i + 1];
        if (joinsLeft && joinsRight) {
            last[i] = last[i + 1];
            cut(i + 1);
        } else if (joinsLeft) {
            last[i] = to;
        } else if (joinsRight) {
            first[i + 1] = from;
        } else {
            insert(i + 1, from, to);
        }
    }

    /** Removes what there is of a range and tells the visitor of each piece, ascending. The visitor must not touch this set. */
    void remove(long from, long to, SeqRanges.Visitor removed) {
        int i = Math.max(begin, floor(from));
        while (i < end && first[i] <= to) {
            if (last[i] < from) {
                i++;
                continue;
            }
            long a = Math.max(first[i], from);
            long b = Math.min(last[i], to);
            i = take(i, a, b);
            removed.range(a, b);
        }
    }

    /** Takes [a, b] out of range i and returns the range to look at next. */
    private int take(int i, long a, long b) {
        boolean left = first[i] < a;
        boolean right = last[i] > b;
        if (left && right) {
            long end2 = last[i];
            last[i] = a - 1;
            insert(i + 1, b + 1, end2);
            return end; // what is left of the range lies behind what was to be removed
        }
        if (left) {
            last[i] = a - 1;
            return i + 1;
        }
        if (right) {
            first[i] = b + 1;
            return i + 1;
        }
        cut(i);
        return i < begin ? begin : i;
    }

    void forEach(SeqRanges.Visitor v) {
        for (int i = begin; i < end; i++) {
            v.range(first[i], last[i]);
        }
    }

    /** Pairs of first and last number, ascending; returns where the next ones belong. */
    int copyTo(long[] pairs, int at) {
        int next = at;
        for (int i = begin; i < end; i++) {
            pairs[next++] = first[i];
            pairs[next++] = last[i];
        }
        return next;
    }

    /** The last number of the range that holds n. */
    long endOf(long n) {
        return last[floor(n)];
    }

    /** The first number of the first range behind n, {@link Long#MAX_VALUE} if there is none. */
    long nextAfter(long n) {
        int i = floor(n) + 1;
        return i < end ? first[i] : Long.MAX_VALUE;
    }

    /** The highest number that is not above n; -1 for none. */
    long floorOf(long n) {
        int i = floor(n);
        return i < begin ? -1 : Math.min(n, last[i]);
    }

    /** Takes out the lowest range and returns its last number; only when not empty. */
    long takeLowest() {
        long to = last[begin];
        cut(begin);
        return to;
    }

    /** Takes out the upper half of the ranges. */
    RangeBlock upperHalf() {
        RangeBlock upper = new RangeBlock();
        int middle = (begin + end) >>> 1;
        upper.end = end - middle;
        upper.first = Arrays.copyOfRange(first, middle, middle + SeqRanges.BLOCK);
        upper.last = Arrays.copyOfRange(last, middle, middle + SeqRanges.BLOCK);
        end = middle;
        return upper;
    }

    /** The last range that begins at or before n, or begin - 1. */
    private int floor(long n) {
        if (end > begin && first[end - 1] <= n) {
            return end - 1;
        }
        int at = Arrays.binarySearch(first, begin, end, n);
        return at >= 0 ? at : -at - 2;
    }

    /** Removes range i. The front moves on instead of everything behind it. */
    private void cut(int i) {
        if (i == begin) {
            begin++;
            if (begin == end) {
                empty();
            }
            return;
        }
        System.arraycopy(first, i + 1, first, i, end - i - 1);
        System.arraycopy(last, i + 1, last, i, end - i - 1);
        end--;
    }

    private void empty() {
        begin = 0;
        end = 0;
        if (first.length > MOST_KEPT) {
            first = new long[FEW];
            last = new long[FEW];
        }
    }

    /** Makes a new range at place i. */
    private void insert(int i, long from, long to) {
        int at = i;
        if (end == first.length) {
            at = i - begin;
            int n = end - begin;
            long[] f = n * 2 > first.length ? new long[first.length * 2] : first;
            long[] l = f == first ? last : new long[f.length];
            System.arraycopy(first, begin, f, 0, n);
            System.arraycopy(last, begin, l, 0, n);
            first = f;
            last = l;
            begin = 0;
            end = n;
        }
        System.arraycopy(first, at, first, at + 1, end - at);
        System.arraycopy(last, at, last, at + 1, end - at);
        first[at] = from;
        last[at] = to;
        end++;
    }
}
