package io.tallymq.amqp.config;

import io.tallymq.broker.Broker;

/**
 * What clients may have sent in part.
 *
 * @param memory bytes for such bodies, over all connections of the node
 * @param patience milliseconds that a client waits for such room before those who have some are asked whether anything still comes
 */
public record PublishLimits(long memory, int patience) {
    public static final long DEFAULT_MEMORY = 64L << 20;
    public static final int DEFAULT_PATIENCE = 10_000;

    public PublishLimits {
        if (memory < Broker.PART_SIZE) {
            throw new IllegalArgumentException("a part of " + Broker.PART_SIZE + " bytes has to fit: " + memory);
        }
        if (patience < 1) {
            throw new IllegalArgumentException("a client has to wait for at least 1 ms: " + patience);
        }
    }

    public static PublishLimits defaults() {
        return new PublishLimits(DEFAULT_MEMORY, DEFAULT_PATIENCE);
    }
}
