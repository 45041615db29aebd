package io.tallymq.amqp.session;

import io.tallymq.broker.message.Route;
import java.nio.charset.StandardCharsets;

/**
 * The octets of exchange names and routing keys, so that a delivery makes no octets out of characters. Direct-mapped: bounded
 * whatever keys come. One per connection, event loop only.
 */
final class RouteNames {
    /** The octets of one route. */
    static final class Octets {
        private final Route route;
        final byte[] exchange;
        final byte[] routingKey;

        Octets(Route route) {
            this.route = route;
            exchange = route.exchange().getBytes(StandardCharsets.UTF_8);
            routingKey = route.routingKey().getBytes(StandardCharsets.UTF_8);
        }

        boolean isOf(Route other) {
            return route.routingKey().equals(other.routingKey())
                    && route.exchange().equals(other.exchange());
        }
    }

    private static final int SLOTS = 64;

    private final Octets[] slots = new Octets[SLOTS];
    private Octets last;

    Octets of(Route route) {
        if (last != null && last.isOf(route)) {
            return last;
        }
        int hash = route.routingKey().hashCode() * 31 + route.exchange().hashCode();
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        Octets known = slots[slot];
        if (known == null || !known.isOf(route)) {
            known = new Octets(route);
            slots[slot] = known;
        }
        last = known;
        return known;
    }
}
