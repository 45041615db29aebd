package io.tallymq.amqp.publish;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.broker.Session;
import io.tallymq.broker.Session.Trace;

/** The octets of one message on their way into the broker's batch, which copies them at once. Used again and again. */
final class PublishContent implements Session.Content {
    private byte[] properties = NO_OCTETS;
    private byte[] extension = NO_OCTETS;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private int bodyOffset;
    private int bodyLength;
    private Trace trace;

    /** A message, or the part of one if there are no properties. */
    PublishContent of(byte[] props, byte[] more, ByteBuf octets, int offset, int length) {
        properties = props;
        extension = more;
        body = octets;
        bodyOffset = offset;
        bodyLength = length;
        trace = null;
        return this;
    }

    /** The same, whose times are asked for; null when they are not. */
    PublishContent traced(Trace asked) {
        trace = asked;
        return this;
    }

    PublishContent ofPart(ByteBuf octets) {
        return of(NO_OCTETS, NO_OCTETS, octets, octets.readerIndex(), octets.readableBytes());
    }

    PublishContent ofProperties(byte[] props, byte[] more) {
        return of(props, more, Unpooled.EMPTY_BUFFER, 0, 0);
    }

    /** Lets go of the octets. */
    void clear() {
        ofProperties(NO_OCTETS, NO_OCTETS);
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public byte[] properties() {
        return properties;
    }

    @Override
    public byte[] extension() {
        return extension;
    }

    @Override
    public int bodyLength() {
        return bodyLength;
    }

    @Override
    public void copyBody(byte[] to, int offset) {
        body.getBytes(bodyOffset, to, offset, bodyLength);
    }
}
