package io.tallymq.raft.log.files;

import java.util.zip.CRC32C;

/**
 * CRC32C of any range of an array in a time that does not depend on the range's length. Bytes that a client chose can look like the
 * beginning of a long record at every tenth place; to read each of them to its end takes hours.
 *
 * <p>A checksum of A and B together is the one of A, times x to the power of B's bits, plus the one of B, all modulo the checksum's
 * polynomial over GF(2); so the one of B follows from those of A and of both. Polynomials are ints with the highest power in bit 0.
 */
final class RangeCrc {
    private static final int POLYNOMIAL = 0x82F63B78;
    private static final int ONE = 1 << 31;
    private static final int X = 1 << 30;
    private static final int STEP = 64;
    private static final int BITS_PER_BYTE_LOG = 3;

    /** x to the power of 2 to the power of i. */
    private static final int[] POWERS = powers();

    private final byte[] bytes;
    private final int from;
    /** Of the first {@code i * STEP} bytes. */
    private final int[] prefixes;

    private final CRC32C crc = new CRC32C();

    /** Reads {@code bytes[from..to)} once. */
    RangeCrc(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.prefixes = new int[(to - from) / STEP + 1];
        CRC32C running = new CRC32C();
        for (int i = 1; i < prefixes.length; i++) {
            running.update(bytes, from + (i - 1) * STEP, STEP);
            prefixes[i] = (int) running.getValue();
        }
    }

    /** Of {@code bytes[start..end)}, which lies in what was read. */
    int of(int start, int end) {
        return prefix(end) ^ times(power(end - start), prefix(start));
    }

    private int prefix(int end) {
        int step = (end - from) / STEP;
        int known = from + step * STEP;
        crc.reset();
        crc.update(bytes, known, end - known);
        return times(power(end - known), prefixes[step]) ^ (int) crc.getValue();
    }

    /** x to the power of the bits of so many bytes. */
    private static int power(int byteCount) {
        int result = ONE;
        for (int rest = byteCount, i = BITS_PER_BYTE_LOG; rest != 0; rest >>>= 1, i++) {
            if ((rest & 1) != 0) {
                result = times(POWERS[i], result);
            }
        }
        return result;
    }

    private static int times(int a, int b) {
        int product = 0;
        int shifted = b;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= shifted;
            }
            shifted = (shifted & 1) == 0 ? shifted >>> 1 : shifted >>> 1 ^ POLYNOMIAL;
        }
        return product;
    }

    private static int[] powers() {
        int[] powers = new int[Integer.SIZE + BITS_PER_BYTE_LOG];
        powers[0] = X;
        for (int i = 1; i < powers.length; i++) {
            powers[i] = times(powers[i - 1], powers[i - 1]);
        }
        return powers;
    }
}
