package io.tallymq.broker;

import java.util.Map;
import java.util.TreeMap;

/**
 * The arguments of queue.declare: which ones are understood, and which redeclares say the same.
 *
 * <p>There is one kind of queue here, replicated and durable like RabbitMQ's quorum queues and with all flags of its classic
 * ones; both names are accepted and mean the same as no name. Accepted and without meaning, because there is nothing to
 * choose: {@code x-queue-mode} and {@code x-queue-version} (everything is on disk), {@code x-queue-leader-locator}, {@code
 * x-queue-master-locator}, {@code x-quorum-initial-group-size}, {@code x-quorum-target-group-size} and {@code
 * x-member-placement-tag} (every node has every queue), {@code x-max-in-memory-length} and {@code x-max-in-memory-bytes}
 * (memory does not grow with the queue), and all arguments no broker knows.
 */
final class QueueArguments {
    private static final String TYPE = "x-queue-type";

    /** Arguments that would change what the queue does, and what they are for. */
    private static final Map<String, String> NOT_BUILT = notBuilt();
    /** Values that ask for what happens anyway. */
    private static final Map<String, Object> AS_WITHOUT = new TreeMap<>(Map.of(
            "x-single-active-consumer",
            false,
            "x-message-deduplication",
            false,
            "x-delivery-limit",
            -1L,
            "x-delayed-retry-type",
            "disabled"));

    private QueueArguments() {}

    private static Map<String, String> notBuilt() {
        Map<String, String> m = new TreeMap<>();
        m.put("x-message-ttl", "expiry of messages");
        m.put("x-expires", "expiry of unused queues");
        m.put("x-max-length", "a length limit");
        m.put("x-max-length-bytes", "a length limit");
        m.put("x-overflow", "a length limit");
        m.put("x-dead-letter-exchange", "dead lettering");
        m.put("x-dead-letter-routing-key", "dead lettering");
        m.put("x-dead-letter-strategy", "dead lettering");
        m.put("x-delivery-limit", "a limit of redeliveries");
        m.put("x-delayed-retry-type", "redelivery after a delay");
        m.put("x-delayed-retry-min", "redelivery after a delay");
        m.put("x-delayed-retry-max", "redelivery after a delay");
        m.put("x-max-priority", "message priorities");
        m.put("x-single-active-consumer", "one active consumer at a time");
        m.put("x-consumer-timeout", "a time limit for acks");
        m.put("x-consumer-disconnected-timeout", "a time limit for lost consumers");
        m.put("x-max-age", "retention of streams");
        m.put("x-stream-max-segment-size-bytes", "retention of streams");
        m.put("x-stream-filter-size-bytes", "stream filters");
        m.put("x-initial-cluster-size", "placement of streams");
        m.put("x-name-prefix", "a choice of how server-made names begin");
        m.put("x-message-deduplication", "dropping messages that were seen before");
        m.put("x-deduplication-header", "dropping messages that were seen before");
        m.put("x-cache-size", "dropping messages that were seen before");
        m.put("x-cache-ttl", "dropping messages that were seen before");
        m.put("x-cache-persistence", "dropping messages that were seen before");
        return m;
    }

    /** A queue as error texts name it. */
    static String resource(String vhost, String queue) {
        return "queue '" + queue + "' in vhost '" + vhost + "'";
    }

    /** Why a queue can not be declared like this, or null when it can. */
    static Reply.Rejected check(QueueSpec spec, String queue, String vhost) {
        String resource = resource(vhost, queue);
        for (Map.Entry<String, Object> e : spec.arguments().values().entrySet()) {
            Reply.Rejected r = e.getKey().equals(TYPE)
                    ? typeRefusal(e.getValue(), resource)
                    : refusal(e.getKey(), e.getValue(), resource);
            if (r != null) {
                return r;
            }
        }
        return null;
    }

    private static Reply.Rejected typeRefusal(Object type, String resource) {
        if ("classic".equals(type) || "quorum".equals(type)) {
            return null;
        }
        if ("stream".equals(type)) {
            return Reply.notImplemented(
                    "argument '" + TYPE + "' of " + resource + ": streams are not built yet: use classic or quorum");
        }
        String problem = type instanceof String
                ? "unknown queue type '" + type + "'"
                : "longstr expected, " + ArgumentText.type(type) + " received";
        return Reply.precondition(
                Reply.Reason.INVALID_ARGUMENT,
                "invalid arg '" + TYPE + "' for " + resource + ": " + problem + "; use classic or quorum");
    }

    private static Reply.Rejected refusal(String name, Object value, String resource) {
        String purpose = NOT_BUILT.get(name);
        if (purpose == null || (value != null && value.equals(AS_WITHOUT.get(name)))) {
            return null;
        }
        return Reply.notImplemented("argument '" + name + "' of " + resource
                + " is not built yet: there is no support for " + purpose + "; declare the queue without it");
    }

    /**
     * Why a redeclare is not the same as the queue that is there, or null when it is. Compared are the flags and the
     * arguments that {@link #check} knows, not the hints and not the queue type. An exclusive queue is never durable, so
     * its durable flag does not count.
     */
    static Reply.Rejected inequivalent(QueueSpec current, QueueSpec received, String queue, String vhost) {
        String resource = resource(vhost, queue);
        if (current.exclusive() != received.exclusive()) {
            return locked(queue, vhost);
        }
        Reply.Rejected r = ArgumentText.inequivalentField(
                "durable",
                resource,
                current.durable() && !current.exclusive(),
                received.durable() && !received.exclusive());
        if (r == null) {
            r = ArgumentText.inequivalentField("auto_delete", resource, current.autoDelete(), received.autoDelete());
        }
        for (String name : NOT_BUILT.keySet()) {
            if (r == null) {
                r = ArgumentText.inequivalent(name, resource, current.arguments(), received.arguments());
            }
        }
        return r;
    }

    /** 405: the queue is another connection's own, or is not anybody's own while the client asked for that. */
    static Reply.Rejected locked(String queue, String vhost) {
        return Reply.locked("cannot obtain exclusive access to locked " + resource(vhost, queue)
                + ". Another connection owns it, or it was declared with another exclusive flag");
    }
}
