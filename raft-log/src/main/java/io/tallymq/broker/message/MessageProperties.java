package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * One property out of a message's raw properties (4.2.6.1), without taking the others apart. The front end has checked the bytes; of
 * bytes that are cut short nothing is found.
 */
public final class MessageProperties {
    private static final int CONTINUED = 1;
    /** Bits of the flags that are properties. */
    private static final int PROPERTIES = 0xfffc;

    private static final int HEADERS = 13;
    private static final int PRIORITY = 11;

    /** Properties that are short strings, but for {@link #TIMESTAMP}; {@code bit} as in the property flags. */
    public enum Property {
        CONTENT_TYPE(15),
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

    /** The property priority, 0 to 255; -1 when the message does not have it. */
    public static int priority(byte[] bytes, int offset, int length) {
        if (length < 2 || (ByteReader.uint16(bytes, offset) >> PRIORITY & 1) == 0) {
            return -1;
        }
        int at = find(bytes, offset, offset + length, PRIORITY);
        return at >= 0 && at < offset + length ? bytes[at] & 0xff : -1;
    }

    /** Where the table of the headers begins, with its length; -1 when there is none. */
    static int headers(byte[] bytes, int offset, int length) {
        if (length < 2 || (ByteReader.uint16(bytes, offset) >> HEADERS & 1) == 0) {
            return -1;
        }
        int at = find(bytes, offset, offset + length, HEADERS);
        return at >= 0 && at <= offset + length - Integer.BYTES ? at : -1;
    }

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
        return read(bytes, find(bytes, offset, end, wanted.bit), end, wanted);
    }

    /** Milliseconds of an expiration: ten years, as RabbitMQ. */
    public static final long MOST_EXPIRATION = 315_360_000_000L;

    /** The octets of a short string among the properties; null if it is not there, or cut short. */
    public static byte[] octets(byte[] bytes, int offset, int length, Property wanted) {
        if (length < 2 || (ByteReader.uint16(bytes, offset) >> wanted.bit & 1) == 0) {
            return null;
        }
        int end = offset + length;
        int at = find(bytes, offset, end, wanted.bit);
        int to = at < 0 || at >= end ? end + 1 : at + 1 + (bytes[at] & 0xff);
        return to <= end ? Arrays.copyOfRange(bytes, at + 1, to) : null;
    }

    /** Where the property begins that the flags have; not below {@code end}, or negative, if the bytes are cut short. */
    private static int find(byte[] bytes, int offset, int end, int wanted) {
        int flags = ByteReader.uint16(bytes, offset);
        int at = offset + 2;
        for (int more = flags; (more & CONTINUED) != 0 && at + 2 <= end; at += 2) {
            more = ByteReader.uint16(bytes, at);
        }
        for (int bit = 15; bit > wanted && at >= 0 && at < end; bit--) {
            if ((flags >> bit & 1) != 0) {
                at += size(bytes, at, end, bit);
            }
        }
        return at;
    }

    /**
     * The same properties with other headers.
     *
     * @param expires whether expiration stays
     * @param without names of headers that are left out
     * @param fields headers that are added
     */
    static byte[] with(
            byte[] bytes, int offset, int length, boolean expires, Predicate<String> without, ByteWriter fields) {
        int end = offset + length;
        int flags = length < 2 ? 0 : ByteReader.uint16(bytes, offset);
        int at = offset + 2;
        for (int more = flags; (more & CONTINUED) != 0 && at + 2 <= end; at += 2) {
            more = ByteReader.uint16(bytes, at);
        }
        ByteWriter w = new ByteWriter(length + fields.size() + 8);
        int gone = expires ? 0 : 1 << Property.EXPIRATION.bit;
        w.uint16(flags & PROPERTIES & ~gone | 1 << HEADERS);
        for (int bit = 15; bit > 1; bit--) {
            boolean has = (flags >> bit & 1) != 0 && at < end;
            int size = has ? Math.min(size(bytes, at, end, bit), end - at) : 0;
            if (bit == HEADERS) {
                int table = w.reserve(4);
                if (size > 4) {
                    HeaderFields.copy(bytes, at + 4, at + size, without, w);
                }
                w.raw(fields.array(), 0, fields.size());
                w.setInt32(table, w.size() - table - 4);
            } else if ((gone >> bit & 1) == 0) {
                w.raw(bytes, at, size);
            }
            at += size;
        }
        return w.toBytes();
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
