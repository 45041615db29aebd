package io.tallymq.broker.spec;

import io.tallymq.broker.message.Arguments;

/**
 * What every node can tell about a connection. Times in milliseconds since the epoch.
 *
 * @param name {@code peer:port -> host:port}
 * @param clientProperties as the client sent them in connection.start-ok
 */
public record ConnectionInfo(
        String name,
        String vhost,
        String user,
        Endpoint peer,
        Endpoint local,
        Negotiated negotiated,
        Arguments clientProperties) {
    /** One end of the TCP connection. */
    public record Endpoint(String host, int port) {}

    /** What connection.tune-ok settled. Heartbeat in seconds, frame-max in bytes. */
    public record Negotiated(int channelMax, int frameMax, int heartbeat, String mechanism, long connectedAt) {}
}
