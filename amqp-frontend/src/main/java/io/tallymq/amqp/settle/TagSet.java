package io.tallymq.amqp.settle;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/** Delivery tags, a bit for each: those that follow each other closely take little, whichever of them are in it. Event loop only. */
final class TagSet {
    /** Takes tags {@code first} to {@code last}. */
    interface Ranges {
        void range(long first, long last);
    }

    /** Bits of a tag that say where in its block it is. */
    private static final int BITS = 12;

    private static final long WITHIN = (1L << BITS) - 1;

    /** By the upper bits of their tags; none is empty. */
    private final TreeMap<Long, BitSet> blocks = new TreeMap<>();

    private int size;
    /** Tags that follow each other, within a block. */
    private int ranges;

    int size() {
        return size;
    }

    /** How many ranges {@link #takeThrough} gives, if it takes all. */
    int ranges() {
        return ranges;
    }

    boolean contains(long tag) {
        BitSet block = blocks.get(tag >> BITS);
        return block != null && block.get((int) (tag & WITHIN));
    }

    /** The highest tag; 0 for none. */
    long highest() {
        Map.Entry<Long, BitSet> last = blocks.lastEntry();
        return last == null ? 0 : (last.getKey() << BITS) + last.getValue().length() - 1;
    }

    /** Adds tags {@code first} to {@code last}, none of which is in it. */
    void add(long first, long last) {
        for (long tag = first; tag <= last; tag = (tag | WITHIN) + 1) {
            BitSet block = blocks.computeIfAbsent(tag >> BITS, n -> new BitSet());
            int from = (int) (tag & WITHIN);
            int to = (int) Math.min(WITHIN, from + (last - tag)) + 1;
            ranges += 1 - joined(block, from - 1) - joined(block, to);
            block.set(from, to);
            size += to - from;
        }
    }

    /** Takes out a tag; false if it is not in it. */
    boolean take(long tag) {
        if (!contains(tag)) {
            return false;
        }
        BitSet block = blocks.get(tag >> BITS);
        int at = (int) (tag & WITHIN);
        ranges += joined(block, at - 1) + joined(block, at + 1) - 1;
        block.clear(at);
        size--;
        if (block.isEmpty()) {
            blocks.remove(tag >> BITS);
        }
        return true;
    }

    private static int joined(BitSet block, int at) {
        return at >= 0 && block.get(at) ? 1 : 0;
    }

    /** Takes out all tags up to this one. */
    void takeThrough(long tag, Ranges taken) {
        while (!blocks.isEmpty() && blocks.firstKey() << BITS <= tag) {
            Map.Entry<Long, BitSet> first = blocks.firstEntry();
            long base = first.getKey() << BITS;
            takeFirst(first.getValue(), base, (int) Math.min(WITHIN, tag - base) + 1, taken);
            if (!first.getValue().isEmpty()) {
                return;
            }
            blocks.remove(first.getKey());
        }
    }

    private void takeFirst(BitSet block, long base, int end, Ranges taken) {
        int from = block.nextSetBit(0);
        while (from >= 0 && from < end) {
            int to = Math.min(block.nextClearBit(from), end);
            block.clear(from, to);
            size -= to - from;
            ranges -= 1 - joined(block, to);
            taken.range(base + from, base + to - 1);
            from = block.nextSetBit(to);
        }
    }

    /** Tells of all, and takes none out. */
    void forEach(Ranges in) {
        blocks.forEach((number, block) -> {
            long base = number << BITS;
            for (int from = block.nextSetBit(0); from >= 0; from = block.nextSetBit(from)) {
                int to = block.nextClearBit(from);
                in.range(base + from, base + to - 1);
                from = to;
            }
        });
    }

    void clear() {
        blocks.clear();
        size = 0;
        ranges = 0;
    }
}
