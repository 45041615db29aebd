package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteReader;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * In which blocks an id may stand: in the one where it does, and nearly never in another. Some six bytes an id, for as many as the exchange remembers. It is no
 * part of the state and decides nothing: who asks reads the block; a replica that comes back from its store is told of all ids that are there.
 *
 * <p>Two buckets may have an id, and the emptier one takes it; what is over is written over. So a table of its final size serves for ever. Smaller ones come
 * before it, and the next one takes over what they have as long as they are small: to look into several costs several times as much.
 */
final class IdIndex {
    /** Looks into a block. */
    @FunctionalInterface
    interface Look {
        /** What is known of an id there; null if it does not stand there, or not any more. */
        Kept at(long block, byte[] id);
    }

    /** Ids of the first table; each following one takes so many times as many, up to all that the exchange remembers. */
    private static final int FIRST = 64;

    private static final int GROWTH = 16;
    /** A table is too large that is made for so many times of what is there. */
    private static final int TOO_LARGE = 256;
    /** Slots of a bucket: a line of memory. */
    private static final int BUCKET = 16;
    /** In front of the first bucket: with the head of a large array, a line. */
    private static final int BEFORE = 12;
    /** Of ten slots so many are taken when a table is full: then two buckets that are both full are hardly ever met. */
    private static final int TAKEN_OF_TEN = 7;

    /** Fewest of a slot's lower bits, which tell the block; the upper ones are an id's. */
    private static final int LEAST_BLOCK_BITS = 4;
    /** Ids of the largest table whose hashes are kept, eight bytes each, so that the next one can take over: a pause of some milliseconds. */
    private static final int MOST_TAKEN_OVER = 1 << 18;

    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private static final class Table {
        final long most;
        private final int[] slots;
        /** By slot; null: too many. */
        private final long[] hashes;

        private final int buckets;
        private final int blockBits;
        private final int blockMask;
        /** The place of its first one. */
        final long first;
        /** The place behind its last one. */
        long end;

        Table(long most, long first) {
            this.most = most;
            this.first = first;
            buckets = (int) (most * 10 / TAKEN_OF_TEN / BUCKET) + 2;
            slots = new int[BEFORE + buckets * BUCKET];
            hashes = most <= MOST_TAKEN_OVER ? new long[slots.length] : null;
            // Enough for half as many blocks again as are there at a time: the fewer, the more an id has, and the fewer
            // blocks are looked into in vain.
            blockBits = Math.max(LEAST_BLOCK_BITS, Long.SIZE - Long.numberOfLeadingZeros(most * 3 / 2 / IdBlock.SIZE));
            blockMask = (1 << blockBits) - 1;
        }

        private int one(long hash) {
            return BEFORE + (int) ((hash >>> 32) * buckets >>> 32) * BUCKET;
        }

        private int other(long hash) {
            return BEFORE + (int) ((hash & 0xffffffffL) * buckets >>> 32) * BUCKET;
        }

        /** An id's bits, none of which alone is 0: an empty slot is nobody's. */
        private int mark(long hash) {
            int bits = (int) (hash * PRIME >>> Integer.SIZE + blockBits);
            return (bits == 0 ? 1 : bits) << blockBits;
        }

        /** The block that a slot tells: the last one up to this with these bits. */
        private long block(int slot, long upTo) {
            return upTo - (upTo - slot & blockMask);
        }

        /** Returns whether there was room. */
        boolean add(long hash, long place, long head) {
            if (!put(hash, IdBlock.of(place), IdBlock.of(place), IdBlock.of(head))) {
                return false;
            }
            end = place + 1;
            return true;
        }

        /** Takes what a smaller one has; false: there was no room for some of it. */
        boolean takeOver(Table smaller, long now, long oldest) {
            long last = IdBlock.of(smaller.end - 1);
            for (int at = BEFORE; at < smaller.slots.length; at++) {
                if (smaller.slots[at] != 0) {
                    long block = smaller.block(smaller.slots[at], last);
                    if (block >= oldest && !put(smaller.hashes[at], block, now, oldest)) {
                        return false;
                    }
                }
            }
            end = smaller.end;
            return true;
        }

        /** @param now the newest block */
        private boolean put(long hash, long block, long now, long oldest) {
            int a = one(hash);
            int b = other(hash);
            int newest = (int) now;
            int age = (int) (now - oldest);
            int inA = free(a, newest, age);
            int inB = free(b, newest, age);
            if (inA == 0 && inB == 0) {
                return false;
            }
            int at = inA >= inB ? a : b;
            while (isFree(slots[at], newest, age) == 0) {
                at++;
            }
            slots[at] = mark(hash) | (int) (block & blockMask);
            if (hashes != null) {
                hashes[at] = hash;
            }
            return true;
        }

        /** Free slots of a bucket. No branches: whoever looks for an id counts in two of them. */
        private int free(int bucket, int now, int age) {
            int n = 0;
            for (int at = bucket; at < bucket + BUCKET; at++) {
                n += isFree(slots[at], now, age);
            }
            return n;
        }

        /** 1: it is empty, or its block is over, which is more than {@code age} before the newest; else 0. */
        private int isFree(int slot, int now, int age) {
            return (age - (now - slot & blockMask) | ~(slot | -slot)) >>> Integer.SIZE - 1;
        }

        int touch(long[] wanted) {
            int sum = 0;
            for (long hash : wanted) {
                sum += slots[one(hash)] ^ slots[other(hash)];
            }
            return sum;
        }

        /** The newest that is there of an id; null for none. */
        Kept find(byte[] id, long hash, Look look) {
            int mark = mark(hash);
            int a = one(hash);
            int b = other(hash);
            Kept found = find(id, a, mark, look, null);
            return a == b ? found : find(id, b, mark, look, found);
        }

        /** Slots of a bucket that are another's. */
        private int others(int bucket, int mark) {
            int n = 0;
            for (int at = bucket; at < bucket + BUCKET; at++) {
                int differs = (slots[at] ^ mark) & ~blockMask;
                n += (differs | -differs) >>> Integer.SIZE - 1;
            }
            return n;
        }

        private Kept find(byte[] id, int bucket, int mark, Look look, Kept found) {
            Kept newest = found;
            if (others(bucket, mark) == BUCKET) {
                return newest;
            }
            for (int at = bucket; at < bucket + BUCKET; at++) {
                if ((slots[at] & ~blockMask) == mark) {
                    Kept k = look.at(block(slots[at], IdBlock.of(end - 1)), id);
                    newest = newest == null || k != null && k.place() > newest.place() ? k : newest;
                }
            }
            return newest;
        }
    }

