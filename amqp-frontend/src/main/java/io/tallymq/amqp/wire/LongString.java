package io.tallymq.amqp.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A long string (section 4.2.1): octets that may or may not be text. Used where the octets matter (SASL responses,
 * table values that are not UTF-8). Immutable, thread-safe.
 */
public final class LongString {
    public static final LongString EMPTY = new LongString(new byte[0]);

    private final byte[] bytes;

    private LongString(byte[] bytes) {
        this.bytes = bytes;
    }

    public static LongString of(String text) {
        return new LongString(text.getBytes(StandardCharsets.UTF_8));
    }

    public static LongString copyOf(byte[] bytes) {
        return new LongString(bytes.clone());
    }

    /** Takes the array over: the caller must not change it any more. */
    static LongString wrap(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new LongString(bytes);
    }

    public int length() {
        return bytes.length;
    }

    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** Whether the octets are UTF-8, so that {@link #toString} tells two of them apart. */
    public boolean isText() {
        return Utf8.isValid(bytes, 0, bytes.length);
    }

    byte[] array() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LongString that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The octets read as UTF-8; what is not UTF-8 becomes the replacement character. */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
