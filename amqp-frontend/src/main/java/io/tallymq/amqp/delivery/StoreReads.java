package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a channel reads from the store to write it: chunks, and parts of large bodies. One read at a time, and nothing of the channel's queue is written
 * meanwhile; one that fails closes the connection, and one that found too many waiting is asked for again. Event loop only.
 */
final class StoreReads {
    private static final Logger LOG = LoggerFactory.getLogger(StoreReads.class);

    /** When it is asked again after too many waited to read. */
    private static final long AGAIN_MILLIS = 50;

    private final ConnectionContext connection;
    private final DeliveryTurns turns;
    private final DeliveryPump pump;
    private final LoadedChunk loaded;
    private final BodyStream stream;
    private boolean underWay;

    /**
     * @param pump gets a turn when something was read
     * @param loaded of the channel, which has what is read between turns
     * @param stream of the channel, the same for parts
     */
    StoreReads(
            ConnectionContext connection,
            DeliveryTurns turns,
            DeliveryPump pump,
            LoadedChunk loaded,
            BodyStream stream) {
        this.connection = connection;
        this.turns = turns;
        this.pump = pump;
        this.loaded = loaded;
        this.stream = stream;
    }

    /** Whether something is being read: what is first in line waits for it. */
    boolean isUnderWay() {
        return underWay;
    }

    /** {@code read} gets the chunk's messages; null if they were taken out meanwhile, as what a stream does not keep any more is. */
    void chunk(Chunk chunk, Consumer<ChunkBody> read) {
        read(() -> connection.broker().load(chunk), 1, read);
    }

    /** {@code read} gets the part that comes next of the body in hand; null if it was taken out. */
    void part(Consumer<byte[]> read) {
        read(stream::load, 0, read);
    }

    /** @param chunks that are read; parts of bodies have their budget */
    private <T> void read(Supplier<CompletableFuture<T>> asked, int chunks, Consumer<T> then) {
        CompletableFuture<T> reading = asked.get();
        if (reading.isDone() && !reading.isCompletedExceptionally()) {
            then.accept(reading.join());
            stream.loaded();
            return;
        }
        underWay = true;
        turns.reading(chunks);
        await(asked, reading, chunks, then);
    }

    private <T> void await(
            Supplier<CompletableFuture<T>> asked, CompletableFuture<T> reading, int chunks, Consumer<T> then) {
        CompletableFuture<T> unused = reading.whenCompleteAsync(
                (read, failure) -> connection.run(() -> {
                    if (failure != null && isBusy(failure)) {
                        readAgain(asked, chunks, then);
                    } else {
                        ended(chunks, read, failure, then);
                    }
                }),
                connection.loop());
    }

    /** It keeps its place meanwhile, and its room: else all that wait for these would ask one after the other, and in vain. */
    private <T> void readAgain(Supplier<CompletableFuture<T>> asked, int chunks, Consumer<T> then) {
        var timer = connection
                .timers()
                .after(
                        connection.loop(),
                        AGAIN_MILLIS,
                        TimeUnit.MILLISECONDS,
                        "reading messages again",
                        () -> connection.run(() -> await(asked, asked.get(), chunks, then)));
    }

    /** Whether this is why a read failed: too many wait to read already, which is nobody's fault here. */
    static boolean isBusy(Throwable failure) {
        return failure instanceof RejectedExecutionException
                || failure.getCause() instanceof RejectedExecutionException;
    }

    private <T> void ended(int chunks, T read, Throwable failure, Consumer<T> then) {
        underWay = false;
        turns.reading(-chunks);
        try {
            if (failure == null) {
                then.accept(read);
            } else {
                unreadable(failure);
            }
        } finally {
            stream.loaded();
            stream.pause();
        }
        turns.wants(pump);
        connection.endTurn();
        loaded.keep(); // if it was not its turn
    }

    /** The store does not have what it should have, or can't be read. */
    void unreadable(Throwable failure) {
        LOG.error("Can't read messages for a client: its connection is closed", failure);
        connection.fail(AmqpError.connection(
                ReplyCode.INTERNAL_ERROR, "the message can't be read from the store, see the broker's log"));
    }

    /** The rest of a message is gone that the client has the beginning of: it counts frames. */
    void takenOut() {
        connection.fail(
                AmqpError.connection(
                        ReplyCode.INTERNAL_ERROR,
                        "a message was taken out while it was being sent: its queue was deleted, or a limit of its stream took its oldest out"));
    }
}
