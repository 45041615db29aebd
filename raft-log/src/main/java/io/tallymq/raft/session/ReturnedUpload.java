package io.tallymq.raft.session;

import io.tallymq.broker.SessionListener;
import io.tallymq.broker.SessionListener.Reason;
import io.tallymq.broker.SessionListener.ReturnedParts;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.message.Route;

/**
 * A message that comes back to its publisher and whose body came in parts. The parts stay in the store until the listener has
 * written them out, one at a time; what comes later in the log waits so long, for the confirm must not come first.
 */
record ReturnedUpload(ClientSession session, int channel, long seq, long upload, ReturnedParts message)
        implements SessionEvent {
    static ReturnedUpload of(Mark mark, long seq, Reason why, Route route, byte[] properties, StoredBody body) {
        ReturnedParts parts = new ReturnedParts(why, route, properties, body.shared(), body.length());
        return new ReturnedUpload(mark.session, mark.channel, seq, body.upload(), parts);
    }

    /**
     * The body.
     *
     * @param upload what it is dropped as
     * @param shared where the store has it
     * @param length bytes
     */
    record StoredBody(long upload, long shared, long length) {}

    @Override
    public void tell(SessionListener listener) {
        listener.returnedInParts(channel, seq, message, this::written);
    }

    /** Nobody reads the parts any more. On the session's loop. */
    private void written() {
        session.submit(new DropUpload(session.id(), upload));
        session.goOn();
    }
}