    /** All but the last one take no more. */
    private final ArrayDeque<Table> tables = new ArrayDeque<>();

    private final long seed;
    /** Ids of the next table that is the only one. */
    private long first = FIRST;

    /** @param seed of hashes: what no client knows */
    IdIndex(long seed) {
        this.seed = seed;
    }

    /** What an id's places in the tables come from. */
    long hash(byte[] b) {
        long h = seed ^ b.length;
        int at = 0;
        for (; at + Long.BYTES <= b.length; at += Long.BYTES) {
            h = mixed(h, ByteReader.int64(b, at));
        }
        long rest = 0;
        for (; at < b.length; at++) {
            rest = rest << Byte.SIZE | b[at] & 0xff;
        }
        return mixed(h, rest);
    }

    private static long mixed(long hash, long more) {
        long h = (hash ^ more) * PRIME;
        return (h ^ h >>> 29 ^ h >>> 41) * PRIME ^ h >>> Integer.SIZE;
    }

    /** So many ids are about to be told, or a few less. */
    void expect(long ids) {
        first = Math.max(FIRST, ids);
    }

    /**
     * An id has come, at a place behind all others.
     *
     * @param head what is before this place is over
     * @param most ids that there will be at once
     */
    void add(long hash, long place, long head, long most) {
        Table last = tables.peekLast();
        add(hash, place, head, last, last == null ? first : size(last, place, head, most));
    }

    /** An id was there before, at a place behind all others that were told: they are {@link #expect}ed. */
    void tell(byte[] id, long place, long head) {
        Table last = tables.peekLast();
        add(hash(id), place, head, last, last == null ? first : last.most);
    }

    private void add(long hash, long place, long head, Table last, long size) {
        if (last == null || size != last.most || !last.add(hash, place, head)) {
            Table next = larger(last, size, place, head);
            tables.add(next);
            if (!next.add(hash, place, head)) { // what it took over fills both buckets
                next = new Table(size, place);
                next.add(hash, place, head);
                tables.add(next);
            }
            first = FIRST;
        }
    }

    /** A table behind the last one, or in its place. */
    private Table larger(Table last, long size, long place, long head) {
        if (last != null && last.hashes != null && size > last.most) {
            Table next = new Table(size, last.first);
            if (next.takeOver(last, IdBlock.of(place), IdBlock.of(head))) {
                tables.removeLast();
                return next;
            }
        }
        return new Table(size, place);
    }

    /** Ids that the table in use should be made for. */
    private static long size(Table last, long place, long head, long most) {
        long there = place - head;
        if (last.most < most && place - Math.max(head, last.first) >= last.most) {
            return Math.min(GROWTH * last.most, most);
        }
        return there * TOO_LARGE < last.most ? Math.max(FIRST, there * GROWTH) : last.most;
    }

    /**
     * These are about to be looked for. Memory brings what it takes for all of them at once, in place of one after the other, which is most of what
     * it costs to find nothing.
     *
     * @return nothing that matters, so that nobody leaves the work out
     */
    int touch(long[] hashes) {
        int sum = 0;
        for (Table t : tables) {
            sum += t.touch(hashes);
        }
        return sum;
    }

    /** Nothing is there any more before this place. */
    void passed(long head) {
        while (!tables.isEmpty() && tables.peekFirst().end <= head) {
            tables.poll();
        }
    }

    int slots() {
        return tables.stream().mapToInt(t -> t.slots.length).sum();
    }

    int tables() {
        return tables.size();
    }

    /** The newest that is there of an id; null for none. */
    Kept find(byte[] id, long hash, Look look) {
        for (Iterator<Table> newest = tables.descendingIterator(); newest.hasNext(); ) {
            Kept k = newest.next().find(id, hash, look);
            if (k != null) {
                return k;
            }
        }
        return null;
    }
}
