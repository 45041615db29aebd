package io.tallymq.amqp.delivery;

import io.tallymq.amqp.channel.ChannelContext;
import io.tallymq.amqp.channel.ChannelCounts;
import io.tallymq.amqp.channel.ChannelWriter;
import io.tallymq.amqp.channel.ConnectionContext;
import io.tallymq.amqp.channel.ReplyQueue;
import io.tallymq.amqp.settle.Holding;
import io.tallymq.amqp.settle.SentMessages;
import io.tallymq.amqp.settle.UnackedTags;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.BasicMethod;
import io.tallymq.broker.SessionListener.ReturnedParts;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.store.ChunkBody;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Writes what the broker assigned to a channel, in order. What waits for the socket or for a read from the store is a
 * reference to a chunk, and its number is bounded by the consumers' credit. Event loop only.
 */
public final class DeliveryPump {
    /** Bytes that a channel writes before the other channels of its connection get their turn. */
    private static final int TURN_BYTES = 256 << 10;

    private final ConnectionContext connection;
    private final ChannelWriter writer;
    private final DeliveryAccounts accounts;
    private final ChannelCounts counts;
    private final ReplyQueue replies;
    private final SocketOutput outbox;
    private final BodyStream stream;
    private final LoadedChunk loaded;
    private final StoreReads reads;
    private final MessageWriter messages;
    private final DeliveryTurns turns;
    private final AssignedAhead ahead;
    private final ReadOffsets offsets;
    private final ArrayDeque<Pending> items = new ArrayDeque<>();
    private boolean queued;
    private boolean closed;
    /** The message whose body is on its way in pieces; null for none. */
    private Pending.Messages streaming;

    /** @param unacked of the channel: what is written and has to be settled goes there */
    public DeliveryPump(ChannelContext of, DeliveryContext deliveries, UnackedTags unacked) {
        this.counts = of.counts();
        this.connection = of.connection();
        this.writer = of.writer();
        this.accounts = new DeliveryAccounts(of, unacked);
        this.replies = of.replies();
        this.outbox = connection.outbox();
        this.turns = deliveries.turns();
        this.stream = new BodyStream(connection, deliveries.bodyBudget(), of.number());
        this.loaded = new LoadedChunk(deliveries.bodyBudget());
        this.reads = new StoreReads(connection, turns, this, loaded, stream);
        this.messages = new MessageWriter(of, deliveries, accounts);
        this.ahead = new AssignedAhead(connection, this, unacked);
        this.offsets = new ReadOffsets(connection, this, unacked);
    }

    /** What was written is accounted for there. */
    DeliveryAccounts accounts() {
        return accounts;
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

    /** What its consumers were assigned beyond what their clients may have. */
    AssignedAhead ahead() {
        return ahead;
    }

    /** How far its readers of streams are. */
    ReadOffsets offsets() {
        return offsets;
    }

    /** What was withheld may be delivered now. */
    public void deliverable() {
        turns.wants(this);
    }

    /**
     * A message has come back to the client, and its body is in the store.
     *
     * @param wanted whether the channel still takes it; asked before it begins
     * @param written runs when it was written, or is not wanted
     */
    public void returned(ReturnedParts message, BooleanSupplier wanted, Runnable written) {
        add(new Pending.Returned(message, wanted, written));
    }

    void add(Pending item) {
        items.add(item);
        turns.wants(this);
    }

    /** Runs the action after all that waits now is written; at once if nothing waits. */
    public void then(Runnable action) {
        if (items.isEmpty() && streaming == null) {
            action.run();
        } else {
            add(new Pending.Then(action));
        }
    }

    /** Tells of the message that is being written: the client gets it whole. One that needs no ack is settled only after that. */
    public void tellSent(SentMessages sent) {
        if (streaming != null) {
            long seq = streaming.delivery().chunk().firstSeq() + streaming.next() - 1;
            sent.settled(streaming.holder(), seq, seq);
        }
    }

    /**
     * The channel is closed. A message that is being written is still completed: the client counts frames. So are messages that
     * came back: what the client asked last is answered behind them.
     */
    public void close() {
        closed = true;
        loaded.unload();
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
        if (streaming == null) {
            stream.forgetPart(); // which nobody may ask for any more
        }
    }

    /** The connection is gone. */
    public void abandon() {
        closed = true;
        streaming = null;
        for (Pending item : items) {
            if (item instanceof Pending.Alone message) {
                message.end();
            }
        }
        items.clear();
        loaded.unload();
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
        loaded.keep();
        return more;
    }

    private boolean write() {
        long most = TURN_BYTES;
        while (!reads.isUnderWay()) {
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
                if (!returnFirst()) {
                    return false; // goes on with SessionListener.deliverable
                }
            } else if (items.peek() instanceof Pending.Messages m) {
                most -= write(m, most);
            }
            if (most <= 0 || !outbox.isWritable()) {
                return true;
            }
        }
        return false;
    }

