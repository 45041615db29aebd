package io.tallymq.amqp.socket;

import io.netty.channel.Channel;
import java.util.EnumSet;
import java.util.Set;

/** Whether a socket is read: not while one of several things is too full. Event loop only, but for {@link #isClosed}. */
public final class ReadGate {
    /** What is too full. */
    public enum Reason {
        BROKER,
        /** The client publishes while the broker takes no messages. */
        BLOCKED,
        OUTBOX,
        /** As many confirms as may be wait until all members of the cluster have copies. */
        COPIES,
        /** A message of the client has begun for which there is no room yet. */
        PUBLISH_MEMORY,
        /** As many answers are due as may be: the client asks faster than it reads, or the broker can't answer now. */
        ANSWERS,
        /** The client sends more behind connection.open than is kept until it is answered. */
        HANDSHAKE
    }

    private final Channel channel;
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);
    private volatile boolean closed;

    /** The socket is read until something is too full. */
    public ReadGate(Channel channel) {
        this.channel = channel;
    }

    /** The socket is not read until this reason, as all others, is gone; nothing happens the second time. */
    public void close(Reason why) {
        if (reasons.add(why) && !closed) {
            closed = true;
            channel.config().setAutoRead(false);
        }
    }

    /** The reason is gone: the socket is read if it was the last one. */
    public void open(Reason why) {
        if (reasons.remove(why) && reasons.isEmpty()) {
            closed = false;
            channel.config().setAutoRead(true);
        }
    }

    /** The socket is read, whatever is too full. */
    public void openForAll() {
        for (Reason why : Reason.values()) {
            open(why);
        }
    }

    public boolean isClosedBy(Reason why) {
        return reasons.contains(why);
    }

    /** Whether the socket is not read for the node's own reasons. */
    public boolean isClosedByNode() {
        return isClosedBy(Reason.BROKER)
                || isClosedBy(Reason.BLOCKED)
                || isClosedBy(Reason.COPIES)
                || isClosedBy(Reason.ANSWERS)
                || isClosedBy(Reason.PUBLISH_MEMORY)
                || isClosedBy(Reason.HANDSHAKE);
    }

    /** Any thread. */
    public boolean isClosed() {
        return closed;
    }
}
