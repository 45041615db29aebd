package io.tallymq.raft.log.config;

import java.time.Duration;

/**
 * The nodes' own link.
 *
 * @param connectTimeout for a connection and its handshake
 * @param retry pause between two attempts to connect
 * @param pingEvery pause between two pings while the log grows; twice as long while it does not
 * @param suspectAfter a leader is silent for so long: if a majority misses it, there is an election
 * @param lease a node that a majority has not answered for so long hands out nothing; shorter than the time after which
 *     what it was assigned goes to others
 * @param deadAfter silence after which the connection is given up
 * @param maxFrameBytes a larger frame ends the connection
 * @param maxPendingBytes forwarded and not yet written to the socket, more is refused
 * @param strangers most accepted connections beside the nodes' own, on the link's port and on Raft's, about; on the link each
 *     may hold a greeting of 4 KiB for the connect timeout
 */
public record LinkTuning(
        Duration connectTimeout,
        Duration retry,
        Duration pingEvery,
        Duration suspectAfter,
        Duration lease,
        Duration deadAfter,
        int maxFrameBytes,
        int maxPendingBytes,
        int strangers) {
    /** A node keeps one connection to each port, has perhaps an old one and a checkpoint's. */
    public static final int CONNECTIONS_PER_PEER = 4;

    public static final LinkTuning DEFAULTS = new LinkTuning(
            Duration.ofSeconds(3),
            Duration.ofMillis(200),
            Duration.ofMillis(250),
            Duration.ofMillis(1_250),
            Duration.ofSeconds(3),
            Duration.ofSeconds(4),
            4 << 20,
            32 << 20,
            256);

    /** How many times as long a greeting may take with TLS: it takes more work, and most where a node has just started on a machine that has much to do. */
    public static final int TLS_FACTOR = 3;

    /**
     * How long two nodes may take to recognise each other, on either port.
     *
     * @param tls whether they speak TLS
     */
    public Duration greeting(boolean tls) {
        return tls ? connectTimeout.multipliedBy(TLS_FACTOR) : connectTimeout;
    }

    public LinkTuning withLease(Duration value) {
        return new LinkTuning(
                connectTimeout,
                retry,
                pingEvery,
                suspectAfter,
                value,
                deadAfter,
                maxFrameBytes,
                maxPendingBytes,
                strangers);
    }

    public LinkTuning withStrangers(int value) {
        return new LinkTuning(
                connectTimeout,
                retry,
                pingEvery,
                suspectAfter,
                lease,
                deadAfter,
                maxFrameBytes,
                maxPendingBytes,
                value);
    }
}
