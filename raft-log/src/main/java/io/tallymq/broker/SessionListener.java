package io.tallymq.broker;

import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.Chunk;

/**
 * What a client connection hears from the replicated broker, always on its event loop and in log order. What one apply of the
 * log brings comes in a row and ends with {@link #eventsEnd}: the moment to flush the socket.
 */
public interface SessionListener {
    /** All publishes of the channel up to {@code seq} are applied: confirmed, except those returned or refused before. */
    void confirmed(int channel, long seq);

    /** A publish comes back: a mandatory one reached no queue, or one was refused, which {@link #refused} tells next. Comes before {@link #confirmed} covers it. */
    void returned(int channel, long seq, ReturnedMessage message);

    /**
     * As {@link #returned}, for a message whose body came in parts ({@link Broker#loadShared}). They stay, and what comes later in
     * the log is not told, until {@code written} has run: once, on the event loop, also when the client can't have the message.
     */
    void returnedInParts(int channel, long seq, ReturnedParts message, Runnable written);

    /**
     * A reply for a channel that consumes them (direct reply-to). Told as soon as it is known, also while the channel waits for the answer
     * to its basic.consume.
     *
     * @param written has to run once, on the event loop, when the message was written or can't be: until then it takes room
     */
    default void directReply(int channel, DirectReply message, Runnable written) {
        written.run();
    }

    /** A publish was refused. Comes before {@link #confirmed} covers it. */
    void refused(int channel, long seq, Reply.Rejected why);

    /**
     * Publishes reached a queue whose messages are not confirmed before all members of the cluster have them ({@link Broker#onceOnAll}). Comes
     * before {@link #confirmed} covers them, and may come for some that are refused nevertheless.
     *
     * @param first number of the first one
     * @param last number of the last one
     */
    default void awaitsAll(int channel, long first, long last) {}

    /** Messages for a consumer of this connection. */
    void deliver(int channel, String consumerTag, Delivery delivery);

    /**
     * The server cancels a consumer: its queue is gone.
     *
     * @param consumer its number: the tag may be another one's by now
     */
    void cancelled(int channel, String consumerTag, long consumer);

    /**
     * A stream has more.
     *
     * @param reader of this connection
     */
    default void grew(int channel, long reader, Chunk chunk) {}

    /**
     * Messages may be had that could not be had before.
     *
     * @param consumer of this connection, that takes by itself what its filter matches
     * @param ranges pairs of first and last number, ascending; not all that is between them has to be there
     */
    default void ready(int channel, long consumer, long[] ranges) {}

    /**
     * The client has not settled a message in time, and has lost it to others.
     *
     * @param consumer that was cancelled, or the number by which the channel uses basic.get
     * @param timeout milliseconds
     * @param messages how many it has lost
     */
    default void timedOut(int channel, long consumer, long timeout, long messages) {}

    /**
     * Another consumer of its queue waits for what this one was assigned ahead: what its client was not sent is to be given back now
     * with {@link TakeBack}.
     */
    void giveBack(int channel, long consumer);

    /** The connection no longer exists in the replicated state: close the client with 320 and this text. */
    void closed(String reason);

    /** An operator wants the connection closed: close the client with 320 and this text, and then the session. */
    default void forced(String reason) {
        closed(reason);
    }

    /** No majority (or no space): tell publishers with connection.blocked. */
    void blocked(String reason);

    void unblocked();

    /** {@link Session#isWritable} turned true again. */
    void writable();

    /** {@link Session#mayDeliver} turned true again. */
    void deliverable();

    /**
     * The cluster may have gone on without this node and may soon give what this connection holds to others. What was written and has
     * not arrived at the client must not arrive any more.
     */
    void leftBehind();

    /** The end of a row of events. */
    void eventsEnd();

    /**
     * Why a message comes back, as basic.return says it.
     *
     * @param text what happened and what to do; empty when the code says it all
     */
    record Reason(int code, String text) {
        /** A mandatory message reached no queue. */
        public static final Reason NO_ROUTE = new Reason(312, "");

        public static Reason of(Reply.Rejected refusal) {
            return new Reason(refusal.code(), refusal.text());
        }
    }

    /** A message that comes back: properties and body as the client sent them. */
    record ReturnedMessage(
            Reason why,
            Route route,
            byte[] bytes,
            int propertiesOffset,
            int propertiesLength,
            int bodyOffset,
            int bodyLength) {
        /** The same without what else the array has. */
        public ReturnedMessage alone() {
            if (bytes.length == propertiesLength + bodyLength) {
                return this;
            }
            byte[] own = new byte[propertiesLength + bodyLength];
            System.arraycopy(bytes, propertiesOffset, own, 0, propertiesLength);
            System.arraycopy(bytes, bodyOffset, own, propertiesLength, bodyLength);
            return new ReturnedMessage(why, route, own, 0, propertiesLength, propertiesLength, bodyLength);
        }
    }

    /**
     * A direct reply.
     *
     * @param token of the consumer that it is for
     * @param bytes properties, and then the body, if it is not in the store
     * @param shared the body's number, for {@link Broker#loadShared}; 0 when it is in {@code bytes}
     */
    record DirectReply(String token, byte[] bytes, int propertiesLength, long shared, long bodyLength) {}

    /**
     * A message that comes back and whose body is in the store.
     *
     * @param shared the body's number, for {@link Broker#loadShared}
     * @param length the body's bytes
     */
    record ReturnedParts(Reason why, Route route, byte[] properties, long shared, long length) {}
}
