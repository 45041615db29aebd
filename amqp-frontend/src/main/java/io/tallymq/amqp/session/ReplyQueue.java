package io.tallymq.amqp.session;

import java.util.ArrayDeque;

/**
 * Keeps the answers on a channel in the order of the questions: an answer that this node knows at once waits for those that
 * the broker still has to give. Event loop only.
 */
final class ReplyQueue {
    /** The place of one answer. */
    static final class Slot {
        private Runnable answer;
    }

    private final ArrayDeque<Slot> slots = new ArrayDeque<>();

    /** Takes the next place. */
    Slot open() {
        Slot slot = new Slot();
        slots.add(slot);
        return slot;
    }

    /** The answer is there: writes it as soon as all earlier ones are written. */
    void complete(Slot slot, Runnable answer) {
        slot.answer = answer;
        Slot first = slots.peek();
        while (first != null && first.answer != null) {
            slots.remove();
            first.answer.run();
            first = slots.peek();
        }
    }

    /** An answer that is there at once. */
    void answer(Runnable answer) {
        if (slots.isEmpty()) {
            answer.run();
        } else {
            open().answer = answer;
        }
    }

    /** Nobody waits for answers any more. */
    void clear() {
        slots.clear();
    }
}
