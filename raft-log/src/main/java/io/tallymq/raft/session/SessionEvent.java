package io.tallymq.raft.session;

import io.tallymq.broker.SessionListener;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.store.Chunk;
import java.util.function.Consumer;

/** Something a session hears, kept until the entry it comes from is committed to the store; lone confirms need not wait so long. */
sealed interface SessionEvent
        permits SessionEvent.Confirmed,
                SessionEvent.Returned,
                SessionEvent.Refused,
                SessionEvent.AwaitsAll,
                SessionEvent.Delivered,
                SessionEvent.Cancelled,
                SessionEvent.Grew,
                SessionEvent.Ready,
                SessionEvent.TimedOut,
                SessionEvent.GiveBack,
                SessionEvent.Closed,
                SessionEvent.Forced,
                SessionEvent.Replied,
                SessionEvent.Blocked,
                SessionEvent.Unblocked,
                SessionEvent.Writable,
                SessionEvent.Deliverable,
                SessionEvent.LeftBehind,
                ReturnedUpload,
                AddressedReply {
    void tell(SessionListener listener);

    /** Whether it has its place among the events of the log; others don't wait for what is still being told. */
    default boolean isOrdered() {
        return true;
    }

    /** What an event takes in memory, without what it shares with others; in bytes, about. */
    int BYTES = 64;

    /** Bytes that are kept while it waits. */
    default int keptBytes() {
        return BYTES;
    }

    /** The same event, of which no more is kept than it needs. */
    default SessionEvent kept() {
        return this;
    }

    record Confirmed(int channel, long seq) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.confirmed(channel, seq);
        }
    }

    record Returned(int channel, long seq, SessionListener.ReturnedMessage message) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.returned(channel, seq, message);
        }

        @Override
        public int keptBytes() {
            return BYTES + message.propertiesLength() + message.bodyLength();
        }

        /** Not all of the batch that it came in. */
        @Override
        public SessionEvent kept() {
            return new Returned(channel, seq, message.alone());
        }
    }

    record Refused(int channel, long seq, Reply.Rejected why) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.refused(channel, seq, why);
        }
    }

    record AwaitsAll(int channel, long first, long last) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.awaitsAll(channel, first, last);
        }
    }

    record Delivered(int channel, String tag, Delivery delivery) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.deliver(channel, tag, delivery);
        }
    }

    record GiveBack(int channel, long consumer) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.giveBack(channel, consumer);
        }
    }

    record Cancelled(int channel, String tag, long consumer) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.cancelled(channel, tag, consumer);
        }
    }

    record Grew(int channel, long reader, Chunk chunk) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.grew(channel, reader, chunk);
        }
    }

    record Ready(int channel, long consumer, long[] ranges) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.ready(channel, consumer, ranges);
        }
    }

    record TimedOut(int channel, long consumer, long timeout, long messages) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.timedOut(channel, consumer, timeout, messages);
        }
    }

    record Closed(String reason) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.closed(reason);
        }

        @Override
        public boolean isOrdered() {
            return false;
        }
    }

    record Forced(String reason) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.forced(reason);
        }

        @Override
        public boolean isOrdered() {
            return false;
        }
    }

    record Replied(Consumer<Reply> onReply, Reply reply) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            onReply.accept(reply);
        }
    }

    record Blocked(String reason) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.blocked(reason);
        }

        @Override
        public boolean isOrdered() {
            return false;
        }
    }

    record Unblocked() implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.unblocked();
        }

        @Override
        public boolean isOrdered() {
            return false;
        }
    }

    /** @param gaps of the lease, as {@link Withholding} knows: what was taken away from the session before stands before this */
    record Deliverable(ClientSession session, long gaps) implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            session.leaseGaps = gaps;
            listener.deliverable();
        }
    }

    record LeftBehind() implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.leftBehind();
        }

        @Override
        public boolean isOrdered() {
            return false;
        }
    }

    record Writable() implements SessionEvent {
        @Override
        public void tell(SessionListener listener) {
            listener.writable();
        }

        @Override
        public boolean isOrdered() {
            return false;
        }
    }
}
