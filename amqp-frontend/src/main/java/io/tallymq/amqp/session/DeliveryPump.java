package io.tallymq.amqp.session;

import io.netty.buffer.ByteBuf;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.store.ChunkBody;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the broker assigned to a channel, in order. What waits for the socket or for a read from the store is a
 * reference to a chunk, and its number is bounded by the consumers' credit. Event loop only.
 */
final class DeliveryPump {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryPump.class);
    /** Bytes that a channel writes before the other channels of its connection get their turn. */
    private static final int TURN_BYTES = 256 << 10;

    private final ConnectionContext connection;
    private final int channel;
    private final ChannelWriter writer;
    private final UnackedTags unacked;
    private final ChannelCounts counts;
    private final ReplyQueue replies;
    private final SocketOutput outbox;
    private final BodyStream stream;
    private final DeliveryFrames frames;
    private final ArrayDeque<Pending> items = new ArrayDeque<>();
    private long lastTag;
    private boolean queued;
    private boolean waiting;
    private boolean closed;
    /** The message whose body is on its way in pieces; null for none. */
    private Pending.Messages streaming;
    /** Runs when a consumer with a filter may have more. */
    private Runnable onRoom = () -> {};
    /** The messages of the first item, when they were not in memory. */
    private ChunkBody loaded;

    DeliveryPump(
            ConnectionContext connection,
            int channel,
            ChannelWriter writer,
            UnackedTags unacked,
            ReplyQueue replies,
            ChannelCounts counts) {
        this.counts = counts;
        this.connection = connection;
        this.channel = channel;
        this.writer = writer;
        this.unacked = unacked;
        this.replies = replies;
        this.outbox = connection.outbox();
        this.stream = new BodyStream(connection, channel);
        this.frames = new DeliveryFrames(connection, channel);
    }

    /** The first of a holder's messages that its client has and has not settled; -1 for none. */
    long firstUnsettled(Holding of) {
        long[] first = {-1};
        unacked.forEach((holder, from, to) -> {
            if (holder == of && (first[0] < 0 || from < first[0])) {
                first[0] = from;
            }
        });
        return first[0];
    }

    /** Runs the action when a consumer with a filter, that does not ack or has no limit, may have more. */
    void onRoom(Runnable action) {
        onRoom = action;
    }

    /** Nothing of any queue is written any more. */
    boolean isClosed() {
        return closed;
    }

    boolean isQueued() {
        return queued;
    }

    void queued(boolean q) {
        queued = q;
    }

    void add(Pending item) {
        items.add(item);
        connection.turns().wants(this);
    }

    /** Runs the action after all that waits now is written; at once if nothing waits. */
    void then(Runnable action) {
        if (items.isEmpty() && streaming == null) {
            action.run();
        } else {
            add(new Pending.Then(action));
        }
    }

    /** Tells of the message that is being written: the client gets it whole. One that needs no ack is settled only after that. */
    void tellSent(SentMessages sent) {
        if (streaming != null) {
            long seq = streaming.delivery().chunk().firstSeq() + streaming.next() - 1;
            sent.settled(streaming.holder(), seq, seq);
        }
    }

    /**
     * The channel is closed. A message that is being written is still completed: the client counts frames. So are messages that
     * came back: what the client asked last is answered behind them.
     */
    void close() {
        closed = true;
        loaded = null;
        ArrayDeque<Pending> old = new ArrayDeque<>(items);
        items.clear();
        for (Pending item : old) {
            if (item instanceof Pending.Then action) {
                action.run();
            } else if (item instanceof Pending.ForGet get && get != streaming) {
                replies.complete(get.slot(), () -> {});
            } else if (item instanceof Pending.Alone) {
                add(item);
            }
        }
    }

    /** The connection is gone. */
    void abandon() {
        closed = true;
        streaming = null;
        for (Pending item : items) {
            if (item instanceof Pending.Alone message) {
                message.end();
            }
        }
        items.clear();
        loaded = null;
        stream.forgetPart();
    }

    /**
     * Writes a share of what waits.
     *
     * @return whether there is more that can be written as soon as the socket takes it
     */
    boolean turn() {
        stream.resume();
        boolean more = write();
        stream.pause();
        return more;
    }

    private boolean write() {
        long most = TURN_BYTES;
        while (!waiting) {
            if (streaming != null) {
                most -= writeBody();
            } else if (items.isEmpty()) {
                stream.forgetPart();
                return false;
            } else if (items.peek() instanceof Pending.Then action) {
                items.remove();
                action.run();
                continue;
            } else if (items.peek() instanceof Pending.Resume resume) {
                items.remove();
                resume(resume.consumer());
            } else if (items.peek() instanceof Pending.Alone message) {
                most -= write(message);
            } else if (!connection.session().mayDeliver()) {
                return false; // goes on with SessionListener.deliverable
            } else if (items.peek() instanceof Pending.Messages messages) {
                most -= write(messages, most);
            }
            if (most <= 0 || !outbox.isWritable()) {
                return true;
            }
        }
        return false;
    }

    private void resume(ConsumerState consumer) {
        for (Pending.ForConsumer m = consumer.takeLastHeldBack(); m != null; m = consumer.takeLastHeldBack()) {
            items.addFirst(m);
        }
    }

    /** The client has as many unsettled messages as the consumer's prefetch allows. */
    private void holdBack(Pending.ForConsumer m) {
        items.remove();
        loaded = null;
        ConsumerState consumer = m.consumer();
        if (consumer.phase() == ConsumerState.Phase.CANCELLING) {
            giveBack(m);
            consumer.gaveBack();
        } else {
            consumer.holdBack(m, () -> add(new Pending.Resume(consumer)));
            if (consumer.reader() == null && consumer.beginWatch()) {
                watch(consumer, consumer.holder().settledSoFar());
            }
        }
    }

    /** What a consumer that does not settle was assigned ahead goes back, for others to have. */
    private void watch(ConsumerState consumer, long settledThen) {
        var unused = connection
                .timers()
                .after(
                        connection.loop(),
                        FlowLimits.HELD_BACK_MILLIS,
                        TimeUnit.MILLISECONDS,
                        "giving back what is held back",
                        () -> look(consumer, settledThen));
    }

    private void look(ConsumerState consumer, long settledThen) {
        boolean asked = consumer.isAskedBack();
        if (closed || !asked && !consumer.holdsBack()) {
            consumer.endWatch();
        } else if (isStreamingFor(consumer) || !asked && consumer.holder().settledSoFar() != settledThen) {
            watch(consumer, consumer.holder().settledSoFar());
        } else {
            consumer.endWatch();
            takeBack(consumer);
        }
    }

    /** Others wait for what the consumer was assigned ahead: it goes back now, or behind the message that is being written. */
    void askedBack(ConsumerState consumer) {
        if (consumer.isTakingBack()) {
            return;
        }
        consumer.askedBack(true);
        if (!isStreamingFor(consumer)) {
            takeBack(consumer);
        } else if (consumer.beginWatch()) {
            watch(consumer, consumer.holder().settledSoFar());
        }
    }

    private boolean isStreamingFor(ConsumerState consumer) {
        return streaming instanceof Pending.ForConsumer m && m.consumer() == consumer;
    }

    /**
     * Gives back all that the consumer was assigned and its client was not sent; also what is still on its way to this channel,
     * for it was assigned before: else it would be delivered before what goes back.
     */
    private void takeBack(ConsumerState consumer) {
        consumer.askedBack(false);
        consumer.dropHeldBack();
        Pending first = items.peek();
        items.removeIf(item -> item instanceof Pending.ForConsumer m && m.consumer() == consumer);
        if (items.peek() != first) {
            loaded = null;
        }
        SettleBatch.Entry sent = new SettleBatch.Entry(consumer.holder(), Settle.Outcome.RELEASE);
        unacked.forEach((holder, from, to) -> {
            if (holder == consumer.holder()) {
                sent.add(from, to);
            }
        });
        consumer.takingBack(true);
        connection.submit(new TakeBack(consumer.holder().number(), sent.merged()), reply -> consumer.takingBack(false));
    }

    /** What a cancelled consumer was assigned and never sent goes back to the queue. */
    void giveBack(ConsumerState consumer) {
        for (Pending.ForConsumer m = consumer.takeLastHeldBack(); m != null; m = consumer.takeLastHeldBack()) {
            giveBack(m);
            consumer.gaveBack();
        }
    }

    /** The same, and what waits to be written is not written either: others have some of it. */
    void giveBackAll(ConsumerState consumer) {
        Pending first = items.peek();
        items.removeIf(item -> {
            boolean its = item instanceof Pending.ForConsumer m && m.consumer() == consumer;
            if (its && !((Pending.ForConsumer) item).isDone()) {
                giveBack((Pending.ForConsumer) item);
            }
            return its;
        });
        if (items.peek() != first) {
            loaded = null;
        }
        giveBack(consumer);
    }

    private void giveBack(Pending.ForConsumer m) {
        long firstSeq = m.delivery().chunk().firstSeq();
        connection
                .settles()
                .add(
                        m.holder(),
                        Settle.Outcome.RELEASE,
                        firstSeq + m.next(),
                        firstSeq + m.delivery().to() - 1);
    }

    /** Writes messages of the first item; returns how many bytes, about. */
    private long write(Pending.Messages m, long most) {
        int room = m instanceof Pending.ForConsumer c ? c.consumer().room() : Integer.MAX_VALUE;
        if (room <= 0) {
            holdBack((Pending.ForConsumer) m);
            return 0;
        }
        ChunkBody body = loaded != null ? loaded : m.delivery().chunk().body();
        if (body == null) {
            load(m);
            return 0;
        }
        StreamReader reader = m instanceof Pending.ForConsumer c ? c.consumer().reader() : null;
        passOver(m, body, reader);
        int from = m.next();
        int to = Math.min(m.delivery().to() - from, room) + from;
        int i = from;
        long written = 0;
        while (i < to
                && written < most
                && (reader == null || reader.wants(body, i))
                && !MessageRecord.isExternal(body.bytes(), body.at(i))
                && frames.fits(m, body, i)) {
            written += writeWhole(m, body, i);
            i++;
            if (!outbox.isWritable()) {
                break;
            }
        }
        m.next(i);
        if (i > from) {
            account(m, from, i);
        } else if (i < to && !frames.fits(m, body, i)) {
            connection.fail(frames.tooLarge(m, body, i));
        } else if (i < to) {
            beginBody(m, body, i);
        }
        finishIfDone(m);
        return written;
    }

    /** What the reader of a stream does not want goes at once. */
    private static void passOver(Pending.Messages m, ChunkBody body, StreamReader reader) {
        while (reader != null && !m.isDone() && !reader.wants(body, m.next())) {
            m.next(m.next() + 1);
        }
    }

    private static void written(Pending.Messages m) {
        if (m instanceof Pending.ForConsumer c && c.consumer().reader() != null) {
            c.consumer().reader().written();
        }
    }

    private void finishIfDone(Pending.Messages m) {
        if (m.isDone() && streaming == null && items.peek() == m) {
            items.remove();
            loaded = null;
            written(m);
            if (m instanceof Pending.ForGet get) {
                replies.complete(get.slot(), () -> {});
            }
        }
    }

    /** A message whose body stands in the record. */
    private long writeWhole(Pending.Messages m, ChunkBody body, int i) {
        byte[] bytes = body.bytes();
        int at = body.at(i);
        int length = MessageRecord.inlineLength(bytes, at);
        int frameMax = connection.terms().frameMax();
        long size = DeliveryFrames.propertiesLength(m, body, i)
                + FrameWriter.bodyBytes(length, frameMax)
                + DeliveryFrames.FRAMES_BYTES;
        ByteBuf out = outbox.buffer((int) size);
        frames.write(out, m, body, i, ++lastTag);
        FrameWriter.body(out, channel, bytes, MessageRecord.bodyOffset(bytes, at), length, frameMax);
        outbox.written();
        return size;
    }

    /** Messages {@code from} to {@code to} (exclusive) of the chunk were written, with the last tags. */
    private void account(Pending.Messages m, int from, int to) {
        int count = to - from;
        counts.delivered(m, count);
        long firstSeq = m.delivery().chunk().firstSeq() + from;
        if (m.isNoAck()) {
            connection.settles().add(m.holder(), Settle.Outcome.ACK, firstSeq, firstSeq + count - 1);
            madeRoom(m);
        } else {
            unacked.add(m.holder(), lastTag - count + 1, firstSeq, count);
            if (m instanceof Pending.ForConsumer c && c.consumer().reader() != null) {
                c.consumer().reader().sent(firstSeq + count);
            }
            if (m instanceof Pending.ForConsumer c) {
                int credit = c.consumer().creditFor(count);
                if (credit > 0) {
                    connection.submit(new Credit(m.holder().number(), credit));
                    madeRoom(m);
                }
            }
        }
    }

    private void madeRoom(Pending.Messages m) {
        if (m instanceof Pending.ForConsumer c && c.consumer().filter() != null) {
            onRoom.run();
        }
    }

    /** A message whose body stands elsewhere: begins once its first part is there. */
    private void beginBody(Pending.Messages m, ChunkBody body, int i) {
        byte[] bytes = body.bytes();
        int at = body.at(i);
        long length = MessageRecord.bodyLength(bytes, at);
        stream.open(MessageRecord.externalId(bytes, at), MessageRecord.externalOffset(bytes, at), length);
        if (length > 0 && !stream.hasPart()) {
            loadPart(m);
            return;
        }
        ByteBuf out = outbox.buffer(DeliveryFrames.propertiesLength(m, body, i) + DeliveryFrames.FRAMES_BYTES);
        frames.write(out, m, body, i, ++lastTag);
        outbox.written();
        m.next(i + 1);
        streaming = m;
        writer.beginContent();
    }

    /** Writes of the body in hand what the socket takes; returns how many bytes. */
    private long writeParts(Pending of) {
        long written = 0;
        while (!stream.isDone()) {
            if (!stream.hasPart()) {
                loadPart(of);
                return written;
            }
            written += stream.write();
            if (!stream.isDone() && !outbox.isWritable()) {
                return written;
            }
        }
        return written;
    }

    /** A message that came back or is a direct reply, which is the first item; returns how many bytes were written. */
    private long write(Pending.Alone m) {
        if (!m.isBegun() && !begin(m)) {
            return 0;
        }
        long written = m.isStored() ? writeParts(m) : m.bodyLength();
        if (!m.isStored() || stream.isDone()) {
            items.remove();
            writer.endContent();
            m.end();
        }
        return written;
    }

    /** Writes all but a body that is in the store; returns false when that waits, or nothing is to be written. */
    private boolean begin(Pending.Alone m) {
        if (!m.isWanted()) {
            items.remove();
            m.end();
            return false;
        }
        if (m.isStored()) {
            stream.open(m.shared(), 0, m.bodyLength());
            if (!stream.hasPart()) {
                loadPart(m);
                return false;
            }
        }
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

    private long writeBody() {
        long written = writeParts(streaming);
        if (!stream.isDone()) {
            return written;
        }
        Pending.Messages m = streaming;
        streaming = null;
        writer.endContent();
        if (!closed) {
            account(m, m.next() - 1, m.next());
        }
        if (m instanceof Pending.ForGet get) {
            replies.complete(get.slot(), () -> {});
        }
        finishIfDone(m);
        return written;
    }

    private void load(Pending.Messages m) {
        await(
                connection.broker().load(m.delivery().chunk()),
                m,
                body -> loaded = body,
                () -> skip(m, m.delivery().to()));
    }

    private void loadPart(Pending of) {
        await(stream.load(), of, stream::part, () -> {
            if (of instanceof Pending.Messages m) {
                skip(m, m.next() + 1);
            } else {
                unreadable(new IllegalStateException("a message has lost its body"));
            }
        });
    }

    /** Goes on once something is read: with it, or with {@code missing} if its queue was deleted meanwhile. */
    private <T> void await(CompletableFuture<T> reading, Pending m, Consumer<T> arrived, Runnable missing) {
        if (reading.isDone() && !reading.isCompletedExceptionally()) {
            arrive(m, reading.join(), arrived, missing);
            stream.loaded();
            return;
        }
        waiting = true;
        CompletableFuture<T> unused = reading.whenCompleteAsync(
                (read, failure) -> {
                    waiting = false;
                    if (failure == null) {
                        arrive(m, read, arrived, missing);
                    } else {
                        unreadable(failure);
                    }
                    stream.loaded();
                    stream.pause();
                    connection.turns().wants(this);
                    connection.endTurn();
                },
                connection.loop());
    }

    private <T> void arrive(Pending m, T read, Consumer<T> arrived, Runnable missing) {
        if (streaming != m && items.peek() != m) {
            return;
        }
        if (read != null) {
            arrived.accept(read);
        } else if (streaming == m) {
            connection.fail(AmqpError.connection(
                    ReplyCode.INTERNAL_ERROR, "the queue was deleted while one of its messages was being sent"));
        } else {
            missing.run();
        }
    }

    private void unreadable(Throwable failure) {
        LOG.error("Can't read messages for a client: its connection is closed", failure);
        connection.fail(AmqpError.connection(
                ReplyCode.INTERNAL_ERROR, "the message can't be read from the store, see the broker's log"));
    }

    /** Messages of the first item are no longer there: goes on with message {@code next}. */
    private void skip(Pending.Messages m, int next) {
        m.next(next);
        if (m.isDone()) {
            items.remove();
            loaded = null;
            written(m);
            if (m instanceof Pending.ForGet get) {
                nothingToGet(get);
            }
        }
    }

    private void nothingToGet(Pending.ForGet get) {
        counts.gotNothing();
        replies.complete(get.slot(), () -> writer.method(new BasicMethod.GetEmpty()));
    }
}
