package io.tallymq.raft;

import io.tallymq.broker.Broker;
import io.tallymq.broker.ByteWriter;
import io.tallymq.broker.Command;
import io.tallymq.broker.Reply;
import io.tallymq.broker.Route;
import io.tallymq.broker.SessionListener;
import io.tallymq.broker.SessionListener.ReturnedMessage;
import java.util.concurrent.CompletableFuture;

/**
 * A mandatory message that reached no queue and whose body came in parts. The parts are in the store, so they are read back
 * before the session hears of it; what comes later waits, for the confirm must not come first. The body is dropped then.
 */
final class ReturnedUpload implements SessionEvent {
    /** Larger bodies do not fit an array; front ends allow far less. */
    private static final long MAX_LENGTH = Integer.MAX_VALUE - (1 << 20);

    /**
     * The message that came back.
     *
     * @param shared where the store has the body
     */
    record Message(int channel, long seq, Route route, byte[] properties, long upload, long shared, long length) {}

    private final ClientSession session;
    private final Message message;
    private final Readers readers;
    private CompletableFuture<byte[]> loading;

    ReturnedUpload(ClientSession session, Message message, Readers readers) {
        this.session = session;
        this.message = message;
        this.readers = readers;
    }

    /** Begins to read the body; the future's value is properties and body, or null when it is gone. On the loop. */
    CompletableFuture<byte[]> load() {
        if (loading == null) {
            loading = message.length() > MAX_LENGTH
                    ? CompletableFuture.completedFuture(null)
                    : readers.load(message.shared(), this::whole);
        }
        return loading;
    }

    /** Reads the parts one after the other. On a reader's thread. */
    private byte[] whole(Readers.Parts parts) {
        int length = (int) message.length();
        ByteWriter w = new ByteWriter(message.properties().length + length);
        w.raw(message.properties(), 0, message.properties().length);
        for (int part = 0, rest = length; rest > 0; part++, rest -= Broker.PART_SIZE) {
            byte[] bytes = parts.load(part);
            if (bytes == null || bytes.length != Math.min(rest, Broker.PART_SIZE)) {
                return null;
            }
            w.raw(bytes, 0, bytes.length);
        }
        return w.array();
    }

    @Override
    public void tell(SessionListener listener) {
        byte[] bytes = loading.isCompletedExceptionally() ? null : loading.join();
        if (bytes == null) {
            listener.refused(
                    message.channel(),
                    message.seq(),
                    new Reply.Rejected(
                            541,
                            Reply.Reason.INTERNAL,
                            "the message reached no queue and its body could not be read back"));
        } else {
            int properties = message.properties().length;
            listener.returned(
                    message.channel(),
                    message.seq(),
                    new ReturnedMessage(message.route(), bytes, 0, properties, properties, (int) message.length()));
        }
        session.submit(new Command.DropUpload(session.id(), message.upload()));
    }
}
