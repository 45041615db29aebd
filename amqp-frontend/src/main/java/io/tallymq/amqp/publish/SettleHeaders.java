package io.tallymq.amqp.publish;

import io.tallymq.amqp.channel.DeliveryHeaders;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.broker.message.HeaderOverlay;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a message to amq.settle says of headers that its delivery gets: x-reason, and x-set-NAME for a header NAME. */
final class SettleHeaders {
    static final String REASON = HeaderOverlay.REASON;
    static final String SET = "x-set-";
    /** What the broker tells of messages, or acts by: nobody else sets it. */
    private static final Set<String> BROKERS = Set.of(
            REASON,
            "x-death",
            DeliveryHeaders.DELIVERY_COUNT,
            DeliveryHeaders.ACQUIRED_COUNT,
            DeliveryHeaders.STREAM_OFFSET,
            "CC",
            "BCC",
            "x-min-queues",
            LaterHeaders.DELAY,
            LaterHeaders.DELIVER_AT,
            LaterHeaders.SCHEDULE_ID);

    private static final List<String> BROKERS_BEGIN = List.of("x-first-death-", "x-last-death-");

    /** The header that is wrong, and why. */
    record Problem(String header, String text) {}

    private SettleHeaders() {}

    /** Whether any are set. */
    static boolean areIn(FieldTable headers) {
        return headers.has(REASON) || headers.fields().keySet().stream().anyMatch(name -> name.startsWith(SET));
    }

    /** What is wrong with them; null when nothing is. */
    static Problem problem(FieldTable headers) {
        Object reason = headers.get(REASON);
        if (headers.has(REASON) && !isText(reason, HeaderOverlay.MOST_REASON_BYTES)) {
            return new Problem(REASON, "a string of up to " + HeaderOverlay.MOST_REASON_BYTES + " bytes expected");
        }
        boolean sets = headers.fields().keySet().stream().anyMatch(name -> name.startsWith(SET));
        if (sets && headers.hasOddNames()) {
            return new Problem(SET + "*", "names in UTF-8 expected");
        }
        for (String name : headers.fields().keySet()) {
            if (name.startsWith(SET) && name.length() == SET.length()) {
                return new Problem(name, "a name behind it expected");
            }
            if (name.startsWith(SET) && isBrokers(name.substring(SET.length()))) {
                return new Problem(name, "that header is the broker's");
            }
        }
        String excess = of(headers).excess();
        return excess == null ? null : new Problem(SET + "*", excess);
    }

    private static boolean isBrokers(String name) {
        return BROKERS.contains(name) || BROKERS_BEGIN.stream().anyMatch(name::startsWith);
    }

    /** Whether it is a string of so many bytes at most. */
    static boolean isText(Object value, int mostBytes) {
        return (value instanceof String || value instanceof LongString)
                && value.toString().getBytes(StandardCharsets.UTF_8).length <= mostBytes;
    }

    /** They have no {@link #problem}. */
    static HeaderOverlay of(FieldTable headers) {
        Map<String, Object> set = new LinkedHashMap<>();
        for (Map.Entry<String, Object> e : headers.fields().entrySet()) {
            if (e.getKey().equals(REASON)) {
                set.put(REASON, e.getValue());
            } else if (e.getKey().startsWith(SET)) {
                set.put(e.getKey().substring(SET.length()), e.getValue());
            }
        }
        return new HeaderOverlay(FieldTable.of(set).toByteArray());
    }
}
