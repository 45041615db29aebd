package io.tallymq.raft.session;

import io.tallymq.broker.SessionListener;
import io.tallymq.broker.SessionListener.DirectReply;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.spec.ReplyConsumer;
import java.util.Arrays;

/**
 * A direct reply on its way to the channel that waits for it. It is told at once, whatever waits for a large message that comes back:
 * nothing of the log's order is lost, for the listener keeps it behind basic.consume-ok, and it has to be in the budget meanwhile.
 *
 * @param upload the body's, to be dropped when nobody reads it any more; 0 when it is in the message
 */
record AddressedReply(ClientSession session, int channel, long upload, DirectReply message) implements SessionEvent {
    /** The reply whose record stands at {@code at}: a copy, so that one that waits does not keep all of its batch. */
    static AddressedReply of(ClientSession session, ReplyConsumer to, byte[] b, int at, long upload, long shared) {
        int properties = MessageRecord.propertiesOffset(b, at);
        int length = MessageRecord.propertiesLength(b, at);
        long body = MessageRecord.bodyLength(b, at);
        int end = properties + length + (upload == 0 ? (int) body : 0);
        byte[] copied = Arrays.copyOfRange(b, properties, end);
        return new AddressedReply(
                session, to.channel(), upload, new DirectReply(to.token(), copied, length, shared, body));
    }

    /** Takes room for it; returns false when it can not be kept. */
    boolean isTaken() {
        return session.replyBudget().take(message.bytes().length, inStore());
    }

    private long inStore() {
        return upload == 0 ? 0 : message.bodyLength();
    }

    @Override
    public boolean isOrdered() {
        return false;
    }

    @Override
    public void tell(SessionListener listener) {
        listener.directReply(channel, message, this::written);
    }

    private void written() {
        session.replyBudget().give(message.bytes().length, inStore());
        if (upload != 0) {
            session.submit(new DropUpload(session.id(), upload));
        }
    }

    /** It is not delivered: nobody reads its body. Any thread. */
    void drop() {
        if (upload != 0) {
            session.dropUpload(upload);
        }
    }
}
