package io.tallymq.node.config;

import io.tallymq.node.config.value.ValueTypes;
import java.time.Duration;
import java.util.List;

/** Serving the HTTP API. */
final class HttpKeys {
    static final Key<Boolean> ENABLED =
            new Key<>("http.enabled", ValueTypes.bool(), "true", "false", "Whether this node serves the HTTP API.");
    static final Key<String> HOST =
            new Key<>("http.host", ValueTypes.host(), "0.0.0.0", "127.0.0.1", "Where the HTTP API is listened for.");
    static final Key<Integer> PORT = new Key<>(
            "http.port",
            ValueTypes.integer("TCP port, or -1 for none", -1, 65_535),
            "15672",
            "15672",
            "Port of the HTTP API; 0 lets the system choose one, -1 is for TLS only (tls.http-port).");
    static final Key<Boolean> OPEN_HEALTH_CHECKS = new Key<>(
            "http.open-health-checks",
            ValueTypes.bool(),
            "true",
            "false",
            "Whether alive, ready-to-serve-clients and is-in-service answer without a login, for supervisors.");
    static final Key<Integer> MAX_CONNECTIONS = new Key<>(
            "http.max-connections",
            ValueTypes.integer("connections", 1, 100_000),
            "256",
            "64",
            "HTTP connections at one time, if the limit of file descriptors leaves room for them; more get 503.");
    static final Key<Integer> NEWCOMERS = new Key<>(
            "http.newcomers-per-address",
            ValueTypes.integer("connections", 1, 100_000),
            "128",
            "32",
            "Connections of an address that have shown no login, at most half of those that fit; more get 503.");
    static final Key<Integer> MAX_SESSIONS = new Key<>(
            "http.max-sessions",
            ValueTypes.integer("sessions", 1, 100_000),
            "1000",
            "100",
            "Logins to the page that this node keeps at one time, 20 of one user; more get 503.");
    static final Key<Duration> SESSION_TIME = new Key<>(
            "http.session-time",
            ValueTypes.duration(Duration.ofMinutes(1), Duration.ofDays(30)),
            "8h",
            "1h",
            "How long a login to the page is good for.");
    static final Key<Duration> SESSION_IDLE_TIME = new Key<>(
            "http.session-idle-time",
            ValueTypes.duration(Duration.ofMinutes(1), Duration.ofDays(30)),
            "30m",
            "10m",
            "How long it is good for while no page asks with it; one that is open asks all the time.");
    static final Key<Boolean> PROXY = new Key<>(
            "http.proxy",
            ValueTypes.bool(),
            "false",
            "true",
            "Whether HTTP connections from proxy.from begin with a PROXY header, as amqp.proxy says of AMQP's.");

    static final Key<List<String>> ORIGINS = new Key<>(
            "http.origins",
            ValueTypes.origins(),
            "",
            "https://mq.example",
            "Under which origins a reverse proxy shows the page, if it puts in another Host than browsers ask for.");

    /** In the order in which people should read them. */
    static final List<Key<?>> ALL = List.of(
            ENABLED,
            HOST,
            PORT,
            OPEN_HEALTH_CHECKS,
            MAX_CONNECTIONS,
            NEWCOMERS,
            MAX_SESSIONS,
            SESSION_TIME,
            SESSION_IDLE_TIME,
            PROXY,
            ORIGINS);

    private HttpKeys() {}
}
