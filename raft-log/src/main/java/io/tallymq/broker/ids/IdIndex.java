package io.tallymq.broker.ids;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * In which blocks an id may stand: nearly always in the one where it does, and nearly never in any if it does not come. Some six bytes an id, for as many as there
 * are. It is no part of the state and decides nothing: who asks reads the block; a replica that comes back from its store is told of all blocks.
 */
final class IdIndex {
    /** Looks into a block. */
    @FunctionalInterface
    interface Look {
        /** What is known of an id there; null if it does not stand there any more. */
        Kept at(long block, String id);
    }

    /** Ids of the first part; each following one takes twice as many, up to a part of all that the exchange remembers. */
    private static final int FIRST = IdBlock.SIZE;

    private static final int PARTS = 8;
    /** Ids of the largest part: a slot tells one of 65,535 blocks. */
    private static final long MOST_IN_PART = 1L << 21;

    private static final int BLOCK_BITS = 16;
    private static final int BLOCK_MASK = (1 << BLOCK_BITS) - 1;

    private static final long PRIME = 0x9E3779B97F4A7C15L;

    /** Neighbours in the order in which they came: a table of slots, each with bits of an id's hash and a block; 0: nobody's. */
    private static final class Part {
        final int[] slots;
        final long most;
        /** The block of its first one. */
        final long first;

        long count;
        /** The place behind its last one. */
        long end;

        Part(long most, long first) {
            this.most = most;
            this.first = first;
            slots = new int[(int) (most + most / 3 + 1)]; // three of four are taken
        }

        private int slot(long hash) {
            return (int) ((hash >>> 32) * slots.length >>> 32);
        }

        private int after(int slot) {
            return slot + 1 == slots.length ? 0 : slot + 1;
        }

        void add(long hash, long place) {
            int at = slot(hash);
            while (slots[at] != 0) {
                at = after(at);
            }
            slots[at] = (int) hash << BLOCK_BITS | (int) (IdBlock.of(place) - first + 1);
            count++;
            end = place + 1;
        }

        /** The newest that is there of an id; null for none. */
        Kept find(String id, long hash, Look look) {
            Kept newest = null;
            int wanted = (int) hash << BLOCK_BITS;
            for (int at = slot(hash); slots[at] != 0; at = after(at)) {
                if ((slots[at] & ~BLOCK_MASK) == wanted) {
                    Kept k = look.at(first + (slots[at] & BLOCK_MASK) - 1, id);
                    newest = newest == null || k != null && k.place() > newest.place() ? k : newest;
                }
            }
            return newest;
        }
    }

    private final ArrayDeque<Part> parts = new ArrayDeque<>();

    private static long hash(String id) {
        long h = id.length();
        for (int i = 0; i < id.length(); i++) {
            h = (h ^ id.charAt(i)) * PRIME;
            h ^= h >>> 29;
        }
        return h;
    }

    /**
     * An id has come, at a place behind all others.
     *
     * @param most ids that there will be at once
     */
    void add(String id, long place, long most) {
        Part last = parts.peekLast();
        if (last == null || last.count >= last.most) {
            long next = Math.min(last == null ? FIRST : 2 * last.most, MOST_IN_PART);
            last = new Part(Math.min(next, Math.max(FIRST, most / PARTS)), IdBlock.of(place));
            parts.add(last);
        }
        last.add(hash(id), place);
    }

    /** Nothing is there any more before this place. */
    void passed(long head) {
        while (!parts.isEmpty() && parts.peekFirst().end <= head) {
            parts.poll();
        }
    }

    /** The newest that is there of an id; null for none. */
    Kept find(String id, Look look) {
        long hash = hash(id);
        for (Iterator<Part> newest = parts.descendingIterator(); newest.hasNext(); ) {
            Kept k = newest.next().find(id, hash, look);
            if (k != null) {
                return k;
            }
        }
        return null;
    }
}
