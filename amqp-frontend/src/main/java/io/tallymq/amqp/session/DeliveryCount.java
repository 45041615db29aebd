package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.broker.effect.Delivery;
import java.util.Arrays;

/** The headers that tell a consumer how often a message was delivered in vain. */
final class DeliveryCount {
    /** Attempts that failed. */
    static final String HEADER = "x-delivery-count";
    /** All times that a client had it and gave it back. */
    static final String ACQUIRED = "x-acquired-count";

    private DeliveryCount() {}

    /** The octets of the properties with the headers set. */
    static byte[] added(byte[] bytes, int offset, int length, Delivery d) {
        BasicProperties p = BasicProperties.ofAccepted(Arrays.copyOfRange(bytes, offset, offset + length));
        p = d.returns() == 0 ? p : p.withHeader(ACQUIRED, (long) d.returns());
        return (d.attempts() == 0 ? p : p.withHeader(HEADER, (long) d.attempts())).raw();
    }
}
