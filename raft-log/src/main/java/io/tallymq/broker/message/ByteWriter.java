package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Appends big-endian values to an array that grows. Not for several threads. */
public final class ByteWriter {
    private byte[] bytes;
    private int size;

    public ByteWriter() {
        this(256);
    }

    public ByteWriter(int capacity) {
        bytes = new byte[capacity];
    }

    public int size() {
        return size;
    }

    public byte[] array() {
        return bytes;
    }

    public void clear() {
        size = 0;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /** Makes room for {@code length} bytes and returns where they begin. */
    public int reserve(int length) {
        if (bytes.length - size < length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + length, size + (size >> 1) + 16));
        }
        int from = size;
        size += length;
        return from;
    }

    public ByteWriter uint8(int v) {
        int at = reserve(1);
        bytes[at] = (byte) v;
        return this;
    }

    public ByteWriter bool(boolean v) {
        return uint8(v ? 1 : 0);
    }

    public ByteWriter uint16(int v) {
        int at = reserve(2);
        bytes[at] = (byte) (v >> 8);
        bytes[at + 1] = (byte) v;
        return this;
    }

    public ByteWriter int32(int v) {
        setInt32(reserve(4), v);
        return this;
    }

    public ByteWriter int64(long v) {
        setInt64(reserve(8), v);
        return this;
    }

    public void setInt32(int at, int v) {
        bytes[at] = (byte) (v >> 24);
        bytes[at + 1] = (byte) (v >> 16);
        bytes[at + 2] = (byte) (v >> 8);
        bytes[at + 3] = (byte) v;
    }

    public void setInt64(int at, long v) {
        setInt32(at, (int) (v >> 32));
        setInt32(at + 4, (int) v);
    }

    /** An unsigned number in groups of seven bits, lowest first. */
    public ByteWriter varint(long v) {
        long rest = v;
        while ((rest & ~0x7fL) != 0) {
            uint8((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        return uint8((int) rest);
    }

    /** How many bytes {@link #varint} takes for it. */
    public static int varintLength(long v) {
        return (Long.SIZE - Long.numberOfLeadingZeros(v | 1) + 6) / 7;
    }

    public ByteWriter raw(byte[] b, int offset, int length) {
        int at = reserve(length);
        System.arraycopy(b, offset, bytes, at, length);
        return this;
    }

    public ByteWriter bytes(byte[] b) {
        return varint(b.length).raw(b, 0, b.length);
    }

    public ByteWriter string(String s) {
        return bytes(s.getBytes(StandardCharsets.UTF_8));
    }
}
