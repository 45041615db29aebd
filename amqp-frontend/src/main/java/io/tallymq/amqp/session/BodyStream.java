package io.tallymq.amqp.session;

import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.broker.Broker;
import java.util.concurrent.CompletableFuture;

/**
 * Writes a body that does not stand with its message, part by part: at most one part is in memory. Small bodies that share a
 * part follow each other without another read. Event loop only.
 */
final class BodyStream {
    /** Bytes written before the socket is asked again whether it takes more. */
    private static final int STEP = 128 << 10;

    private final Broker broker;
    private final Outbox outbox;
    private final int channel;
    private final int frameMax;
    private long id;
    private long position;
    private long end;
    private byte[] part;
    private long partId;
    private int partNumber;

    BodyStream(Broker broker, Outbox outbox, int channel, int frameMax) {
        this.broker = broker;
        this.outbox = outbox;
        this.channel = channel;
        this.frameMax = frameMax;
    }

    /** The next body: {@code length} bytes from {@code offset} on of the shared body with this number. */
    void open(long shared, long offset, long length) {
        id = shared;
        position = offset;
        end = offset + length;
    }

    boolean isDone() {
        return position == end;
    }

    private int wanted() {
        return (int) (position / Broker.PART_SIZE);
    }

    /** Whether the bytes that come next are in memory. */
    boolean hasPart() {
        return part != null && partId == id && partNumber == wanted();
    }

    /** Reads the part that comes next; to be given to {@link #part}. */
    CompletableFuture<byte[]> load() {
        part = null;
        return broker.loadShared(id, wanted());
    }

    void part(byte[] bytes) {
        part = bytes;
        partId = id;
        partNumber = wanted();
    }

    /** Writes a step of the body; returns how many bytes. */
    int write() {
        int within = (int) (position % Broker.PART_SIZE);
        int n = (int) Math.min(Math.min(STEP, part.length - within), end - position);
        if (n <= 0) {
            throw new IllegalStateException("part " + partNumber + " of body " + id + " is too short: " + part.length);
        }
        FrameWriter.body(outbox.buffer((int) FrameWriter.bodyBytes(n, frameMax)), channel, part, within, n, frameMax);
        outbox.written();
        position += n;
        if (isDone() && end % Broker.PART_SIZE == 0) {
            part = null;
        }
        return n;
    }

    /** Gives up the part in memory. */
    void forgetPart() {
        part = null;
    }
}
