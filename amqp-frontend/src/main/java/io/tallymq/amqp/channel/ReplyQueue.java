package io.tallymq.amqp.channel;

import java.util.ArrayDeque;

/**
 * Keeps the answers on a channel in the order of the questions. The broker answers in that order by itself; what this node knows
 * at once waits for those answers, and until it is known what became of the publishes before it. Event loop only.
 */
public final class ReplyQueue {
    /** The place of one answer. */
    public static final class Slot {
        /** The last publish before the question. */
        private final long after;
        /** Whether the answer waits until that publish is decided. */
        private boolean waits;
        /** Runs once all earlier answers are written; null for nothing, or when it has. */
        private Runnable turn;

        private Runnable answer;

        private Slot(long after, boolean waits) {
            this.after = after;
            this.waits = waits;
        }
    }

    private final ArrayDeque<Slot> slots = new ArrayDeque<>();
    private final Confirms publishes;
    private final DueAnswers due;
    private boolean writing;

    /**
     * @param publishes of the channel
     * @param due on all channels of the connection
     */
    ReplyQueue(Confirms publishes, DueAnswers due) {
        this.publishes = publishes;
        this.due = due;
    }

    /** Takes the next place, for an answer of the broker's. */
    public Slot open() {
        return open(false);
    }

    /** Takes the next place, for an answer that comes when all publishes before it are decided, too. */
    public Slot openBehindPublishes() {
        return open(true);
    }

    private Slot open(boolean waits) {
        Slot slot = new Slot(publishes.last(), waits);
        slots.add(slot);
        due.opened();
        return slot;
    }

    /** The answer is there: writes it as soon as all earlier ones are written. */
    public void complete(Slot slot, Runnable answer) {
        slot.answer = answer;
        goOn();
    }

    /** As {@link #complete}, when the broker refused: what was published behind the question is void, and what before it is told first. */
    public void refused(Slot slot, Runnable answer) {
        slot.waits = true;
        publishes.endBehind(slot.after);
        complete(slot, answer);
    }

    /** Runs {@code turn} once all earlier answers are written; it sees to it that {@link #complete} is called. */
    public void inTurn(Slot slot, Runnable turn) {
        slot.turn = turn;
        goOn();
    }

    /** An answer that is there at once. */
    public void answer(Runnable answer) {
        if (slots.isEmpty() && !publishes.hasPending()) {
            answer.run();
        } else {
            complete(openBehindPublishes(), answer);
        }
    }

    /** What was asked behind this publish gets no answer. */
    public void cut(long publish) {
        while (!slots.isEmpty() && slots.getLast().after >= publish) {
            slots.removeLast();
            due.done(1);
        }
    }

    /** Writes what waits for nothing any more. To be called when publishes were decided. */
    public void goOn() {
        if (writing) {
            return;
        }
        writing = true;
        try {
            for (Slot first = slots.peek(); first != null && step(first); first = slots.peek()) {
                continue;
            }
        } finally {
            writing = false;
        }
    }

    /** Returns whether there may be more to do. */
    private boolean step(Slot first) {
        if (first.turn != null) {
            Runnable turn = first.turn;
            first.turn = null;
            turn.run();
            return true;
        }
        if (first.answer == null || first.waits && !publishes.isDecided(first.after)) {
            return false;
        }
        slots.remove();
        due.done(1);
        first.answer.run();
        return true;
    }

    /** Answers that are due. */
    public int size() {
        return slots.size();
    }

    /** Nobody waits for answers any more. */
    public void clear() {
        due.done(slots.size());
        slots.clear();
    }
}
