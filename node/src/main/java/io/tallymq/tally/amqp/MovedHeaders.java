package io.tallymq.tally.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The headers of a message that is moved. What says to a cluster how a publish is meant was said of the first publish, or to a broker that knows nothing
 * of it, and the move is another one: by its name the copies of one publish would be one message here, by its conditions it would be refused for ever.
 * It stays under another name.
 */
final class MovedHeaders {
    private static final Map<String, String> RENAMED = Map.ofEntries(
            Map.entry("CC", "x-original-cc"),
            Map.entry("BCC", "x-original-bcc"),
            // as those of a copy
            Map.entry("x-producer-id", "x-produced-by"),
            Map.entry("x-publish-seq", "x-produced-no"),
            Map.entry("x-producer-epoch", "x-produced-epoch"),
            Map.entry("x-expect-last", "x-produced-if"),
            Map.entry("x-expect-queue-length-below", "x-original-expect-queue-length-below"),
            Map.entry("x-min-queues", "x-original-min-queues"),
            Map.entry("x-confirm", "x-original-confirm"),
            Map.entry("x-trace", "x-original-trace"),
            Map.entry("x-report", "x-original-report"),
            Map.entry("x-delay", "x-original-delay"),
            Map.entry("x-deliver-at", "x-original-deliver-at"),
            Map.entry("x-schedule-id", "x-original-schedule-id"));

    private MovedHeaders() {}

    /** The properties with which it is published. */
    static BasicProperties of(BasicProperties given) {
        Map<String, Object> headers = given.getHeaders();
        if (headers == null || headers.keySet().stream().noneMatch(RENAMED::containsKey)) {
            return given;
        }
        Map<String, Object> kept = new LinkedHashMap<>(headers);
        RENAMED.forEach((name, other) -> {
            if (headers.containsKey(name)) {
                kept.put(other, kept.remove(name));
            }
        });
        return given.builder().headers(kept).build();
    }
}
