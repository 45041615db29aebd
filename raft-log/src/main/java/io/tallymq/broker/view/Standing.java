package io.tallymq.broker.view;

import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.store.Chunk;
import java.util.List;

/**
 * How messages of a queue that are neighbours stand: those of one chunk that somebody had some of, or messages that nobody was given yet.
 *
 * @param index of the last entry that is applied
 * @param first number of what was looked at
 * @param last number of what was looked at
 * @param parts what is there of these, ascending; the others are gone
 * @param chunk the one that has the message where the look began, if it is in memory; else null
 * @param overlaid whether settles added headers to messages of the queue
 */
public record Standing(long index, long first, long last, List<Part> parts, Chunk chunk, boolean overlaid) {
    /** What becomes of a message next. */
    public enum State {
        READY,
        /** A consumer has it, or a channel that got it. */
        UNACKED,
        /** It rests, and comes again by itself. */
        DELAYED,
        /** It was put aside under a token. */
        DEFERRED,
        /** It died, and is on its way to the dead letter exchange. */
        DEAD
    }

    /**
     * Messages that stand alike.
     *
     * @param sent whether a client may have been sent them before
     * @param failures how many deliveries failed, see x-delivery-count
     * @param returns how often clients gave them back, see x-acquired-count
     * @param keeper who has them; null for nobody, or for one of so many that nobody looked
     * @param text their token if they are deferred, the reason of death of those that died; else null
     * @param until when they come again by themselves, milliseconds since the epoch; 0: not, or unknown
     */
    public record Part(
            long first,
            long last,
            State state,
            boolean sent,
            int failures,
            int returns,
            Keeper keeper,
            String text,
            long until) {}

    /**
     * Who has messages.
     *
     * @param info of the connection
     * @param tag of the consumer; empty for a channel that got them one by one
     */
    public record Keeper(ConnectionId connection, ConnectionInfo info, int channel, String tag) {}

    /** Of one message; null if it is gone. */
    public State state(long seq) {
        return parts.stream()
                .filter(p -> p.first() <= seq && seq <= p.last())
                .map(Part::state)
                .findFirst()
                .orElse(null);
    }
}
