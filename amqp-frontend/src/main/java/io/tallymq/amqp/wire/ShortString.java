package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A short string (section 4.2.5.3): up to {@value #MAX_BYTES} octets of well-formed UTF-8 with their hash. Stands in
 * for String where a message passes, so that publishing and delivering make no characters out of octets.
 *
 * <p>Immutable and thread-safe; equal by octets. Comparable, so that a hash map full of keys chosen by a peer
 * degrades to a tree and not to a list.
 */
public final class ShortString implements Comparable<ShortString> {
    public static final int MAX_BYTES = 255;
    public static final ShortString EMPTY = new ShortString(new byte[0], 0);

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int hash;

    private ShortString(byte[] bytes, int hash) {
        this.bytes = bytes;
        this.hash = hash;
    }

    /**
     * The octets of a text.
     *
     * @throws IllegalArgumentException if it takes more than {@value #MAX_BYTES} octets
     */
    public static ShortString of(String text) {
        return wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Octets that are known to be UTF-8.
     *
     * @throws IllegalArgumentException if there are more than {@value #MAX_BYTES}, or if they are not UTF-8
     */
    public static ShortString copyOf(byte[] bytes) {
        if (!Utf8.isValid(bytes, 0, bytes.length)) {
            throw new IllegalArgumentException("a short string has to be UTF-8");
        }
        return wrap(bytes.clone());
    }

    private static ShortString wrap(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a short string has at most " + MAX_BYTES + " octets of UTF-8, this has " + bytes.length);
        }
        return wrap(bytes, hash(bytes, bytes.length));
    }

    static ShortString wrap(byte[] bytes, int hash) {
        return bytes.length == 0 ? EMPTY : new ShortString(bytes, hash);
    }

    static int hash(byte[] bytes, int length) {
        long h = length;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            h = (h ^ (long) LONGS.get(bytes, i)) * 0x9E3779B97F4A7C15L;
            h ^= h >>> 29;
        }
        for (; i < length; i++) {
            h = h * 31 + bytes[i];
        }
        h *= 0x9E3779B97F4A7C15L;
        return length == 0 ? 0 : (int) (h >>> 32);
    }

    /** Number of octets, 0 to {@value #MAX_BYTES}. */
    public int length() {
        return bytes.length;
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    public byte[] toByteArray() {
        return bytes.clone();
    }

    /**
     * The octets themselves, not a copy: for hot paths. Whoever takes them must not change them, because this value
     * may be shared by all messages of a connection.
     */
    public byte[] array() {
        return bytes;
    }

    /** Writes the length octet and the octets. */
    public void writeTo(ByteBuf out) {
        out.writeByte(bytes.length);
        out.writeBytes(bytes);
    }

    boolean matches(byte[] other, int length, int otherHash) {
        return hash == otherHash && Arrays.equals(bytes, 0, bytes.length, other, 0, length);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof ShortString that && hash == that.hash && Arrays.equals(bytes, that.bytes));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** By unsigned octets, which is the order of the code points. */
    @Override
    public int compareTo(ShortString other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
