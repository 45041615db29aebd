package io.tallymq.broker.message;

/**
 * Where a message is sent. One value serves all messages of a batch that share it. Its order helps those who look routes up: clients choose the names, and
 * may choose some whose hashes are the same.
 */
public record Route(String vhost, String exchange, String routingKey) implements Comparable<Route> {
    @Override
    public int compareTo(Route o) {
        int c = routingKey.compareTo(o.routingKey);
        if (c == 0) {
            c = exchange.compareTo(o.exchange);
        }
        return c == 0 ? vhost.compareTo(o.vhost) : c;
    }
}
