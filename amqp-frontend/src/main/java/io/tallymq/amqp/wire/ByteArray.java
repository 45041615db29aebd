package io.tallymq.amqp.wire;

import java.util.Arrays;
import java.util.HexFormat;

/** A byte array as a table value (type {@code x}). Immutable, thread-safe, equal by content. */
public final class ByteArray {
    private final byte[] bytes;

    private ByteArray(byte[] bytes) {
        this.bytes = bytes;
    }

    public static ByteArray copyOf(byte[] bytes) {
        return new ByteArray(bytes.clone());
    }

    /** Takes the array over: the caller must not change it any more. */
    static ByteArray wrap(byte[] bytes) {
        return new ByteArray(bytes);
    }

    public int length() {
        return bytes.length;
    }

    public byte[] toByteArray() {
        return bytes.clone();
    }

    byte[] array() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByteArray that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
