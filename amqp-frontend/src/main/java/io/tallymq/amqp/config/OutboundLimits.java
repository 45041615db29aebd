package io.tallymq.amqp.config;

/**
 * What may wait for the sockets of clients.
 *
 * @param low bytes of a connection below which its deliveries go on
 * @param high bytes of a connection above which its deliveries wait
 * @param stop bytes of a connection above which nothing more is read from it
 * @param memory bytes of all connections of the node from which on those whose clients have not read get nothing new and are not
 *     read; from twice as many on nobody is delivered anything
 * @param timeout milliseconds after which a client is dropped that takes none of what waits for its socket; twice that at most
 * @param patience the same while as many bytes wait as {@code memory} says
 */
public record OutboundLimits(int low, int high, int stop, long memory, int timeout, int patience) {
    public static final int DEFAULT_LOW = 128 << 10;
    public static final int DEFAULT_HIGH = 512 << 10;
    public static final int DEFAULT_STOP = 4 << 20;
    public static final long DEFAULT_MEMORY = 64L << 20;
    public static final int DEFAULT_TIMEOUT = 60_000;
    public static final int DEFAULT_PATIENCE = 10_000;

    public OutboundLimits {
        if (low < 1 || low > high || high > stop) {
            throw new IllegalArgumentException(
                    "outbound bounds have to be 0 < low <= high <= stop: " + low + ", " + high + ", " + stop);
        }
        if (memory < 1 || timeout < 1 || patience < 1) {
            throw new IllegalArgumentException("memory, timeout and patience have to be at least 1");
        }
    }

    public static OutboundLimits defaults() {
        return new OutboundLimits(
                DEFAULT_LOW, DEFAULT_HIGH, DEFAULT_STOP, DEFAULT_MEMORY, DEFAULT_TIMEOUT, DEFAULT_PATIENCE);
    }

    /** With other times of a client that takes nothing. */
    public OutboundLimits withTimes(int dropAfter, int dropAfterIfScarce) {
        return new OutboundLimits(low, high, stop, memory, dropAfter, dropAfterIfScarce);
    }
}
