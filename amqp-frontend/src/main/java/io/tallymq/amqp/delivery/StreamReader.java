package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.broker.command.StoreOffset;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.StreamStart;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Reads a stream for a consumer, from this node's own store: a few chunks at a time wait to be written, and the next are fetched when one of
 * them is. At the end it waits until it hears that there is more. What the client acks makes room, and is nobody else's business. Event loop
 * only.
 */
final class StreamReader {
    /** Chunks that wait to be written, and that are fetched at once. */
    private static final int AHEAD = 2;
    /** When what could not be read is tried again: the readers of the store were too busy. */
    private static final long RETRY_MILLIS = 50;

    private static final String FILTER_VALUE = "x-stream-filter-value";

    private final ConnectionContext connection;
    private final DeliveryPump pump;
    private final ConsumerState consumer;
    private final StreamStart start;
    /** Null for all messages. */
    private final Set<String> filter;

    private final boolean unfiltered;
    /** The next message to be fetched. */
    private long next;

    private int waiting;
    private boolean fetching;
    private boolean atEnd;
    private boolean wholeChunk;
    private boolean ended;
    /** Whether the broker is told how far the client is. */
    private final boolean tracks;
    /** Behind the last message that was sent. */
    private long sent;
    /** What the broker was told last. */
    private long told;

    private boolean willTell;

    /**
     * Begins with {@link #begin}.
     *
     * @param filter values of the header x-stream-filter-value, null for all messages
     * @param unfiltered whether messages without it come, too
     * @param tracks whether the broker remembers how far the client has acked
     */
    StreamReader(
            ConnectionContext connection,
            DeliveryPump pump,
            ConsumerState consumer,
            StreamStart start,
            Set<String> filter,
            boolean unfiltered,
            boolean tracks) {
        this.tracks = tracks;
        this.connection = connection;
        this.pump = pump;
        this.consumer = consumer;
        this.start = start;
        this.filter = filter;
        this.unfiltered = unfiltered;
        this.next = start.offset();
        this.wholeChunk = start.wholeChunk();
    }

    void begin() {
        if (tracks) {
            consumer.holder().onAck(this::acked);
        }
        if (start.time() == 0) {
            fetch();
        } else {
            fetching = true;
            read(() -> connection.broker().offsetAt(start.queue(), start.time()), offset -> {
                next = Math.min(start.end(), Math.max(offset, start.offset())); // more may have come since
                fetch();
            });
        }
    }

    /** The consumer is gone. */
    void end() {
        ended = true;
    }

    /** All before this message were sent to the client. */
    void sent(long upTo) {
        sent = upTo;
    }

    private void acked() {
        if (!willTell) {
            willTell = true;
            pump.offsets().moved(this);
        }
    }

    /** Whether the broker remembers how far the client has acked. */
    boolean tracks() {
        return tracks;
    }

    Holding holder() {
        return consumer.holder();
    }

    /**
     * Tells the broker how far the client has acked: all before the first message that it has not.
     *
     * @param unsettled that message; -1 for none
     */
    void tell(long unsettled) {
        willTell = false;
        long done = unsettled < 0 ? sent : unsettled;
        if (tracks && !ended && done > told) {
            told = done;
            connection.submit(new StoreOffset(consumer.holder().number(), done));
        }
    }

    private boolean isOver() {
        return ended || pump.isClosed();
    }

    /** The stream has more. */
    void grew(Chunk chunk) {
        if (!atEnd || fetching || waiting >= AHEAD) {
            atEnd = false;
            return; // it is found when it is its turn
        }
        add(chunk);
    }

    /** A chunk was written, or is there no more. */
    void written() {
        waiting--;
        fetch();
    }

    private void fetch() {
        if (isOver() || fetching || atEnd || waiting >= AHEAD) {
            return;
        }
        fetching = true;
        atEnd = true; // until it hears otherwise, which may be before the answer
        read(() -> connection.broker().chunks(start.queue(), next, AHEAD), this::fetched);
    }

    private void fetched(List<Chunk> chunks) {
        chunks.forEach(this::add);
        atEnd &= chunks.size() < AHEAD;
        fetch();
    }

    private void add(Chunk chunk) {
        if (isOver() || chunk.endSeq() <= next) {
            return;
        }
        int from = wholeChunk ? 0 : (int) Math.max(0, next - chunk.firstSeq());
        wholeChunk = false;
        next = chunk.endSeq();
        waiting++;
        Delivery all = new Delivery(consumer.holder().number(), chunk, from, chunk.count(), false, 0, 0);
        pump.add(new Pending.ForConsumer(all, consumer));
    }

    private <T> void read(Supplier<CompletableFuture<T>> asked, Consumer<T> then) {
        CompletableFuture<T> unused = asked.get()
                .whenCompleteAsync(
                        (answer, failure) -> connection.run(() -> {
                            fetching = false;
                            if (failure == null) {
                                then.accept(answer);
                            } else if (!isOver()) {
                                fetching = true;
                                var timer = connection
                                        .timers()
                                        .after(
                                                connection.loop(),
                                                RETRY_MILLIS,
                                                TimeUnit.MILLISECONDS,
                                                "reading a stream again",
                                                () -> connection.run(() -> read(asked, then)));
                            }
                            connection.endTurn();
                        }),
                        connection.loop());
    }

    /** What the client does not want goes at once. */
    void passOver(Pending.Messages m, ChunkBody body) {
        while (!m.isDone() && !wants(body, m.next())) {
            m.next(m.next() + 1);
        }
    }

    /** Whether the client wants message {@code i} of a chunk. */
    boolean wants(ChunkBody body, int i) {
        if (filter == null) {
            return true;
        }
        byte[] bytes = body.bytes();
        int at = body.at(i);
        String value = MessageHeaders.text(
                bytes,
                MessageRecord.propertiesOffset(bytes, at),
                MessageRecord.propertiesLength(bytes, at),
                FILTER_VALUE);
        return value == null ? unfiltered : filter.contains(value);
    }
}
