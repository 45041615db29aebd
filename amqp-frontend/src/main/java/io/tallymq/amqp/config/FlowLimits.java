package io.tallymq.amqp.config;

import io.tallymq.broker.Broker;

/**
 * How much is held for clients.
 *
 * @param maxConnections most client connections of this node; more are refused, with a text that says so
 * @param maxChannels most open channels of all connections of this node; beyond it channel.open is refused
 * @param outbound what waits for sockets
 * @param bodyMemory bytes of large bodies that the node has in memory on their way to clients
 * @param publishMemory bytes for bodies that clients have sent in part, over all connections
 * @param publishPatience milliseconds that a client waits for such room before those who have some are asked whether anything still comes
 * @param noAckWindow messages on their way to a consumer without acks
 * @param unlimitedWindow messages on their way to a consumer with acks and without prefetch
 * @param closeTimeout milliseconds to wait for a client's connection.close-ok, and for the broker to hear of a close
 */
public record FlowLimits(
        int maxConnections,
        int maxChannels,
        OutboundLimits outbound,
        long bodyMemory,
        long publishMemory,
        int publishPatience,
        int noAckWindow,
        int unlimitedWindow,
        int closeTimeout) {
    public static final int DEFAULT_MAX_CONNECTIONS = 50_000;
    /** What a channel on which nothing happens keeps in the heap, about. */
    private static final int CHANNEL_BYTES = 4 << 10;

    /** Such a part of the heap is for channels. */
    private static final int CHANNELS_PART = 4;

    public static final long DEFAULT_BODY_MEMORY = 32L << 20;
    public static final long DEFAULT_PUBLISH_MEMORY = 64L << 20;
    public static final int DEFAULT_PUBLISH_PATIENCE = 10_000;
    public static final int DEFAULT_NO_ACK_WINDOW = 2_000;
    public static final int DEFAULT_UNLIMITED_WINDOW = 2_000;
    public static final int DEFAULT_CLOSE_TIMEOUT = 5_000;

    /** Consumers with a smaller prefetch count on fair dispatch: nothing is assigned to them ahead. */
    private static final int LOOKAHEAD_FROM = 32;

    /** What was assigned ahead goes back to the queue when the client has settled nothing for so long. */
    public static final long HELD_BACK_MILLIS = 100;

    private static final int LOOKAHEAD_FACTOR = 3;
    private static final int LOOKAHEAD_MOST = 2_000;

    /**
     * How many messages may be assigned to a consumer beyond what its client may have unsettled, if it settles fast enough.
     * They wait in its channel, so that an ack makes room at once and not after a round through the log.
     */
    public static int lookahead(int prefetch) {
        return prefetch < LOOKAHEAD_FROM ? 0 : Math.min(LOOKAHEAD_FACTOR * prefetch, LOOKAHEAD_MOST);
    }

    public FlowLimits {
        if (maxConnections < 1 || maxChannels < 1 || noAckWindow < 1 || unlimitedWindow < 1 || closeTimeout < 1) {
            throw new IllegalArgumentException("connections, channels, windows and timeouts have to be at least 1");
        }
        if (publishMemory < Broker.PART_SIZE || publishPatience < 1) {
            throw new IllegalArgumentException("a part of " + Broker.PART_SIZE + " bytes has to fit: " + publishMemory);
        }
    }

    /** As many channels as a heap of so many bytes has room for beside all else: 16,384 with 256 MiB. */
    public static int channelsOf(long heap) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, heap / CHANNELS_PART / CHANNEL_BYTES));
    }

    public static FlowLimits defaults() {
        return new FlowLimits(
                DEFAULT_MAX_CONNECTIONS,
                channelsOf(Runtime.getRuntime().maxMemory()),
                OutboundLimits.defaults(),
                DEFAULT_BODY_MEMORY,
                DEFAULT_PUBLISH_MEMORY,
                DEFAULT_PUBLISH_PATIENCE,
                DEFAULT_NO_ACK_WINDOW,
                DEFAULT_UNLIMITED_WINDOW,
                DEFAULT_CLOSE_TIMEOUT);
    }

    public FlowLimits withMaxConnections(int connections) {
        return new FlowLimits(
                connections,
                maxChannels,
                outbound,
                bodyMemory,
                publishMemory,
                publishPatience,
                noAckWindow,
                unlimitedWindow,
                closeTimeout);
    }

    public FlowLimits withMaxChannels(int channels) {
        return new FlowLimits(
                maxConnections,
                channels,
                outbound,
                bodyMemory,
                publishMemory,
                publishPatience,
                noAckWindow,
                unlimitedWindow,
                closeTimeout);
    }

    public FlowLimits withWindows(int noAck, int unlimited) {
        return new FlowLimits(
                maxConnections,
                maxChannels,
                outbound,
                bodyMemory,
                publishMemory,
                publishPatience,
                noAck,
                unlimited,
                closeTimeout);
    }

    public FlowLimits withBodyMemory(long bytes) {
        return new FlowLimits(
                maxConnections,
                maxChannels,
                outbound,
                bytes,
                publishMemory,
                publishPatience,
                noAckWindow,
                unlimitedWindow,
                closeTimeout);
    }

    public FlowLimits withPublishMemory(long bytes, int patience) {
        return new FlowLimits(
                maxConnections,
                maxChannels,
                outbound,
                bodyMemory,
                bytes,
                patience,
                noAckWindow,
                unlimitedWindow,
                closeTimeout);
    }

    public FlowLimits withCloseTimeout(int milliseconds) {
        return new FlowLimits(
                maxConnections,
                maxChannels,
                outbound,
                bodyMemory,
                publishMemory,
                publishPatience,
                noAckWindow,
                unlimitedWindow,
                milliseconds);
    }

    public FlowLimits withOutbound(OutboundLimits limits) {
        return new FlowLimits(
                maxConnections,
                maxChannels,
                limits,
                bodyMemory,
                publishMemory,
                publishPatience,
                noAckWindow,
                unlimitedWindow,
                closeTimeout);
    }
}
