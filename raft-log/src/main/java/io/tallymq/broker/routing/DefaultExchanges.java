package io.tallymq.broker.routing;

import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The default exchange of each virtual host: a routing key names a queue. Applying thread only. */
final class DefaultExchanges {
    private final BiFunction<String, String, RoutingTarget> queueLookup;
    /** By virtual host. */
    private final TreeMap<String, ExchangeTraffic> traffic = new TreeMap<>();

    /** @param queueLookup vhost and name to the queue, or null */
    DefaultExchanges(BiFunction<String, String, RoutingTarget> queueLookup) {
        this.queueLookup = queueLookup;
    }

    Resolved resolve(Route route) {
        RoutingTarget queue = queueLookup.apply(route.vhost(), route.routingKey());
        return queue == null ? Resolved.NOWHERE : Resolved.to(new RoutingTarget[] {queue}, 0, 0);
    }

    /**
     * The queues, each once, in the order of their numbers.
     *
     * @param more routing keys beside the route's own
     */
    RoutingTarget[] match(Route route, List<String> more) {
        TreeMap<Long, RoutingTarget> queues = new TreeMap<>();
        add(route.vhost(), route.routingKey(), queues);
        for (String key : more) {
            add(route.vhost(), key, queues);
        }
        return queues.values().toArray(RouteSearch.NO_TARGETS);
    }

    private void add(String vhost, String name, TreeMap<Long, RoutingTarget> queues) {
        RoutingTarget queue = queueLookup.apply(vhost, name);
        if (queue != null) {
            queues.put(queue.number(), queue);
        }
    }

    /** What is counted of publishes to it. */
    ExchangeTraffic traffic(String vhost) {
        return traffic.computeIfAbsent(vhost, v -> new ExchangeTraffic());
    }

    /** Of all that were published to. */
    TreeMap<String, ExchangeTraffic> traffic() {
        return traffic;
    }

    void removeVhost(String vhost) {
        traffic.remove(vhost);
    }
}
