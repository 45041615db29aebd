package io.tallymq.amqp.channel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.ShortString;
import io.tallymq.broker.SessionListener.Reason;
import io.tallymq.broker.SessionListener.ReturnedMessage;
import io.tallymq.broker.SessionListener.ReturnedParts;
import io.tallymq.broker.message.Route;

/**
 * Writes a channel's methods. While the content of a big message is on its way in pieces, nothing else of the channel may come
 * between its frames (4.2.6 of the specification): then methods wait. Event loop only.
 */
public final class ChannelWriter {
    private final SocketOutput outbox;
    private final int channel;
    private boolean inContent;
    private ByteBuf waiting;
    /** Bytes of it that the outbox counts. */
    private int heldBack;

    ChannelWriter(SocketOutput outbox, int channel) {
        this.outbox = outbox;
        this.channel = channel;
    }

    /** Writes a method, or keeps it until the content in hand is written. */
    public void method(Method method) {
        FrameWriter.method(out(), channel, method);
        written();
    }

    void ack(long tag, boolean multiple) {
        FrameWriter.ack(out(), channel, tag, multiple);
        written();
    }

    void nack(long tag) {
        FrameWriter.nack(out(), channel, tag, false);
        written();
    }

    /** A message that comes back. */
    public void returned(ReturnedMessage m, int frameMax) {
        ByteBuf out = out();
        FrameWriter.method(out, channel, basicReturn(m.why(), m.route()));
        FrameWriter.header(out, channel, m.bodyLength(), m.bytes(), m.propertiesOffset(), m.propertiesLength());
        FrameWriter.body(out, channel, m.bytes(), m.bodyOffset(), m.bodyLength(), frameMax);
        written();
    }

    /** basic.return and the content header; the body follows, part by part, and then {@link #endContent}. */
    public void beginContent(ReturnedParts m) {
        byte[] properties = m.properties();
        ByteBuf out = outbox.buffer();
        FrameWriter.method(out, channel, basicReturn(m.why(), m.route()));
        FrameWriter.header(out, channel, m.length(), properties, 0, properties.length);
        outbox.written();
        beginContent();
    }

    private static BasicMethod.Return basicReturn(Reason why, Route route) {
        ReplyCode code = ReplyCode.find(why.code());
        return new BasicMethod.Return(
                code.code(),
                why.text().isEmpty() ? code.name() : code.text(why.text()),
                ShortString.of(route.exchange()),
                ShortString.of(route.routingKey()));
    }

    private ByteBuf out() {
        if (!inContent) {
            return outbox.buffer();
        }
        if (waiting == null) {
            waiting = Unpooled.buffer(256);
        }
        return waiting;
    }

    private void written() {
        if (!inContent) {
            outbox.written();
        } else {
            outbox.heldBack(waiting.readableBytes() - heldBack);
            heldBack = waiting.readableBytes();
        }
    }

    /** The frames of a big message begin: methods wait. */
    public void beginContent() {
        inContent = true;
    }

    /** Whether methods wait for the last frame of a big message. */
    public boolean isInContent() {
        return inContent;
    }

    /** The last frame of the big message was written: methods that waited follow. */
    public void endContent() {
        inContent = false;
        if (waiting != null) {
            outbox.heldBack(-heldBack);
            heldBack = 0;
            outbox.append(waiting);
            waiting = null;
        }
    }
}
