package io.tallymq.amqp.receipts;

import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.message.Terms;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/** The headers by which a publish has a name, x-producer-id and x-publish-seq, and those that say on what conditions it is wanted. */
public final class NameHeaders {
    public static final String PRODUCER = "x-producer-id";
    public static final String SEQ = "x-publish-seq";
    static final String EXPECT_LAST = "x-expect-last";
    static final String EPOCH = "x-producer-epoch";
    static final String BELOW = "x-expect-queue-length-below";

    private static final List<String> NAMES = List.of(PRODUCER, SEQ, EXPECT_LAST, BELOW, EPOCH);

    private NameHeaders() {}

    /** Whether one of the names has so many octets. */
    public static boolean isLengthOfOne(int length) {
        return length == PRODUCER.length()
                || length == EXPECT_LAST.length()
                || length == BELOW.length()
                || length == EPOCH.length();
    }

    /** Whether there is one of them. */
    public static boolean areIn(FieldTable headers) {
        return NAMES.stream().anyMatch(headers::has);
    }

    /** What is wrong with them, or null. */
    public static String problem(FieldTable headers) {
        if (headers.has(PRODUCER) != headers.has(SEQ)) {
            return "a publish has a name by both headers, '" + PRODUCER + "' and '" + SEQ + "', or by none";
        }
        if (headers.has(PRODUCER) && !isId(headers.get(PRODUCER))) {
            return "invalid header '" + PRODUCER + "': a string of 1 to " + Terms.MOST_PRODUCER_BYTES
                    + " bytes of UTF-8 expected";
        }
        for (String name : List.of(SEQ, EXPECT_LAST, BELOW, EPOCH)) {
            OptionalLong n = FieldTable.toLong(headers.get(name));
            if (headers.has(name) && (n.isEmpty() || n.getAsLong() < 0 || n.getAsLong() > Terms.MOST_SEQ)) {
                return "invalid header '" + name + "': an integer from 0 to 2^62 expected";
            }
        }
        for (String name : List.of(EXPECT_LAST, EPOCH)) {
            if (headers.has(name) && !headers.has(SEQ)) {
                return "header '" + name + "' is of a producer: it needs '" + PRODUCER + "' and '" + SEQ + "'";
            }
        }
        return null;
    }

    private static boolean isId(Object value) {
        String text = FieldTable.toText(value);
        int bytes = text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
        return bytes > 0 && bytes <= Terms.MOST_PRODUCER_BYTES;
    }

    /** What they say. They have no {@link #problem}. */
    public static Terms of(FieldTable headers) {
        if (!areIn(headers)) {
            return Terms.NONE;
        }
        String producer = headers.has(PRODUCER) ? headers.get(PRODUCER).toString() : "";
        return new Terms(
                        producer, number(headers, SEQ, 0), number(headers, EXPECT_LAST, -1), number(headers, BELOW, -1))
                .of(number(headers, EPOCH, -1));
    }

    private static long number(FieldTable headers, String name, long otherwise) {
        return FieldTable.toLong(headers.get(name)).orElse(otherwise);
    }
}
