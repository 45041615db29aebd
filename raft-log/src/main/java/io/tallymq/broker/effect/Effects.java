package io.tallymq.broker.effect;

import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ReplyConsumer;
import io.tallymq.broker.store.Chunk;

/**
 * What a node has to do because of an entry. Every replica computes all of them, in the same order; the node that serves the
 * named connection acts. Called from the applying thread; nothing is done before the commit.
 */
public interface Effects {
    /** Write these messages to the consumer. */
    void deliver(Consumer consumer, Delivery delivery);

    /** basic.cancel from the server: the queue is gone. */
    void consumerCancelled(Consumer consumer);

    /** A stream that the consumer reads has more. */
    default void grew(Consumer reader, Chunk chunk) {}

    /**
     * Messages may be had that could not be had before, by a consumer that takes by itself what its filter matches.
     *
     * @param ranges pairs of first and last number, ascending; not all that is between them has to be there
     */
    default void ready(Consumer filtering, long[] ranges) {}

    /**
     * The client of a consumer, or of a channel that used basic.get, has not settled a message in time. What it had for too long has gone
     * back, and a consumer is cancelled.
     *
     * @param timeout milliseconds
     * @param messages how many have gone back
     */
    default void timedOut(Consumer consumer, long timeout, long messages) {}

    /**
     * Others of its queue wait for what the consumer was assigned beyond its prefetch: what its client was not sent has to come back
     * with {@link TakeBack}. Told once: when the queue's second
     * consumer comes, when it may be assigned ahead no more, or when the queue is purged.
     */
    default void giveBack(Consumer consumer) {}

    /** An operator wants the connection closed: close it with 320 and this reason, and tell the log that it is. */
    default void connectionForced(ConnectionId connection, String reason) {}

    /** The connection no longer exists in the replicated state: close it with 320. */
    void connectionClosed(ConnectionId connection, String reason);

    /**
     * A publish that was mandatory reached no queue.
     *
     * @param ordinal of the message within its batch
     */
    void unroutable(int ordinal);

    /**
     * Publishes go to a queue. Told before the queue has them, so that what is ready then was there before.
     *
     * @param first ordinal of the first one within its batch
     * @param end the ordinal after the last one's
     */
    default void publishing(int first, int end, Backlog queue) {}

    /**
     * A publish goes to a channel that consumes direct replies: it is in no queue, and this is all that becomes of it.
     *
     * @param ordinal of the message within its batch
     * @param upload the receiver's, to be dropped once nobody reads the body any more; 0 when it stands in the record
     * @param shared where the store has that body
     */
    default void directReply(int ordinal, ReplyConsumer to, long upload, long shared) {}

    /**
     * A publish came before, and is confirmed again: a queue where it would go now wants all members of the cluster to have it.
     *
     * @param ordinal of the message within its batch
     */
    default void awaitsAll(int ordinal) {}

    /** A publish was refused; the other messages of the batch were not. */
    void publishRefused(int ordinal, Reply.Rejected why);
}
