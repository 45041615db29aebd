package io.tallymq.amqp.delivery;

import io.tallymq.broker.message.Route;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

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
            exchange = octets(route.exchange());
            routingKey = octets(route.routingKey());
        }

        boolean isOf(Route other) {
            return route.routingKey().equals(other.routingKey())
                    && route.exchange().equals(other.exchange());
        }
    }

    private static final int SLOTS = 64;
    private static final int MOST_OCTETS = 255;

    private final Octets[] slots = new Octets[SLOTS];
    private Octets last;

    /** As many as a client can be told, see {@link #shortened}. */
    private static byte[] octets(String name) {
        byte[] all = name.getBytes(StandardCharsets.UTF_8);
        int end = all.length;
        if (end > MOST_OCTETS) {
            end = MOST_OCTETS;
            while ((all[end] & 0xC0) == 0x80) {
                end--; // no character is cut in two
            }
        }
        return Arrays.copyOf(all, end);
    }

    /** A name, or its beginning: a routing key of dead letters, which is an argument, may be longer than a short string. */
    static String shortened(String name) {
        return name.length() <= MOST_OCTETS / 3 ? name : new String(octets(name), StandardCharsets.UTF_8);
    }

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
