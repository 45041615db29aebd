package io.tallymq.amqp.delivery;

import io.netty.buffer.ByteBuf;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.ShortString;
import io.tallymq.broker.SessionListener.DirectReply;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.message.DeadLetter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import java.util.Arrays;

/** What precedes the body of a message: basic.deliver or basic.get-ok, and the content header. Event loop only. */
final class DeliveryFrames {
    /** Bytes of a header frame and a deliver frame besides names and properties, generously. */
    static final int FRAMES_BYTES = 128;

    private static final byte[] NO_OCTETS = {};

    private final ConnectionContext connection;
    private final RouteNames routeNames;
    private final int channel;
    private final int frameMax;

    DeliveryFrames(ConnectionContext connection, RouteNames routeNames, int channel) {
        this.connection = connection;
        this.routeNames = routeNames;
        this.channel = channel;
        this.frameMax = connection.terms().frameMax();
    }

    /**
     * Whether the message's properties fit one frame of this client: a content header can't be cut into several. What the broker tells of deaths makes room;
     * publishers with larger frames may have sent what a client that chose smaller ones can never get.
     */
    boolean fits(Pending.Messages m, ChunkBody body, int i) {
        return fits(propertiesLength(m, body, i))
                || fits(shortened(m.delivery().headers(), body.bytes(), body.at(i)).length);
    }

    private byte[] shortened(HeaderOverlay added, byte[] bytes, int at) {
        byte[] all = added == null ? bytes : overlaid(added, bytes, at);
        int from = added == null ? MessageRecord.propertiesOffset(bytes, at) : 0;
        int length = added == null ? MessageRecord.propertiesLength(bytes, at) : all.length;
        Extension extension = Extension.of(bytes, at);
        return extension.died()
                ? DeadLetter.shortened(all, from, length, extension, frameMax - FrameWriter.headerBytes(0))
                : Arrays.copyOfRange(all, from, from + length);
    }

    /** Bytes of the message's properties as the client gets them, but for what is told of its attempts. */
    static int propertiesLength(Pending.Messages m, ChunkBody body, int i) {
        HeaderOverlay added = m.delivery().headers();
        return added == null
                ? MessageRecord.propertiesLength(body.bytes(), body.at(i))
                : overlaid(added, body.bytes(), body.at(i)).length;
    }

    private static byte[] overlaid(HeaderOverlay added, byte[] bytes, int at) {
        return added.over(bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at));
    }

    boolean fits(int properties) {
        return FrameWriter.headerBytes(properties) <= frameMax;
    }

    /** 501 for a client whose frames are too small for the message. */
    AmqpError tooLarge(Pending.Messages m, ChunkBody body, int i) {
        return tooLarge(shortened(m.delivery().headers(), body.bytes(), body.at(i)).length);
    }

    /** The same for so many bytes of properties. */
    AmqpError tooLarge(int properties) {
        int needed = FrameWriter.headerBytes(properties);
        return AmqpError.connection(
                ReplyCode.FRAME_ERROR,
                "a message on channel " + channel + " has properties that take a frame of " + needed
                        + " octets, this connection's frame_max is " + frameMax + ": connect with a larger one");
    }

    /** Writes them for message {@code i}, which {@link #fits}. */
    void write(ByteBuf out, Pending.Messages m, ChunkBody body, int i, long tag) {
        boolean redelivered = m.delivery().redelivered();
        Route route = body.route(i);
        if (m instanceof Pending.ForConsumer c) {
            RouteNames.Octets names = routeNames.of(route);
            byte[] consumerTag = c.consumer().tagOctets();
            FrameWriter.deliver(out, channel, consumerTag, tag, redelivered, names.exchange, names.routingKey);
        } else if (m instanceof Pending.ForGet get) {
            ShortString exchange = ShortString.of(RouteNames.shortened(route.exchange()));
            ShortString routingKey = ShortString.of(RouteNames.shortened(route.routingKey()));
            FrameWriter.method(
                    out, channel, new BasicMethod.GetOk(tag, redelivered, exchange, routingKey, get.remaining()));
        }
        boolean stream = m instanceof Pending.ForConsumer c && c.consumer().reader() != null;
        long offset = stream ? m.delivery().chunk().firstSeq() + i : -1;
        header(out, body.bytes(), body.at(i), m.delivery(), offset);
    }

    /** Writes them, and the body if it is at hand, for a direct reply, which {@link #fits}. */
    void write(Pending.Replied m, long tag) {
        DirectReply reply = m.message();
        byte[] bytes = reply.bytes();
        int properties = reply.propertiesLength();
        int body = bytes.length - properties;
        long size = properties + FrameWriter.bodyBytes(body, frameMax) + FRAMES_BYTES;
        SocketOutput outbox = connection.outbox();
        ByteBuf out = outbox.buffer((int) size);
        FrameWriter.deliver(out, channel, m.consumer().tagOctets, tag, false, NO_OCTETS, m.consumer().nameOctets);
        FrameWriter.header(out, channel, reply.bodyLength(), bytes, 0, properties);
        FrameWriter.body(out, channel, bytes, properties, body, frameMax);
        outbox.written();
    }

    private void header(ByteBuf out, byte[] bytes, int at, Delivery d, long offset) {
        long bodyLength = MessageRecord.bodyLength(bytes, at);
        if (d.headers() == null && fits(MessageRecord.propertiesLength(bytes, at))) {
            int properties = MessageRecord.propertiesOffset(bytes, at);
            header(out, bodyLength, bytes, properties, MessageRecord.propertiesLength(bytes, at), d, offset);
        } else {
            byte[] all = d.headers() == null ? null : overlaid(d.headers(), bytes, at);
            byte[] properties = all != null && fits(all.length) ? all : shortened(d.headers(), bytes, at);
            header(out, bodyLength, properties, 0, properties.length, d, offset);
        }
    }

    /**
     * With the numbers of attempts, if there were any and if the frame has room for them.
     *
     * @param offset within its stream, -1 for what is in none
     */
    private void header(
            ByteBuf out, long bodyLength, byte[] bytes, int properties, int length, Delivery d, long offset) {
        byte[] counted = d.returns() == 0 && d.attempts() == 0 && offset < 0
                ? null
                : DeliveryCount.added(bytes, properties, length, d, offset);
        if (counted != null && fits(counted.length)) {
            FrameWriter.header(out, channel, bodyLength, counted, 0, counted.length);
        } else {
            FrameWriter.header(out, channel, bodyLength, bytes, properties, length);
        }
    }
}
