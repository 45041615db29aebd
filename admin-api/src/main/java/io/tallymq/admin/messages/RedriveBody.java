package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.broker.view.LaneEnds;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which messages somebody wants moved, and where to.
 *
 * @param to name of a queue; empty: each goes back to the one where it died last
 * @param count so many are moved, or refused, at most
 * @param from the number of the first message that is looked at
 * @param until the number of the last one, or of the last one of each of several lanes; none: where the queue ends when it begins
 * @param reason empty for none
 */
record RedriveBody(String to, int count, long from, long[] until, MessageMatch match, String reason) {
    /** Messages of one request. */
    static final int MOST = 100_000;

    private static final int USUAL = 1_000;
    private static final int MOST_LANES = 256;
    private static final int MOST_REASON = 1_000;
    private static final Set<String> NAMES = Set.of("to", "count", "from", "until", "filter", "reason");

    /**
     * Takes it out of a request.
     *
     * @param reason if the body has none; null for none
     * @throws RefusedException 400 for what makes no sense
     */
    static RedriveBody of(RequestFields fields, String reason, long now) {
        fields.body().fieldNames().forEachRemaining(RedriveBody::requireKnown);
        Long count = fields.integer("count");
        if (count != null && count > MOST) {
            throw RequestFields.expected("count", "an integer from 0 to " + MOST);
        }
        String to = fields.shortText("to", "");
        String why = fields.text("reason", reason == null ? "" : reason);
        if (why.getBytes(StandardCharsets.UTF_8).length > MOST_REASON) {
            throw RequestFields.expected("reason", "a string of up to " + MOST_REASON + " bytes");
        }
        return new RedriveBody(
                to,
                count == null ? USUAL : count.intValue(),
                number(fields, "from", 0),
                until(fields),
                match(fields, now),
                why);
    }

    /** Who misspells a condition must not have everything moved. */
    private static void requireKnown(String name) {
        if (!NAMES.contains(name)) {
            throw RefusedException.badRequest(
                    "there is no '" + name + "': a redrive has to, count, from, until, filter and reason");
        }
    }

    private static long number(RequestFields fields, String name, long usual) {
        String text = fields.text(name, null);
        return text == null ? usual : PeekQuery.number(name, text);
    }

    private static long[] until(RequestFields fields) {
        String text = fields.text("until", "");
        String[] numbers = text.isEmpty() ? new String[0] : text.split(",", MOST_LANES + 1);
        long[] until = new long[numbers.length];
        for (int i = 0; i < until.length; i++) {
            until[i] = PeekQuery.number("until", numbers[i]);
            if (i > 0 && until[i] >>> LaneEnds.BITS <= until[i - 1] >>> LaneEnds.BITS) {
                throw RequestFields.expected("until", "the number of a message, or what an answer had there,");
            }
        }
        return until;
    }

    /** What is meant of a queue that ends there. */
    LaneEnds within(LaneEnds ends) {
        return switch (until.length) {
            case 0 -> ends;
            case 1 -> ends.until(until[0]);
            default -> ends.until(new LaneEnds(until));
        };
    }

    private static MessageMatch match(RequestFields fields, long now) {
        JsonNode filter = fields.body().path("filter");
        if (fields.has("filter") && !filter.isObject()) {
            throw RequestFields.expected("filter", "an object");
        }
        Map<String, String> wanted = new TreeMap<>();
        filter.fields().forEachRemaining(e -> {
            if (!e.getValue().isValueNode() || e.getValue().isNull()) {
                throw RequestFields.expected("filter." + e.getKey(), "a string, number or boolean");
            }
            wanted.put(e.getKey(), e.getValue().asText());
        });
        return MessageMatch.of(wanted, now);
    }
}
