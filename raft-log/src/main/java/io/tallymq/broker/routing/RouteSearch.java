package io.tallymq.broker.routing;

import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * One search for the queues that a message reaches: follows bindings from exchange to exchange, each exchange once, and
 * collects each queue once. The work is bounded by the bindings of the exchanges it reaches. Used again for every search.
 */
final class RouteSearch {
    static final RoutingTarget[] NO_TARGETS = {};
    private static final Comparator<RoutingTarget> BY_NUMBER = Comparator.comparingLong(RoutingTarget::number);

    private final ArrayDeque<Exchange> pending = new ArrayDeque<>();
    private final List<RoutingTarget> queues = new ArrayList<>();
    private long search;
    private boolean needsHeaders;
    private byte[] properties;
    private int propertiesOffset;
    private int propertiesLength;
    private Map<String, Object> headers;

    /** Searches as far as the routing key alone leads. {@link #needsHeaders} tells when that is not enough. */
    RoutingTarget[] byKey(Exchange from, String routingKey) {
        properties = null;
        return run(from, routingKey);
    }

    /** Searches with the message's properties at hand: {@code length} bytes in the layout of the content header (4.2.6.1). */
    RoutingTarget[] byMessage(Exchange from, String routingKey, byte[] bytes, int offset, int length) {
        properties = bytes;
        propertiesOffset = offset;
        propertiesLength = length;
        return run(from, routingKey);
    }

    private RoutingTarget[] run(Exchange from, String routingKey) {
        search++;
        needsHeaders = false;
        headers = null;
        queues.clear();
        enqueue(from);
        while (!pending.isEmpty()) {
            pending.poll().match(routingKey, this);
        }
        properties = null;
        headers = null;
        return sorted();
    }

    /** Whether the last search met a headers exchange and had no message to ask. Its result is then not complete. */
    boolean needsHeaders() {
        return needsHeaders;
    }

    /** The message's headers, decoded once per search; null when there is no message. For {@link HeadersTable}. */
    Map<String, Object> headers() {
        if (properties == null) {
            needsHeaders = true;
            return null;
        }
        if (headers == null) {
            headers = MessageHeaders.decode(properties, propertiesOffset, propertiesLength);
        }
        return headers;
    }

    /** Called by the tables for every binding that matches. */
    void follow(Binding b) {
        if (b.dead) {
            return;
        }
        if (b.toQueue()) {
            queues.add(b.queue());
        } else {
            enqueue(b.exchange());
        }
    }

    private void enqueue(Exchange x) {
        if (x.visit(search)) {
            pending.add(x);
        }
    }

    private RoutingTarget[] sorted() {
        if (queues.isEmpty()) {
            return NO_TARGETS;
        }
        if (queues.size() > 1) {
            queues.sort(BY_NUMBER);
            int kept = 1;
            for (int i = 1; i < queues.size(); i++) {
                if (queues.get(i).number() != queues.get(kept - 1).number()) {
                    queues.set(kept++, queues.get(i));
                }
            }
            queues.subList(kept, queues.size()).clear();
        }
        return queues.toArray(NO_TARGETS);
    }
}
