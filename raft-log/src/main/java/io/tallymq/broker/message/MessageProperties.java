package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;

/**
 * One property out of a message's raw properties (4.2.6.1), without taking the others apart. The front end has checked the bytes; of
 * bytes that are cut short nothing is found.
 */
public final class MessageProperties {
    private static final int CONTINUED = 1;

    /** Properties that are short strings, but for {@link #TIMESTAMP}; {@code bit} as in the property flags. */
    public enum Property {
        CORRELATION_ID(10),
        REPLY_TO(9),
        EXPIRATION(8),
        MESSAGE_ID(7),
        TIMESTAMP(6),
        TYPE(5),
        USER_ID(4),
        APP_ID(3);

        private final int bit;

        Property(int bit) {
            this.bit = bit;
        }
    }

    private MessageProperties() {}

    /** The property as text, a timestamp as its seconds; null when the message does not have it. */
    public static String text(byte[] bytes, int offset, int length, Property wanted) {
        int end = offset + length;
        if (length < 2) {
            return null;
        }
        int flags = ByteReader.uint16(bytes, offset);
        if ((flags >> wanted.bit & 1) == 0) {
            return null;
        }
        int at = offset + 2;
        for (int more = flags; (more & CONTINUED) != 0 && at + 2 <= end; at += 2) {
            more = ByteReader.uint16(bytes, at);
        }
        for (int bit = 15; bit > wanted.bit && at < end; bit--) {
            if ((flags >> bit & 1) != 0) {
                at += size(bytes, at, end, bit);
            }
        }
        return read(bytes, at, end, wanted);
    }

    /** Bytes that a property takes. */
    private static int size(byte[] bytes, int at, int end, int bit) {
        return switch (bit) {
            case 13 -> at + 4 <= end ? 4 + Math.max(0, ByteReader.int32(bytes, at)) : end - at; // headers
            case 12, 11 -> 1; // delivery-mode, priority
            case 6 -> 8;
            default -> 1 + (bytes[at] & 0xff);
        };
    }

    private static String read(byte[] bytes, int at, int end, Property p) {
        if (p == Property.TIMESTAMP) {
            return at >= 0 && at + 8 <= end ? Long.toString(ByteReader.int64(bytes, at)) : null;
        }
        if (at < 0 || at >= end) {
            return null;
        }
        int n = bytes[at] & 0xff;
        return at + 1 + n <= end ? new String(bytes, at + 1, n, StandardCharsets.UTF_8) : null;
    }
}