    /** What comes back to the client need not wait for messages that wait: these may wait for news that is told behind it. Returns whether there is such. */
    private boolean returnFirst() {
        for (Pending item : items) {
            if (item instanceof Pending.Returned) {
                items.remove(item);
                items.addFirst(item);
                loaded.unload(); // it was of what was first
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

    /** Whether a message is being written that is the consumer's. */
    boolean isStreamingFor(ConsumerState consumer) {
        return streaming instanceof Pending.ForConsumer m && m.consumer() == consumer;
    }

    /** Who holds messages that wait to be written, by the broker's number; null if none of them is its. */
    Holding waitingFor(long number) {
        for (Pending item : items) {
            if (item instanceof Pending.Messages m && m.holder().number() == number) {
                return m.holder();
            }
        }
        return null;
    }

    /** What waits to be written for the consumer does not wait any more; {@code gone} gets it, the first first. */
    void drop(ConsumerState consumer, Consumer<Pending.ForConsumer> gone) {
        Pending first = items.peek();
        items.removeIf(item -> {
            if (item instanceof Pending.ForConsumer m && m.consumer() == consumer) {
                gone.accept(m);
                return true;
            }
            return false;
        });
        if (items.peek() != first) {
            loaded.unload();
        }
    }

    /** Writes messages of the first item; returns how many bytes, about. */
    private long write(Pending.Messages m, long most) {
        int room = m instanceof Pending.ForConsumer c ? ahead.room(c.consumer()) : Integer.MAX_VALUE;
        if (room <= 0) {
            items.remove();
            loaded.unload();
            ahead.holdBack((Pending.ForConsumer) m);
            return 0;
        }
        ChunkBody body = loaded.of(m.delivery().chunk());
        if (body == null) {
            load(m);
            return 0;
        }
        if (m.reader() != null) {
            m.reader().passOver(m, body);
        }
        int from = m.next();
        int to = Math.min(m.delivery().to() - from, room) + from;
        long written = messages.write(m, body, to, most);
        if (m.next() == from && from < to) {
            beginBody(m, body, from);
        }
        finishIfDone(m);
        return written;
    }

    private void finishIfDone(Pending.Messages m) {
        if (m.isDone() && streaming == null && items.peek() == m) {
            items.remove();
            loaded.unload();
            m.gone();
            if (m instanceof Pending.ForGet get) {
                replies.complete(get.slot(), () -> {});
            }
        }
    }

    /** A message whose body stands elsewhere: begins once its first part is there. Also for one that no frame takes. */
    private void beginBody(Pending.Messages m, ChunkBody body, int i) {
        if (!messages.fits(m, body, i)) {
            return;
        }
        byte[] bytes = body.bytes();
        int at = body.at(i);
        long length = MessageRecord.bodyLength(bytes, at);
        stream.open(MessageRecord.externalId(bytes, at), MessageRecord.externalOffset(bytes, at), length);
        if (length > 0 && !stream.hasPart()) {
            loadPart(m);
            return;
        }
        messages.begin(m, body, i);
        streaming = m;
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
        return messages.begin(m);
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
            messages.written(m);
        }
        if (m instanceof Pending.ForGet get) {
            replies.complete(get.slot(), () -> {});
        }
        finishIfDone(m);
        return written;
    }

    private void load(Pending.Messages m) {
        reads.chunk(
                m.delivery().chunk(),
                body -> arrive(m, body, loaded::read, () -> skip(m, m.delivery().to())));
    }

    private void loadPart(Pending of) {
        reads.part(bytes -> arrive(of, bytes, stream::part, () -> {
            if (of instanceof Pending.Messages m) {
                skip(m, m.next() + 1);
            } else {
                reads.unreadable(new IllegalStateException("a message has lost its body"));
            }
        }));
    }

    /** Something was read, null if it was taken out meanwhile: unless what it is for does not wait any more, it goes on with it, or with {@code missing}. */
    private <T> void arrive(Pending m, T read, Consumer<T> arrived, Runnable missing) {
        if (streaming != m && items.peek() != m) {
            return;
        }
        if (read != null) {
            arrived.accept(read);
        } else if (streaming == m) {
            reads.takenOut();
        } else {
            missing.run();
        }
    }

    /** Messages of the first item are no longer there: goes on with message {@code next}. */
    private void skip(Pending.Messages m, int next) {
        m.next(next);
        if (m.isDone()) {
            items.remove();
            loaded.unload();
            m.gone();
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
