package io.tallymq.broker.aside;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import java.util.Arrays;

/**
 * Which of a queue's messages left otherwise than by an ack, or may have: a few ranges of their numbers. What is gone and in none of them was acked. Such messages
 * come in runs mostly (a purge, what expires, what is over a limit); where there are more runs than are kept, the two lowest become one, with all between.
 */
public final class LeftUnacked {
    /** Ranges that are kept: they are written with the queue's state. */
    static final int MOST = 32;

    /** Pairs of first and last number, ascending, never neighbours. */
    private long[] pairs = new long[8];

    private int size;

    /** These left, or some of them did. */
    public void add(long first, long last) {
        int from = size;
        while (from > 0 && pairs[from - 1] >= first - 1) {
            from -= 2;
        }
        long low = first;
        long high = last;
        int to = from;
        while (to < size && pairs[to] <= last + 1) {
            low = Math.min(low, pairs[to]);
            high = Math.max(high, pairs[to + 1]);
            to += 2;
        }
        replace(from, to, low, high);
        if (size > 2 * MOST) {
            replace(0, 4, pairs[0], pairs[3]);
        }
    }

    /** One pair instead of those between two places. */
    private void replace(int from, int to, long low, long high) {
        int behind = size - to;
        if (from + 2 + behind > pairs.length) {
            pairs = Arrays.copyOf(pairs, 2 * pairs.length);
        }
        System.arraycopy(pairs, to, pairs, from + 2, behind);
        pairs[from] = low;
        pairs[from + 1] = high;
        size = from + 2 + behind;
    }

    /** Whether a message that is gone may have left otherwise. */
    public boolean has(long seq) {
        for (int i = size - 2; i >= 0 && pairs[i + 1] >= seq; i -= 2) {
            if (pairs[i] <= seq) {
                return true;
            }
        }
        return false;
    }

    /** How many, then of each how far it begins behind the one before, and its length. */
    public byte[] encode() {
        ByteWriter w = new ByteWriter(4 * size + 2).varint(size / 2);
        long at = 0;
        for (int i = 0; i < size; i += 2) {
            w.varint(pairs[i] - at).varint(pairs[i + 1] - pairs[i]);
            at = pairs[i + 1];
        }
        return w.toBytes();
    }

    public static LeftUnacked decode(ByteReader r) {
        LeftUnacked left = new LeftUnacked();
        long at = 0;
        for (long n = r.varint(); n > 0; n--) {
            long first = at + r.varint();
            at = first + r.varint();
            left.add(first, at);
        }
        return left;
    }

    public void digest(StateDigest d) {
        for (int i = 0; i < size; i++) {
            d.add(pairs[i]);
        }
    }
}
