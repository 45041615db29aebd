package io.tallymq.broker.ids;

import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageProperties.Property;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.settings.IdSettings;
import java.nio.charset.StandardCharsets;

/** The id that a message has: a text, or an integer, which is taken as it is written in decimal. */
public final class IdText {
    /** Octets of an id. */
    public static final int MOST_BYTES = 255;

    /** In place of an id: there is something else where it should be. Known by which array it is. */
    private static final byte[] NONE_TO_USE = {};

    private IdText() {}

    /** As ids are compared and stored: UTF-8. */
    public static byte[] octets(String id) {
        return id.getBytes(StandardCharsets.UTF_8);
    }

    public static String text(byte[] id) {
        return new String(id, StandardCharsets.UTF_8);
    }

    /** Whether there is something else where an id should be. */
    public static boolean isNoneToUse(byte[] id) {
        return id == NONE_TO_USE;
    }

    /**
     * That of a message.
     *
     * @return null if it has none, or an empty one; see {@link #isNoneToUse}
     */
    public static byte[] of(byte[] record, int at, IdSettings by) {
        int from = MessageRecord.propertiesOffset(record, at);
        int length = MessageRecord.propertiesLength(record, at);
        if (by.header() == null) {
            return checked(MessageProperties.octets(record, from, length, Property.MESSAGE_ID));
        }
        Object value = MessageHeaders.decode(record, from, length).get(by.header());
        return value == null
                ? null
                : value instanceof String s
                        ? checked(octets(s))
                        : value instanceof Long n ? octets(Long.toString(n)) : NONE_TO_USE;
    }

    private static byte[] checked(byte[] id) {
        if (id == null || id.length == 0) {
            return null;
        }
        return id.length <= MOST_BYTES && isAscii(id) || isId(text(id)) ? id : NONE_TO_USE;
    }

    private static boolean isAscii(byte[] id) {
        int all = 0;
        for (byte b : id) {
            all |= b;
        }
        return all >= 0;
    }

    /** Whether there may be such an id. What is no UTF-8 reads as U+FFFD: two of these are not told apart, so there are none. */
    public static boolean isId(String id) {
        return !id.isEmpty()
                && id.indexOf('\uFFFD') < 0
                && (id.length() <= MOST_BYTES / 3 || octets(id).length <= MOST_BYTES);
    }
}
