package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.BasicProperties;
import java.util.Arrays;

/** The header that tells a consumer how often a message was delivered in vain. */
final class DeliveryCount {
    static final String HEADER = "x-delivery-count";

    private DeliveryCount() {}

    /** The octets of the properties with the header set. */
    static byte[] added(byte[] bytes, int offset, int length, int attempts) {
        BasicProperties properties = BasicProperties.ofAccepted(Arrays.copyOfRange(bytes, offset, offset + length));
        return properties.withHeader(HEADER, (long) attempts).raw();
    }
}
