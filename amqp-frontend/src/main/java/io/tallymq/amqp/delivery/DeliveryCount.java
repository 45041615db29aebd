package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.DeliveryHeaders;
import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.broker.effect.Delivery;
import java.util.Arrays;

/** Tells a consumer how often a message was delivered in vain, or where in a stream it is. */
final class DeliveryCount {
    private DeliveryCount() {}

    /** The octets of the properties with the headers set. */
    static byte[] added(byte[] bytes, int offset, int length, Delivery d, long inStream) {
        BasicProperties p = BasicProperties.ofAccepted(Arrays.copyOfRange(bytes, offset, offset + length));
        p = inStream < 0 ? p : p.withHeader(DeliveryHeaders.STREAM_OFFSET, inStream);
        p = d.returns() == 0 ? p : p.withHeader(DeliveryHeaders.ACQUIRED_COUNT, (long) d.returns());
        return (d.attempts() == 0 ? p : p.withHeader(DeliveryHeaders.DELIVERY_COUNT, (long) d.attempts())).raw();
    }
}
