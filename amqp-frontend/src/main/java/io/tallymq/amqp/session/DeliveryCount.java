package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.broker.effect.Delivery;
import java.util.Arrays;

/** The headers that tell a consumer how often a message was delivered in vain, or where in a stream it is. */
final class DeliveryCount {
    /** Attempts that failed. */
    static final String HEADER = "x-delivery-count";
    /** All times that a client had it and gave it back. */
    static final String ACQUIRED = "x-acquired-count";

    /** The message's place in its stream. */
    static final String STREAM_OFFSET = "x-stream-offset";

    private DeliveryCount() {}

    /** The octets of the properties with the headers set. */
    static byte[] added(byte[] bytes, int offset, int length, Delivery d, long inStream) {
        BasicProperties p = BasicProperties.ofAccepted(Arrays.copyOfRange(bytes, offset, offset + length));
        p = inStream < 0 ? p : p.withHeader(STREAM_OFFSET, inStream);
        p = d.returns() == 0 ? p : p.withHeader(ACQUIRED, (long) d.returns());
        return (d.attempts() == 0 ? p : p.withHeader(HEADER, (long) d.attempts())).raw();
    }
}
