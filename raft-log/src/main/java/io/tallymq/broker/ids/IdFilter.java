package io.tallymq.broker.ids;

import java.util.ArrayDeque;

/**
 * Tells of most ids that are not there that they are not, so that the store is not asked for what is new. Two bytes an id, for as many as there are. It is
 * no part of the state and decides nothing: a replica that comes back from its store fills it by and by.
 */
final class IdFilter {
    /** Ids of the first part; each following one takes twice as many, up to a part of all that the exchange remembers. */
    private static final int FIRST = 64;

    private static final int PARTS = 8;
    private static final int BITS = 16;
    /** Words of a bucket: an id has one bit in each, and all of them are next to each other in memory. */
    private static final int WORDS = 8;

    private static final long PRIME = 0x9E3779B97F4A7C15L;

    /** Neighbours in the order in which they came. */
    private static final class Part {
        final long[] bits;
        final int buckets;
        final long most;
        long count;
        /** The place behind its last one. */
        long end;

        Part(long most) {
            this.most = most;
            buckets = (int) Math.max(1, most * BITS / (WORDS * Long.SIZE));
            bits = new long[buckets * WORDS];
        }

        private int bucket(long hash) {
            return (int) ((hash >>> 32) * buckets >>> 32) * WORDS;
        }

        void add(long hash) {
            long rest = hash * PRIME;
            for (int at = bucket(hash), w = 0; w < WORDS; w++, rest = rest >>> 6 | rest << 58) {
                bits[at + w] |= 1L << rest; // its lowest six bits
            }
            count++;
        }

        boolean mayHave(long hash) {
            long rest = hash * PRIME;
            for (int at = bucket(hash), w = 0; w < WORDS; w++, rest = rest >>> 6 | rest << 58) {
                if ((bits[at + w] & 1L << rest) == 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private final ArrayDeque<Part> parts = new ArrayDeque<>();
    /** What was there before this replica's start; null: nothing, or it is gone. */
    private Part old;
    /** Of all places from this one on it is known what is there. */
    private long from;

    private static long hash(String id) {
        long h = id.length();
        for (int i = 0; i < id.length(); i++) {
            h = (h ^ id.charAt(i)) * PRIME;
            h ^= h >>> 29;
        }
        return h;
    }

    /** Places from {@code head} to {@code tail} are in the store, and it is to be told which ids they have. */
    void restored(long head, long tail) {
        from = tail;
        if (tail > head) {
            old = new Part(tail - head);
            old.end = tail;
        }
    }

    /** The place before which it is to be told next what is there; not above {@code head}: there is nothing more to tell. */
    long from() {
        return from;
    }

    /** What was at the place before {@link #from}. */
    void tell(String id) {
        from--;
        if (old != null) {
            old.add(hash(id));
        }
    }

    /**
     * An id has come.
     *
     * @param most ids that there will be at once
     */
    void add(String id, long place, long most) {
        Part last = parts.peekLast();
        if (last == null || last.count >= last.most) {
            long next = last == null ? FIRST : 2 * last.most;
            last = new Part(Math.min(next, Math.max(FIRST, most / PARTS)));
            parts.add(last);
        }
        last.add(hash(id));
        last.end = place + 1;
    }

    /** Nothing is there any more before this place. */
    void passed(long head) {
        while (!parts.isEmpty() && parts.peekFirst().end <= head) {
            parts.poll();
        }
        if (old != null && old.end <= head) {
            old = null;
        }
    }

    /** Whether an id may be there. */
    boolean mayHave(String id, long head) {
        if (from > head) {
            return true;
        }
        long hash = hash(id);
        if (old != null && old.mayHave(hash)) {
            return true;
        }
        for (Part p : parts) {
            if (p.mayHave(hash)) {
                return true;
            }
        }
        return false;
    }
}
