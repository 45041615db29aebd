package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.broker.Broker;
import java.util.concurrent.CompletableFuture;

/**
 * Writes a body that does not stand with its message, part by part: at most one part is in memory, and all streams of the node
 * share a {@link BodyBudget}. Small bodies that share a part follow each other without another read. Event loop only, but for
 * {@link #revoked}.
 */
final class BodyStream {
    /** Bytes written before the socket is asked again whether it takes more. */
    private static final int STEP = 128 << 10;

    private final ConnectionContext connection;
    private final BodyBudget budget;
    private final SocketOutput outbox;
    private final int channel;
    private final int frameMax;
    private long id;
    private long position;
    private long end;
    private byte[] part;
    private long partId;
    private int partNumber;
    /** Room for a part is this stream's, or was asked for. */
    private boolean taken;
    /** A part is being read, or waits for room. */
    private boolean loading;
    /** The budget may give this stream's room to another. */
    private boolean paused;

    BodyStream(ConnectionContext connection, BodyBudget budget, int channel) {
        this.connection = connection;
        this.budget = budget;
        this.outbox = connection.outbox();
        this.channel = channel;
        this.frameMax = connection.terms().frameMax();
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

    /** Reads the part that comes next, once there is room; then {@link #loaded} has to be called, whatever came of it. */
    CompletableFuture<byte[]> load() {
        part = null;
        loading = true;
        Broker broker = connection.broker();
        long shared = id;
        int number = wanted();
        if (taken) {
            return broker.loadShared(shared, number);
        }
        taken = true;
        return budget.take().thenCompose(nothing -> broker.loadShared(shared, number));
    }

    void part(byte[] bytes) {
        part = bytes;
        partId = id;
        partNumber = wanted();
    }

    /** A read has ended; {@link #part} was called if its part is still wanted. */
    void loaded() {
        loading = false;
        giveBackUnused();
    }

    private void giveBackUnused() {
        if (taken && !loading && part == null) {
            taken = false;
            budget.giveBack();
        }
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
            forgetPart();
        }
        return n;
    }

    /** Nothing is written before {@link #resume}: others may have the room of the part in memory. */
    void pause() {
        if (part == null || paused) {
            return;
        }
        if (budget.idle(this)) {
            paused = true;
        } else {
            forgetPart();
        }
    }

    /** Goes on writing; {@link #hasPart} tells whether the part has stayed. */
    void resume() {
        if (paused) {
            paused = false;
            if (!budget.resume(this)) {
                taken = false;
                part = null;
            }
        }
    }

    /** The budget gave this stream's room to another. Any thread. */
    void revoked() {
        connection.later(() -> {
            // Unless it has gone on meanwhile, and may even stand still again with another part.
            if (paused && !budget.isIdle(this)) {
                resume();
            }
        });
    }

    /** Gives up the part in memory. */
    void forgetPart() {
        resume();
        part = null;
        giveBackUnused();
    }
}
