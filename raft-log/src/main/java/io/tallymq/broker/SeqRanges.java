package io.tallymq.broker;

import java.util.Arrays;

/**
 * A set of sequence numbers as sorted, disjoint, inclusive ranges. Cheap where it is used: adding at the end, removing from
 * the front; O(ranges) elsewhere.
 */
final class SeqRanges {
    /** Hears of each range. */
    interface Visitor {
        void range(long first, long last);
    }

    private long[] first = new long[4];
    private long[] last = new long[4];
    /** Ranges stand at [begin, end). */
    private int begin;

    private int end;
    private long count;

    long count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int ranges() {
        return end - begin;
    }

    /** The lowest number; only when not empty. */
    long lowest() {
        return first[begin];
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
        count += to - from + 1;
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
    void remove(long from, long to, Visitor removed) {
        int i = Math.max(begin, floor(from));
        while (i < end && first[i] <= to) {
            if (last[i] < from) {
                i++;
                continue;
            }
            long a = Math.max(first[i], from);
            long b = Math.min(last[i], to);
            i = take(i, a, b);
            count -= b - a + 1;
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

    void forEach(Visitor v) {
        for (int i = begin; i < end; i++) {
            v.range(first[i], last[i]);
        }
    }

    /** Pairs of first and last number, ascending. */
    long[] toArray() {
        long[] pairs = new long[2 * ranges()];
        for (int i = begin; i < end; i++) {
            pairs[2 * (i - begin)] = first[i];
            pairs[2 * (i - begin) + 1] = last[i];
        }
        return pairs;
    }

    void clear() {
        begin = 0;
        end = 0;
        count = 0;
    }

    void write(ByteWriter w) {
        w.varint(ranges());
        long previous = 0;
        for (int i = begin; i < end; i++) {
            w.varint(first[i] - previous).varint(last[i] - first[i]);
            previous = last[i];
        }
    }

    /** Adds what {@link #write} wrote. */
    void read(ByteReader r) {
        long previous = 0;
        for (long n = r.varint(); n > 0; n--) {
            long from = previous + r.varint();
            previous = from + r.varint();
            add(from, previous);
        }
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
                begin = 0;
                end = 0;
            }
            return;
        }
        System.arraycopy(first, i + 1, first, i, end - i - 1);
        System.arraycopy(last, i + 1, last, i, end - i - 1);
        end--;
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
