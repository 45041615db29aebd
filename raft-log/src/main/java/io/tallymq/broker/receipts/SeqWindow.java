package io.tallymq.broker.receipts;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.Arrays;

/** Which of a producer's last {@link #SIZE} numbers are decided: stored, or made void. What is below is not known any more. */
final class SeqWindow {
    static final int SIZE = 4_096;

    private static final long NOTHING = -1;

    /** The bit of a number is at its remainder by {@link #SIZE}. */
    private final long[] bits = new long[SIZE / Long.SIZE];
    /** Of those that are decided, and of no others, which were made void; null: none. */
    private long[] voids;

    private long last = NOTHING;

    /** The highest number that is decided; -1: none is. */
    long last() {
        return last;
    }

    /** Whether it is too old to be known. */
    boolean isBelow(long seq) {
        return isBelow(seq, last);
    }

    static boolean isBelow(long seq, long last) {
        return last != NOTHING && seq <= last - SIZE;
    }

    /** Whether it is decided, as far as is known. */
    boolean has(long seq) {
        return seq <= last && !isBelow(seq) && (bits[word(seq)] & bit(seq)) != 0;
    }

    /** Whether it is decided that it never comes. */
    boolean isVoid(long seq) {
        return voids != null && has(seq) && (voids[word(seq)] & bit(seq)) != 0;
    }

    /** It is decided that it never comes. It is not {@link #isBelow}. */
    void addVoid(long seq) {
        add(seq);
        voids = voids == null ? new long[bits.length] : voids;
        voids[word(seq)] |= bit(seq);
    }

    /** It is decided. It is not {@link #isBelow}. */
    void add(long seq) {
        if (seq > last) {
            if (seq - last >= SIZE || last == NOTHING) {
                Arrays.fill(bits, 0);
                voids = null;
            } else {
                clear(bits, last + 1, seq);
                clear(voids, last + 1, seq);
            }
            last = seq;
        }
        bits[word(seq)] |= bit(seq);
        if (voids != null) {
            voids[word(seq)] &= ~bit(seq);
        }
    }

    /** It is not known any more which of the numbers up to one are decided. */
    void forgetTo(long seq) {
        Arrays.fill(bits, 0);
        voids = null;
        last = seq;
    }

    /** Takes out the numbers from one up to another, without that, fewer than {@link #SIZE}: a word at a time, for who skips many at each step. */
    private static void clear(long[] words, long from, long to) {
        for (long s = from; words != null && s < to; s = (s | 63) + 1) {
            long all = -1L << (s & 63);
            words[word(s)] &= (s | 63) < to ? ~all : ~all | -1L << (to & 63);
        }
    }

    /** The lowest number that is known; 0 or more. */
    long first() {
        return Math.max(0, last - SIZE + 1);
    }

    /** The first number from this one on, which is known, up to the last, that is decided (or not); beyond the last if there is none. */
    long next(long from, boolean decided) {
        return next(bits, from, decided);
    }

    private long next(long[] words, long from, boolean set) {
        for (long s = from; s <= last; s = (s | 63) + 1) { // a word at a time
            long wanted = (set ? words[word(s)] : ~words[word(s)]) >>> (s & 63);
            if (wanted != 0) {
                return Math.min(last + 1, s + Long.numberOfTrailingZeros(wanted));
            }
        }
        return last + 1;
    }

    private static int word(long seq) {
        return (int) (seq & SIZE - 1) >>> 6;
    }

    private static long bit(long seq) {
        return 1L << (seq & 63);
    }

    /** Varint: the last one plus 1; then, from the lowest on, how many are not decided and how many are, in turn; then how many are void, and which, from the lowest on. */
    void write(ByteWriter w) {
        w.varint(last + 1);
        long at = first();
        while (at <= last) {
            long come = next(at, true);
            long gap = next(come, false);
            w.varint(come - at).varint(gap - come);
            at = gap;
        }
        writeVoids(w);
    }

    private void writeVoids(ByteWriter w) {
        long n = 0;
        for (int i = 0; voids != null && i < voids.length; i++) {
            n += Long.bitCount(voids[i]);
        }
        w.varint(n);
        for (long s = first(); n > 0; n--, s++) {
            s = next(voids, s, true);
            w.varint(s - first());
        }
    }

    void read(ByteReader r) {
        last = r.varint() - 1;
        long at = first();
        while (at <= last) {
            at += r.varint();
            for (long n = r.varint(); n > 0; n--, at++) {
                bits[word(at)] |= bit(at);
            }
        }
        for (long n = r.varint(); n > 0; n--) {
            addVoid(first() + r.varint());
        }
    }
}
