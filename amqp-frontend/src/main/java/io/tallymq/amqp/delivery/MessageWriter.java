package io.tallymq.amqp.delivery;

import io.netty.buffer.ByteBuf;
import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ChannelCounts;
import io.tallymq.amqp.channel.ChannelWriter;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.store.ChunkBody;

/**
 * Writes messages on a channel, each with the delivery tag that comes next: whole, if their bodies are at hand, else what precedes the body. Event loop
 * only.
 */
final class MessageWriter {
    private final ConnectionContext connection;
    private final int channel;
    private final ChannelWriter writer;
    private final ChannelCounts counts;
    private final SocketOutput outbox;
    private final DeliveryAccounts accounts;
    private final DeliveryFrames frames;
    private long lastTag;

    /** @param accounts of the channel */
    MessageWriter(ChannelContext of, DeliveryContext deliveries, DeliveryAccounts accounts) {
        this.connection = of.connection();
        this.channel = of.number();
        this.writer = of.writer();
        this.counts = of.counts();
        this.outbox = connection.outbox();
        this.accounts = accounts;
        this.frames = new DeliveryFrames(connection, deliveries.routeNames(), channel);
    }

    /**
     * Writes messages, from the next one on and before {@code to}, as long as their bodies stand in their records and the socket takes them, and
     * accounts for them.
     *
     * @param most bytes, about
     * @return how many bytes, about
     */
    long write(Pending.Messages m, ChunkBody body, int to, long most) {
        StreamReader reader = m.reader();
        int from = m.next();
        int i = from;
        long written = 0;
        try {
            while (i < to
                    && written < most
                    && (reader == null || reader.wants(body, i))
                    && !MessageRecord.isExternal(body.bytes(), body.at(i))
                    && frames.fits(m, body, i)) {
                written += write(m, body, i);
                i++;
                if (!outbox.isWritable()) {
                    break;
                }
            }
        } finally {
            accounts.written(m, from, i, lastTag); // also if the next one throws
        }
        return written;
    }

    private long write(Pending.Messages m, ChunkBody body, int i) {
        byte[] bytes = body.bytes();
        int at = body.at(i);
        int length = MessageRecord.inlineLength(bytes, at);
        int frameMax = connection.terms().frameMax();
        long size = DeliveryFrames.propertiesLength(m, body, i)
                + FrameWriter.bodyBytes(length, frameMax)
                + DeliveryFrames.FRAMES_BYTES;
        ByteBuf out = outbox.buffer((int) size);
        frames.write(out, m, body, i, lastTag + 1);
        FrameWriter.body(out, channel, bytes, MessageRecord.bodyOffset(bytes, at), length, frameMax);
        outbox.written();
        lastTag++;
        return size;
    }

    /** Whether a frame of this client takes the properties of message {@code i}; if not, its connection ends. */
    boolean fits(Pending.Messages m, ChunkBody body, int i) {
        if (frames.fits(m, body, i)) {
            return true;
        }
        accounts.neverFits(m, i, ++lastTag);
        connection.fail(frames.tooLarge(m, body, i));
        return false;
    }

    /** Begins message {@code i}, which {@link #fits} and whose body follows, part by part: then {@link #written} and {@link ChannelWriter#endContent}. */
    void begin(Pending.Messages m, ChunkBody body, int i) {
        ByteBuf out = outbox.buffer(DeliveryFrames.propertiesLength(m, body, i) + DeliveryFrames.FRAMES_BYTES);
        frames.write(out, m, body, i, ++lastTag);
        outbox.written();
        m.next(i + 1);
        writer.beginContent();
    }

    /** The body of the message that was begun last is written. */
    void written(Pending.Messages m) {
        accounts.written(m, m.next() - 1, m.next(), lastTag);
    }

    /** Writes all but a body that is in the store; returns false, and the connection ends, if no frame of this client takes the properties. */
    boolean begin(Pending.Alone m) {
        if (!m.begin(writer, frames, lastTag + 1)) {
            connection.fail(frames.tooLarge(m.propertiesLength()));
            return false;
        }
        if (m instanceof Pending.Replied) {
            lastTag++;
            counts.replied();
        }
        return true;
    }
}
