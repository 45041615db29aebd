package io.tallymq.amqp.socket;

import java.net.InetSocketAddress;

/** The two ends of a client's connection, as far as they are known: a proxy may stand between. */
public record Endpoints(InetSocketAddress client, InetSocketAddress server) {
    /** {@code client:port -> server:port}: how a connection is called. */
    public String text() {
        return text(client) + " -> " + text(server);
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
