package io.tallymq.amqp.session;

import io.tallymq.broker.Reply;
import java.util.TreeSet;

/**
 * Numbers the publishes of a channel and tells the client what became of them. The broker's numbers go on when a channel is
 * closed and its number is used again, so that a late confirm is never taken for one of the new channel's. Event loop only.
 */
final class Confirms {
    private final ChannelWriter writer;
    /** Number of the last publish. */
    private long last;
    /** Highest publish that the broker has applied. */
    private long applied;
    /** Number of the last publish before confirm.select: delivery tags count from there. */
    private long base;

    private boolean selected;
    /** Highest tag that was acked or nacked with all below it. */
    private long settledTag;
    /** Nacked tags above that. */
    private final TreeSet<Long> nacked = new TreeSet<>();

    /** @param previous number of the last publish of an earlier channel with the same number */
    Confirms(ChannelWriter writer, long previous) {
        this.writer = writer;
        this.last = previous;
        this.applied = previous;
    }

    /** The number of the publish at hand. */
    long next() {
        return ++last;
    }

    long last() {
        return last;
    }

    /** Whether publishes are on their way. */
    boolean hasPending() {
        return applied < last;
    }

    /** confirm.select: the next publish gets delivery tag 1. Nothing happens the second time. */
    void select() {
        if (!selected) {
            selected = true;
            base = last;
        }
    }

    boolean isSelected() {
        return selected;
    }

    /** All publishes up to this one are applied. */
    void confirmed(long seq) {
        applied = Math.max(applied, seq);
        if (!selected || seq <= base) {
            return;
        }
        long tag = seq - base;
        long acked = tag;
        while (acked > settledTag && nacked.contains(acked)) {
            acked--;
        }
        if (acked > settledTag) {
            writer.ack(acked, acked > settledTag + 1);
        }
        settledTag = Math.max(settledTag, tag);
        nacked.headSet(settledTag, true).clear();
    }

    /** The publish is in no queue, and the channel goes on. */
    void refused(long seq) {
        if (selected && seq > base) {
            writer.nack(seq - base);
            nacked.add(seq - base);
        }
    }

    /** Whether a refusal is the publisher's mistake, which closes the channel, or the broker's state, which is a nack. */
    static boolean closes(Reply.Reason reason) {
        return switch (reason) {
            case NOT_FOUND,
                    ACCESS_REFUSED,
                    RESOURCE_LOCKED,
                    INEQUIVALENT,
                    INVALID_ARGUMENT,
                    NOT_IMPLEMENTED,
                    NOT_ALLOWED -> true;
            case IN_USE, NOT_EMPTY, LIMIT, FENCED, INTERNAL -> false;
        };
    }
}
