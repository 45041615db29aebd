package io.tallymq.amqp.receipts;

import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.ids.IdText;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * The headers by which a publish to amq.receipt says which other publish it is about, by its id: x-publish-exchange and x-publish-id. Of a message
 * itself they mean nothing: that has its id where a policy says.
 */
public final class IdHeaders {
    public static final String EXCHANGE = "x-publish-exchange";
    public static final String ID = "x-publish-id";

    /** Octets of an exchange's name. */
    private static final int MOST_BYTES = 255;

    private IdHeaders() {}

    /** Whether there is one of them. */
    public static boolean areIn(FieldTable headers) {
        return headers.has(EXCHANGE) || headers.has(ID);
    }

    /** What is wrong with them, or null. */
    public static String problem(FieldTable headers) {
        String exchange = exchange(headers);
        if (exchange.isEmpty() || exchange.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
            return "invalid header '" + EXCHANGE + "': the name of an exchange that remembers ids, a string of 1 to "
                    + MOST_BYTES + " bytes, expected";
        }
        return IdText.isId(id(headers))
                ? null
                : "invalid header '" + ID + "': a string of 1 to " + IdText.MOST_BYTES
                        + " bytes or an integer expected";
    }

    /** Empty if it is none. */
    public static String exchange(FieldTable headers) {
        return text(headers.get(EXCHANGE));
    }

    /** An integer is the same as its digits, as of messages; empty if it is none. */
    public static String id(FieldTable headers) {
        Object value = headers.get(ID);
        OptionalLong number = FieldTable.toLong(value);
        return number.isPresent() ? Long.toString(number.getAsLong()) : text(value);
    }

    private static String text(Object value) {
        String text = FieldTable.toText(value);
        return text == null ? "" : text;
    }
}
