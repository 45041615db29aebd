package io.tallymq.broker.queue;

import io.tallymq.broker.lane.Common;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.reports.DueLately;
import java.util.TreeMap;

/** The queues that have dead letters which wait for their way, see {@link io.tallymq.broker.moving.DeadLettering}. */
public final class DeadLetters {
    /** By number. */
    private final TreeMap<Long, Queue> waiting = new TreeMap<>();
    /** Letters of all queues that are held up, see {@link Held}. */
    private long held;

    private final DueLately lately;

    /** @param lately counts those that come to wait */
    public DeadLetters(DueLately lately) {
        this.lately = lately;
    }

    /** What came to wait since some were moved. */
    public DueLately lately() {
        return lately;
    }

    /** The queue has some, or goes on after it was stuck. */
    void add(Queue q) {
        waiting.put(q.number(), q);
    }

    /** It has none any more, is stuck, or is deleted. */
    public void remove(Queue q) {
        waiting.remove(q.number());
    }

    /** How many letters of all queues are held up. */
    public long held() {
        return held;
    }

    /** There are so many more or, below zero, less. */
    void heldChange(long by) {
        held += by;
    }

    /** Those whose dead letters can go on, by their numbers; not to be changed. */
    public TreeMap<Long, Queue> waiting() {
        return waiting;
    }

    /**
     * Dead letters of one queue that are held up: since they were found to be stuck none of them has gone on. Of one queue, and of all, there are so
     * many: {@link StateLimit#DEAD_LETTERS}. Beyond, a queue that drops its oldest messages for want of room drops its oldest letters, too. Any other
     * gives nothing more to who might reject it: what it has waits, and nothing of it is lost.
     */
    public static final class Held {
        /** The level of the state from which on there is a limit, and letters that wait take room in their queue. */
        private static final int LEVEL = 5;

        private final Queue queue;
        private final DeadLetters letters;
        private final Common common;
        private boolean held;
        /** How many of them count among those of all queues. */
        private long counted;
        /** The first ones are on their way at this moment. */
        private boolean inHand;

        Held(Queue queue, DeadLetters letters, Common common) {
            this.queue = queue;
            this.letters = letters;
            this.common = common;
        }

        private boolean isInForce() {
            return common.level().getAsInt() >= LEVEL;
        }

        private StateLimits limits() {
            return common.limits().state();
        }

        /** The first one can't go on. */
        void stuck() {
            held = isInForce();
            changed();
        }

        /** Some have gone on. */
        void wentOn() {
            held = false;
            changed();
        }

        /** There are more of them or less, or the queue is deleted: they go with it. */
        void changed() {
            long waiting = queue.lanes().dead().count();
            held &= waiting > 0;
            long now = held && !queue.deleted ? waiting : 0;
            letters.heldChange(now - counted);
            counted = now;
        }

        /** The first ones are taken in hand, or are not any more: as long as they are none is let go. Before an entry ends they are not. */
        public void inHand(boolean are) {
            inHand = are;
        }

        /** For the start. */
        void restore(boolean was) {
            held = was;
        }

        /** Whether they are. */
        boolean areHeld() {
            return held;
        }

        private boolean areAsManyAsMayBe() {
            return counted > 0 && (counted >= limits().ofOne(StateLimit.DEAD_LETTERS) || areTooManyOfAll());
        }

        /** Whether those of all queues are as many as may be. */
        boolean areTooManyOfAll() {
            return letters.held() >= limits().of(StateLimit.DEAD_LETTERS);
        }

        private boolean dropsOldest() {
            return held && queue.settings().dropsHead(common.level().getAsInt());
        }

        /** Whether consumers that ack get nothing: each of them could make one more. */
        public boolean holdBack() {
            return held && !dropsOldest() && areAsManyAsMayBe();
        }

        /** How many of the oldest are to be let go; each queue keeps one, so that it is seen. */
        long excess() {
            if (!dropsOldest() || inHand) {
                return 0;
            }
            long own = counted - limits().ofOne(StateLimit.DEAD_LETTERS);
            long all = letters.held() - limits().of(StateLimit.DEAD_LETTERS);
            return Math.max(0, Math.min(counted - 1, Math.max(own, all)));
        }

        /** Whether some are to be let go. */
        public boolean areTooMany() {
            return excess() > 0;
        }

        /** How many of them do not keep others from expiring: those that make room for these. */
        long makingRoom() {
            return dropsOldest() ? Math.min(counted, limits().ofOne(StateLimit.DEAD_LETTERS)) : 0;
        }

        /** How many messages take room in the queue although nobody can have them: with at-least-once those that wait, as in RabbitMQ's quorum queues. */
        long takingRoom() {
            return takeRoom() ? queue.lanes().dead().count() : 0;
        }

        /** Their body bytes. */
        long bytesTakingRoom() {
            return takeRoom() ? queue.dying().bytes() : 0;
        }

        /** Whether they do. */
        public boolean takeRoom() {
            return isInForce()
                    && queue.settings().deadLetter() != null
                    && queue.settings().deadLetter().atLeastOnce();
        }

        /** What follows from their being held up, for people; empty if nothing does. */
        String text() {
            if (areAsManyAsMayBe() && dropsOldest()) {
                return "; " + counted
                        + " are stuck, the most that are kept: for each new one the oldest is lost (dead_letter_lost)";
            }
            if (holdBack()) {
                return "; " + counted
                        + " are stuck, the most that there may be: consumers get nothing more until they go";
            }
            return held && queue.limit().isFullOfLetters()
                    ? "; they take the room of the queue's length limit: publishes are refused until they go"
                    : "";
        }
    }
}
