package io.tallymq.amqp.config;

/**
 * How much is held for clients.
 *
 * @param maxConnections most client connections of this node; more are refused, with a text that says so
 * @param maxChannels most open channels of all connections of this node; beyond it channel.open is refused
 * @param outbound what waits for sockets
 * @param bodyMemory bytes of large bodies that the node has in memory on their way to clients
 * @param publish what clients may have sent in part
 * @param closeTimeout milliseconds to wait for a client's connection.close-ok, and for the broker to hear of a close
 */
public record FlowLimits(
        int maxConnections,
        int maxChannels,
        OutboundLimits outbound,
        long bodyMemory,
        PublishLimits publish,
        int closeTimeout) {
    public static final int DEFAULT_MAX_CONNECTIONS = 50_000;
    /** What a channel on which nothing happens keeps in the heap, about. */
    private static final int CHANNEL_BYTES = 4 << 10;

    /** Such a part of the heap is for channels. */
    private static final int CHANNELS_PART = 4;

    public static final long DEFAULT_BODY_MEMORY = 32L << 20;
    public static final int DEFAULT_CLOSE_TIMEOUT = 5_000;

    /** Messages on their way to a consumer without acks. */
    public static final int NO_ACK_WINDOW = 2_000;
    /** Messages on their way to a consumer with acks and without prefetch. */
    public static final int UNLIMITED_WINDOW = 2_000;

    /** Consumers with a smaller prefetch count on fair dispatch: nothing is assigned to them ahead. */
    private static final int LOOKAHEAD_FROM = 32;

    /** What was assigned ahead goes back to the queue when the client has settled nothing for so long. */
    public static final long HELD_BACK_MILLIS = 100;

    /** What was fetched without acks is settled with the next command of its connection, or after so long. */
    public static final long FETCHED_MILLIS = 20;

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
        if (maxConnections < 1 || maxChannels < 1 || bodyMemory < 1 || closeTimeout < 1) {
            throw new IllegalArgumentException("connections, channels, memory and timeouts have to be at least 1");
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
                PublishLimits.defaults(),
                DEFAULT_CLOSE_TIMEOUT);
    }

    public FlowLimits withMaxConnections(int connections) {
        return new FlowLimits(connections, maxChannels, outbound, bodyMemory, publish, closeTimeout);
    }

    public FlowLimits withMaxChannels(int channels) {
        return new FlowLimits(maxConnections, channels, outbound, bodyMemory, publish, closeTimeout);
    }

    public FlowLimits withOutbound(OutboundLimits limits) {
        return new FlowLimits(maxConnections, maxChannels, limits, bodyMemory, publish, closeTimeout);
    }

    public FlowLimits withBodyMemory(long bytes) {
        return new FlowLimits(maxConnections, maxChannels, outbound, bytes, publish, closeTimeout);
    }

    public FlowLimits withPublish(PublishLimits limits) {
        return new FlowLimits(maxConnections, maxChannels, outbound, bodyMemory, limits, closeTimeout);
    }

    public FlowLimits withCloseTimeout(int milliseconds) {
        return new FlowLimits(maxConnections, maxChannels, outbound, bodyMemory, publish, milliseconds);
    }
}
