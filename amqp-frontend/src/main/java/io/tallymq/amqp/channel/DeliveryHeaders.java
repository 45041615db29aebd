package io.tallymq.amqp.channel;

/** The headers in which the broker tells a consumer what became of a message before: nobody else sets them. */
public final class DeliveryHeaders {
    /** Attempts that failed. */
    public static final String DELIVERY_COUNT = "x-delivery-count";

    /** All times that a client had it and gave it back. */
    public static final String ACQUIRED_COUNT = "x-acquired-count";

    /** The message's place in its stream. */
    public static final String STREAM_OFFSET = "x-stream-offset";

    private DeliveryHeaders() {}
}
