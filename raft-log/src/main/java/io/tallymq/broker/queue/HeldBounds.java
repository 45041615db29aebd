package io.tallymq.broker.queue;

import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.limits.StateLimit;

/**
 * How much of a queue's messages holders may have: the chunks that they began and the ranges of numbers that they hold are limited for all queues together, and
 * each may have its part of that, whatever the others have.
 */
final class HeldBounds {
    /** The level of the state from which on there is a limit for chunks that were begun. */
    private static final int BEGUN = 5;
    /** The same for ranges that are held. */
    private static final int HELD = 5;
    /** A queue's part of it when all have as many, in one hundred thousandths. */
    private static final int AT_LEAST = 100_000;

    private final Queue queue;
    private final Common common;
    /** In how many ranges holders have what they have, who left included. */
    private int ranges;

    HeldBounds(Queue queue, Common common) {
        this.queue = queue;
        this.common = common;
    }

    /** What a holder has is so many ranges. */
    void countRanges(Holder h, int now) {
        if (now != h.countedRanges) {
            ranges += now - h.countedRanges;
            common.aside().heldRangesChange(now - h.countedRanges);
            h.countedRanges = now;
        }
    }

    /** Whether all queues have begun as many chunks as they may. */
    boolean isTooMuchBegun() {
        return common.level().getAsInt() >= BEGUN
                && common.residents().begun() >= common.limits().state().of(StateLimit.BEGUN_CHUNKS);
    }

    /**
     * Whether messages of one chunk more may be handed out: its descriptor stays in memory until all of them are gone. Only what somebody has
     * keeps a queue waiting, so there is an end to that; what rests has a limit of its own.
     */
    boolean mayBegin() {
        return !isTooMuchBegun()
                || Math.min(queue.holdings().count(), queue.lanes().chain().sum(QueueLog::begunChunks))
                        < atLeast(StateLimit.BEGUN_CHUNKS);
    }

    /** Whether consumers of all queues hold messages of as many ranges as they may. */
    boolean areTooManyRanges() {
        return common.level().getAsInt() >= HELD
                && common.aside().heldRanges() >= common.limits().state().of(StateLimit.HELD_RANGES);
    }

    /** Whether somebody who acks may be given something, which may be a range more. Only what somebody has of it keeps a queue waiting. */
    boolean mayHold() {
        return !areTooManyRanges() || ranges < atLeast(StateLimit.HELD_RANGES);
    }

    private int atLeast(StateLimit limit) {
        return Math.max(1, common.limits().state().of(limit) / AT_LEAST);
    }
}
