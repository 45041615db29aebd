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

    /** In place of an id: there is something else where it should be. Not compared, but known. */
    @SuppressWarnings("StringOperationCanBeSimplified") // another object than any id
    public static final String NONE_TO_USE = new String("\uFFFD");

    private IdText() {}

    /**
     * That of a message.
     *
     * @return null if it has none, or an empty one; {@link #NONE_TO_USE}
     */
    public static String of(byte[] record, int at, IdSettings by) {
        int from = MessageRecord.propertiesOffset(record, at);
        int length = MessageRecord.propertiesLength(record, at);
        if (by.header() == null) {
            return checked(MessageProperties.text(record, from, length, Property.MESSAGE_ID));
        }
        Object value = MessageHeaders.decode(record, from, length).get(by.header());
        return value == null
                ? null
                : value instanceof String s ? checked(s) : value instanceof Long n ? Long.toString(n) : NONE_TO_USE;
    }

    private static String checked(String id) {
        if (id == null || id.isEmpty()) {
            return null;
        }
        return isId(id) ? id : NONE_TO_USE;
    }

    /** Whether there may be such an id. What is no UTF-8 reads as U+FFFD: two of these are not told apart, so there are none. */
    public static boolean isId(String id) {
        return !id.isEmpty()
                && id.indexOf('\uFFFD') < 0
                && (id.length() <= MOST_BYTES / 3 || id.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES);
    }
}
