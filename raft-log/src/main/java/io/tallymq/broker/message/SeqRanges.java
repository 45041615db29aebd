package io.tallymq.broker.message;

import java.util.ArrayList;
import java.util.List;

/**
 * A set of sequence numbers as sorted, disjoint, inclusive ranges. Cheapest where it is used most: adding at the end, removing from
 * the front. Elsewhere a change moves no more than one block of ranges, however many there are.
 */
public final class SeqRanges {
    /** Hears of each range. */
    public interface Visitor {
        void range(long first, long last);
    }

    /** Ranges of a block that is full: it becomes two. */
    static final int BLOCK = 512;

    /** Ascending. There is always one; if there are several, none is empty. */
    private final List<RangeBlock> blocks = new ArrayList<>(1);

    private long count;

    public SeqRanges() {
        blocks.add(new RangeBlock());
    }

    public long count() {
        return count;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    public int ranges() {
        int n = 0;
        for (RangeBlock b : blocks) {
            n += b.size();
        }
        return n;
    }

    /** The lowest number; only when not empty. */
    public long lowest() {
        return blocks.get(0).lowest();
    }

    /** The highest number; only when not empty. */
    public long highest() {
        return blocks.get(blocks.size() - 1).highest();
    }

    /** The highest number that is not above n; -1 for none. */
    public long floor(long n) {
        return blocks.get(blockOf(n)).floorOf(n);
    }

    /** The lowest number that is not below n; {@link Long#MAX_VALUE} for none. */
    public long ceiling(long n) {
        if (contains(n)) {
            return n;
        }
        long before = endOfSame(n);
        return before == Long.MAX_VALUE ? before : before + 1;
    }

    /** The last number of the lowest range; only when not empty. */
    public long lowestRangeEnd() {
        return blocks.get(0).lowestRangeEnd();
    }

    public boolean contains(long n) {
        return blocks.get(blockOf(n)).contains(n);
    }

    /** The last number, from n on, up to which all numbers are in this set, or all are not. */
    public long endOfSame(long n) {
        int i = blockOf(n);
        RangeBlock b = blocks.get(i);
        if (b.contains(n)) {
            return b.endOf(n);
        }
        long next = b.nextAfter(n);
        if (next == Long.MAX_VALUE && i + 1 < blocks.size()) {
            next = blocks.get(i + 1).lowest();
        }
        return next == Long.MAX_VALUE ? next : next - 1;
    }

    /** Adds a range that holds no number of this set. */
    public void add(long from, long to) {
        count += to - from + 1;
        int i = blockOf(from);
        RangeBlock b = blocks.get(i);
        RangeBlock next = i + 1 < blocks.size() ? blocks.get(i + 1) : null;
        if (next != null && next.lowest() == to + 1) {
            long end = next.takeLowest();
            if (next.isEmpty()) {
                blocks.remove(i + 1);
            }
            b.add(from, end);
        } else {
            b.add(from, to);
        }
        splitIfFull(i);
    }

    private void splitIfFull(int i) {
        if (blocks.get(i).size() >= BLOCK) {
            blocks.add(i + 1, blocks.get(i).upperHalf());
        }
    }

    /** Removes what there is of a range and tells the visitor of each piece, ascending. The visitor must not touch this set. */
    public void remove(long from, long to, Visitor removed) {
        int i = blockOf(from);
        while (i < blocks.size() && !blocks.get(i).isEmpty() && blocks.get(i).lowest() <= to) {
            RangeBlock b = blocks.get(i);
            b.remove(from, to, (first, last) -> {
                count -= last - first + 1;
                removed.range(first, last);
            });
            if (b.isEmpty() && blocks.size() > 1) {
                blocks.remove(i);
            } else {
                splitIfFull(i);
                i++;
            }
        }
    }

    public void forEach(Visitor v) {
        for (RangeBlock b : blocks) {
            b.forEach(v);
        }
    }

    /** Pairs of first and last number, ascending. */
    public long[] toArray() {
        long[] pairs = new long[2 * ranges()];
        int at = 0;
        for (RangeBlock b : blocks) {
            at = b.copyTo(pairs, at);
        }
        return pairs;
    }

    public void clear() {
        blocks.clear();
        blocks.add(new RangeBlock());
        count = 0;
    }

    public void write(ByteWriter w) {
        w.varint(ranges());
        long[] previous = new long[1];
        forEach((first, last) -> {
            w.varint(first - previous[0]).varint(last - first);
            previous[0] = last;
        });
    }

    /** Adds what {@link #write} wrote. */
    public void read(ByteReader r) {
        long previous = 0;
        for (long n = r.varint(); n > 0; n--) {
            long from = previous + r.varint();
            previous = from + r.varint();
            add(from, previous);
        }
    }

    /** The last block that begins at or before n, or the first one. */
    private int blockOf(long n) {
        int low = 0;
        int high = blocks.size() - 1;
        if (high > 0 && blocks.get(high).lowest() <= n) {
            return high;
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (blocks.get(middle).lowest() <= n) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
