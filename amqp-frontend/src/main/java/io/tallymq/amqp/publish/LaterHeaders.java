package io.tallymq.amqp.publish;

import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FieldValue;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.broker.message.Extension.Later;
import io.tallymq.broker.message.LaterMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/**
 * The headers that hold a message back: x-delay, milliseconds from its publish on, as number or text, of which zero and negative ones mean
 * nothing; x-deliver-at, a timestamp, or milliseconds since the epoch as number or text; and x-schedule-id,
 * without one of them for a message that takes the place of one that waits.
 */
final class LaterHeaders {
    static final String DELAY = LaterMessage.DELAY;
    static final String DELIVER_AT = "x-deliver-at";
    static final String SCHEDULE_ID = "x-schedule-id";
    /** Ten years. */
    static final long MOST_DELAY = 3_653L * 86_400_000;
    /** The end of the year 9999. */
    static final long LATEST = 253_402_300_799_999L;

    private static final int MOST_ID_BYTES = 255;
    private static final List<String> NAMES = List.of(DELAY, DELIVER_AT, SCHEDULE_ID);

    private LaterHeaders() {}

    /** Whether one of the names has so many octets. */
    static boolean isLengthOfOne(int length) {
        return NAMES.stream().anyMatch(name -> name.length() == length);
    }

    /** What is wrong with them, or null. */
    static String problem(FieldTable headers) {
        if (headers.has(DELAY) && headers.has(DELIVER_AT)) {
            return "give one of the headers '" + DELAY + "' and '" + DELIVER_AT + "', not both";
        }
        OptionalLong delay = millis(headers.get(DELAY));
        if (headers.has(DELAY) && (delay.isEmpty() || delay.getAsLong() > MOST_DELAY)) {
            return "invalid header '" + DELAY + "': milliseconds up to " + MOST_DELAY + " expected";
        }
        OptionalLong at = millis(headers.get(DELIVER_AT));
        if (headers.has(DELIVER_AT) && (at.isEmpty() || at.getAsLong() < 0 || at.getAsLong() > LATEST)) {
            return "invalid header '" + DELIVER_AT + "': a timestamp or milliseconds since 1970, up to " + LATEST
                    + ", expected";
        }
        String id = FieldTable.toText(headers.get(SCHEDULE_ID));
        if (headers.has(SCHEDULE_ID) && (id == null || id.getBytes(StandardCharsets.UTF_8).length > MOST_ID_BYTES)) {
            return "invalid header '" + SCHEDULE_ID + "': a string of up to " + MOST_ID_BYTES
                    + " bytes of UTF-8 expected";
        }
        return null;
    }

    /** What they say, null for nothing. They have no {@link #problem}. */
    static Later of(FieldTable headers) {
        OptionalLong delay = millis(headers.get(DELAY));
        String id = headers.has(SCHEDULE_ID) ? headers.get(SCHEDULE_ID).toString() : "";
        if (headers.has(DELIVER_AT)) {
            return new Later(-1, millis(headers.get(DELIVER_AT)).getAsLong(), id);
        }
        if (delay.isPresent() && delay.getAsLong() > 0) {
            return new Later(delay.getAsLong(), 0, id);
        }
        return id.isEmpty() ? null : new Later(-1, 0, id); // it takes the place of the one that waits, now
    }

    /** A time as number, text or timestamp; empty if it is none. */
    static OptionalLong millis(Object value) {
        if (value instanceof FieldValue.Timestamp time) {
            boolean fits = time.seconds() >= 0 && time.seconds() <= LATEST / 1000;
            return fits ? OptionalLong.of(time.seconds() * 1000) : OptionalLong.empty();
        }
        if (value instanceof String || value instanceof LongString) {
            try {
                return OptionalLong.of(Long.parseLong(value.toString().trim()));
            } catch (NumberFormatException e) {
                return OptionalLong.empty();
            }
        }
        return FieldTable.toLong(value);
    }
}
