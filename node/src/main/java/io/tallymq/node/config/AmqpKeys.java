package io.tallymq.node.config;

import io.tallymq.node.config.value.ValueTypes;
import java.time.Duration;
import java.util.List;

/** Serving AMQP clients. */
final class AmqpKeys {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;

    static final Key<String> HOST =
            new Key<>("amqp.host", ValueTypes.host(), "0.0.0.0", "127.0.0.1", "Where AMQP clients are listened for.");
    static final Key<Integer> PORT = new Key<>(
            "amqp.port",
            ValueTypes.integer("TCP port, or -1 for none", -1, 65_535),
            "5672",
            "5672",
            "Port for AMQP clients; 0 lets the system choose one, -1 is for TLS only (tls.amqp-port).");
    static final Key<Long> FRAME_MAX = new Key<>(
            "amqp.frame-max",
            ValueTypes.size(8 * KIB, 16 * MIB),
            "128KiB",
            "128KiB",
            "Largest frame offered to a client, header and end included; a message's properties have to fit one.");
    static final Key<Integer> CHANNEL_MAX = new Key<>(
            "amqp.channel-max",
            ValueTypes.integer("channels", 1, 65_535),
            "2047",
            "2047",
            "Channels one connection may open; the client may choose less.");
    static final Key<Duration> HEARTBEAT = new Key<>(
            "amqp.heartbeat",
            ValueTypes.duration(Duration.ZERO, Duration.ofSeconds(65_535)),
            "60s",
            "30s",
            "Heartbeat offered to a client, whole seconds; 0s offers none.");
    static final Key<Duration> HANDSHAKE_TIMEOUT = new Key<>(
            "amqp.handshake-timeout",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
            "10s",
            "10s",
            "A client that is not logged in after this time is disconnected.");
    static final Key<Long> MAX_MESSAGE_SIZE = new Key<>(
            "amqp.max-message-size",
            ValueTypes.size(KIB, 128 * MIB),
            "16MiB",
            "64MiB",
            "Largest message body; a larger one closes its channel with 406.");
    static final Key<Integer> MAX_CONNECTIONS = new Key<>(
            "amqp.max-connections",
            ValueTypes.integer("connections", 1, 1_000_000),
            "50000",
            "2000",
            "AMQP connections at one time, if the limit of file descriptors leaves room for them; more are refused.");
    static final Key<Integer> HANDSHAKES_PER_ADDRESS = new Key<>(
            "amqp.handshakes-per-address",
            ValueTypes.integer("connections", 1, 1_000_000),
            "1000",
            "5000",
            "Connections of an address that are not logged in, at most half of those that fit; more are closed.");
    static final Key<Long> OUTBOUND_BUFFER = new Key<>(
            "amqp.outbound-buffer",
            ValueTypes.size(64 * KIB, 64 * MIB),
            "512KiB",
            "4MiB",
            "Unsent bytes per connection above which its consumers get nothing new until the client reads.");
    static final Key<Long> OUTBOUND_MEMORY = new Key<>(
            "amqp.outbound-memory",
            ValueTypes.size(4 * MIB, 4096 * MIB),
            "64MiB",
            "128MiB",
            "Unsent bytes of all connections above which a client must read to get more; at twice that nobody gets any.");
    static final Key<Duration> WRITE_TIMEOUT = new Key<>(
            "amqp.write-timeout",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofHours(24)),
            "60s",
            "60s",
            "A client that reads nothing of what waits is dropped after this to twice that; 10 s if that memory is used up.");
    static final Key<Long> BODY_MEMORY = new Key<>(
            "amqp.body-memory",
            ValueTypes.size(MIB, 1024 * MIB),
            "32MiB",
            "128MiB",
            "Large bodies in memory on their way to clients, over all connections, in parts of 1 MiB.");
    static final Key<Long> PUBLISH_MEMORY = new Key<>(
            "amqp.publish-memory",
            ValueTypes.size(4 * MIB, 1024 * MIB),
            "64MiB",
            "128MiB",
            "Memory for messages that clients sent in part, over all connections; who finds no room is not read till then.");
    static final Key<Integer> EVENT_LOOPS = new Key<>(
            "amqp.event-loops",
            ValueTypes.integer("threads", 0, 256),
            "0",
            "4",
            "Threads that serve AMQP connections; 0 means one per processor.");
    static final Key<Boolean> PROXY = new Key<>(
            "amqp.proxy",
            ValueTypes.bool(),
            "false",
            "true",
            "Whether connections from proxy.from begin with a PROXY header (version 1 or 2) that says whose they are.");
    static final Key<String> SERVER_PRODUCT = new Key<>(
            "amqp.server-product",
            ValueTypes.text("name", "[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}", "1 to 64 of A-Z a-z 0-9 . _ + - and spaces"),
            "TallyMQ",
            "RabbitMQ",
            "What clients are told that this is; some set global in basic.qos only where it is RabbitMQ.");
    static final Key<String> SERVER_VERSION = new Key<>(
            "amqp.server-version",
            ValueTypes.text("version", "[0-9]{1,4}([.][0-9]{1,4}){2}", "three numbers with points"),
            "3.13.7",
            "4.3.6",
            "RabbitMQ's version that clients and tools of the HTTP API are told: some refuse lower ones than they know.");

    /** In the order in which people should read them. */
    static final List<Key<?>> ALL = List.of(
            HOST,
            PORT,
            FRAME_MAX,
            CHANNEL_MAX,
            HEARTBEAT,
            HANDSHAKE_TIMEOUT,
            MAX_MESSAGE_SIZE,
            MAX_CONNECTIONS,
            HANDSHAKES_PER_ADDRESS,
            OUTBOUND_BUFFER,
            OUTBOUND_MEMORY,
            WRITE_TIMEOUT,
            BODY_MEMORY,
            PUBLISH_MEMORY,
            EVENT_LOOPS,
            PROXY,
            SERVER_PRODUCT,
            SERVER_VERSION);

    private AmqpKeys() {}
}
