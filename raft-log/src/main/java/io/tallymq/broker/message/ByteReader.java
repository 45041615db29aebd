package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;

/** Reads big-endian values from a slice of an array. Running past the end is a bug or corruption, never input. */
public final class ByteReader {
    private final byte[] bytes;
    private final int end;
    private int at;

    public ByteReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    public ByteReader(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
    }

    public static int uint16(byte[] b, int at) {
        return (b[at] & 0xff) << 8 | (b[at + 1] & 0xff);
    }

    public static int int32(byte[] b, int at) {
        return (b[at] & 0xff) << 24 | (b[at + 1] & 0xff) << 16 | (b[at + 2] & 0xff) << 8 | (b[at + 3] & 0xff);
    }

    public static long int64(byte[] b, int at) {
        return (long) int32(b, at) << 32 | int32(b, at + 4) & 0xffffffffL;
    }

    public byte[] array() {
        return bytes;
    }

    public int position() {
        return at;
    }

    public int remaining() {
        return end - at;
    }

    public boolean hasRemaining() {
        return at < end;
    }

    /** Steps over {@code length} bytes and returns where they began. */
    public int skip(int length) {
        if (length < 0 || length > end - at) {
            throw new IllegalStateException(
                    "record is cut short: " + length + " bytes wanted, " + (end - at) + " there");
        }
        int from = at;
        at += length;
        return from;
    }

    public int uint8() {
        return bytes[skip(1)] & 0xff;
    }

    public boolean bool() {
        return uint8() != 0;
    }

    public int uint16() {
        return uint16(bytes, skip(2));
    }

    public int int32() {
        return int32(bytes, skip(4));
    }

    public long int64() {
        return int64(bytes, skip(8));
    }

    /** An unsigned number in groups of seven bits, lowest first. */
    public long varint() {
        long v = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = uint8();
            v |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return v;
            }
        }
        throw new IllegalStateException("number of more than 64 bits");
    }

    public byte[] bytes() {
        int n = (int) varint();
        int from = skip(n);
        byte[] out = new byte[n];
        System.arraycopy(bytes, from, out, 0, n);
        return out;
    }

    /** All that is left. */
    public byte[] rest() {
        int n = remaining();
        byte[] out = new byte[n];
        System.arraycopy(bytes, skip(n), out, 0, n);
        return out;
    }

    public String string() {
        int n = (int) varint();
        return new String(bytes, skip(n), n, StandardCharsets.UTF_8);
    }
}
