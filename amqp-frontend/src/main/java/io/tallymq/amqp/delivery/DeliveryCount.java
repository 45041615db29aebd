package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.DeliveryHeaders;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.message.HeaderOverlay;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells a consumer how often a message was delivered in vain, or where in a stream it is. */
final class DeliveryCount {
    private DeliveryCount() {}

    /** The octets of the properties with the headers set. There may be more in them than clients may send: they are not taken apart. */
    static byte[] added(byte[] bytes, int offset, int length, Delivery d, long inStream) {
        Map<String, Object> more = new LinkedHashMap<>();
        if (inStream >= 0) {
            more.put(DeliveryHeaders.STREAM_OFFSET, inStream);
        }
        if (d.returns() != 0) {
            more.put(DeliveryHeaders.ACQUIRED_COUNT, (long) d.returns());
        }
        if (d.attempts() != 0) {
            more.put(DeliveryHeaders.DELIVERY_COUNT, (long) d.attempts());
        }
        return new HeaderOverlay(FieldTable.of(more).toByteArray()).over(bytes, offset, length);
    }
}
