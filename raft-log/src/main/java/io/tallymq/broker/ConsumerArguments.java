package io.tallymq.broker;

import java.util.Map;
import java.util.TreeMap;

/**
 * The arguments of basic.consume: which ones are understood. Accepted and without meaning: {@code x-cancel-on-ha-failover}
 * (a change of leader is invisible to consumers, so there is nothing to cancel for), {@code x-priority} 0 (what every
 * consumer has), and all arguments no broker knows.
 */
final class ConsumerArguments {
    private static final String PRIORITY = "x-priority";
    private static final String STREAM_PREFIX = "x-stream-";

    /** Arguments that would change what the consumer gets, and what they are for. */
    private static final Map<String, String> NOT_BUILT = new TreeMap<>(Map.of(
            PRIORITY,
            "consumer priorities",
            "x-consumer-timeout",
            "a time limit for acks",
            "x-filter",
            "stream filters",
            "x-filter-match-type",
            "stream filters"));

    private ConsumerArguments() {}

    /** Why a consumer can not have these arguments, or null when it can. */
    static Reply.Rejected check(Arguments arguments, String queue, String vhost) {
        for (Map.Entry<String, Object> e : arguments.values().entrySet()) {
            Reply.Rejected r = refusal(e.getKey(), e.getValue(), QueueArguments.resource(vhost, queue));
            if (r != null) {
                return r;
            }
        }
        return null;
    }

    private static Reply.Rejected refusal(String name, Object value, String resource) {
        if (name.equals(PRIORITY) && !(value instanceof Long)) {
            return Reply.precondition(
                    Reply.Reason.INVALID_ARGUMENT,
                    "invalid arg '" + PRIORITY + "' for a consumer of " + resource + ": integer expected, "
                            + ArgumentText.type(value) + " received");
        }
        if (name.equals(PRIORITY) && value.equals(0L)) {
            return null;
        }
        String purpose = name.startsWith(STREAM_PREFIX) ? "streams" : NOT_BUILT.get(name);
        return purpose == null
                ? null
                : Reply.notImplemented("argument '" + name + "' for a consumer of " + resource
                        + " is not built yet: there is no support for " + purpose + "; consume without it");
    }
}
