package io.tallymq.broker.message;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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
    /** Names of blocks that are stored and are not there any more; null for none. */
    private List<Long> obsolete;

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

    /** Whether it has all of a range. */
    public boolean containsAll(long from, long to) {
        return contains(from) && endOfSame(from) >= to;
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
            next.changed = true;
            if (next.isEmpty()) {
                drop(i + 1);
            }
            b.add(from, end);
        } else {
            b.add(from, to);
        }
        b.changed = true;
        splitIfFull(i);
    }

    private void drop(int i) {
        RangeBlock gone = blocks.remove(i);
        if (gone.name != RangeBlock.NO_NAME) {
            obsolete = obsolete == null ? new ArrayList<>() : obsolete;
            obsolete.add(gone.name);
        }
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
                b.changed = true;
                count -= last - first + 1;
                removed.range(first, last);
            });
            if (b.isEmpty() && blocks.size() > 1) {
                drop(i);
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
        while (!blocks.isEmpty()) {
            drop(blocks.size() - 1);
        }
        blocks.add(new RangeBlock());
        count = 0;
    }

    /** Where blocks are stored, by their names. */
    public interface Blocks {
        void put(long name, byte[] block);

        void delete(long name);
    }

    /** Whether there are so many ranges that a change should not write them all. */
    public boolean areMany() {
        return blocks.size() > 1;
    }

    /** Whether some of it is stored as a block. */
    public boolean haveBlocks() {
        return obsolete != null || blocks.stream().anyMatch(b -> b.name != RangeBlock.NO_NAME);
    }

    /** Under which names blocks of it are stored. */
    public List<Long> blockNames() {
        List<Long> names = new ArrayList<>(obsolete == null ? List.of() : obsolete);
        blocks.stream().filter(b -> b.name != RangeBlock.NO_NAME).forEach(b -> names.add(b.name));
        return names;
    }

    /** Writes what changed since it was written last: of each block of some hundred ranges all. */
    public void writeChanges(Blocks into) {
        deleteObsolete(into);
        for (RangeBlock b : blocks) {
            if (b.changed && b.name != RangeBlock.NO_NAME && (b.isEmpty() || b.name != b.lowest())) {
                into.delete(b.name);
                b.name = RangeBlock.NO_NAME;
            }
        }
        for (RangeBlock b : blocks) {
            if (b.changed && !b.isEmpty()) {
                ByteWriter w = new ByteWriter(8 * b.size());
                write(w, b.size(), b::forEach);
                into.put(b.lowest(), w.toBytes());
                b.name = b.lowest();
            }
            b.changed = false;
        }
    }

    /** Nothing of it is stored as a block any more. */
    public void deleteBlocks(Blocks from) {
        deleteObsolete(from);
        for (RangeBlock b : blocks) {
            if (b.name != RangeBlock.NO_NAME) {
                from.delete(b.name);
                b.name = RangeBlock.NO_NAME;
            }
            b.changed = true;
        }
    }

    private void deleteObsolete(Blocks from) {
        if (obsolete != null) {
            obsolete.forEach(from::delete);
            obsolete = null;
        }
    }

    /** Adds a block that {@link #writeChanges} wrote; those that are there are before it. */
    public void readBlock(long name, ByteReader r) {
        RangeBlock b = new RangeBlock();
        read(r, (first, last) -> {
            b.add(first, last);
            count += last - first + 1;
        });
        TaggedFields.endRecord(r);
        b.name = name;
        b.changed = false;
        if (blocks.get(0).isEmpty()) {
            blocks.clear();
        }
        blocks.add(b);
    }

    public void write(ByteWriter w) {
        write(w, ranges(), this::forEach);
    }

    private static void write(ByteWriter w, int ranges, Consumer<Visitor> all) {
        w.varint(ranges);
        long[] previous = new long[1];
        all.accept((first, last) -> {
            w.varint(first - previous[0]).varint(last - first);
            previous[0] = last;
        });
    }

    /** Adds what {@link #write} wrote. */
    public void read(ByteReader r) {
        read(r, this::add);
    }

    private static void read(ByteReader r, Visitor each) {
        long previous = 0;
        for (long n = r.varint(); n > 0; n--) {
            long from = previous + r.varint();
            previous = from + r.varint();
            each.range(from, previous);
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
