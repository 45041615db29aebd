package io.tallymq.broker.processing;

import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.life.Absence;
import io.tallymq.broker.queue.Agenda;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Holder;
import io.tallymq.broker.queue.Queue;
import io.tallymq.broker.queues.Handouts;

/** What is due by now though nobody asks for it: messages expire, unused queues go, dead letters that were stuck try again, acks do not come. */
public final class DueWork {
    /** Units that a queue costs beside what expires in it. */
    private static final int QUEUE = 4;

    private final Agenda agenda;
    private final Absence absence;
    private final QueueCommands queueCommands;
    private final ConsumerCommands consumerCommands;
    private final Handouts handouts;
    private final Dirty dirty;

    public DueWork(
            Agenda agenda,
            Absence absence,
            QueueCommands queueCommands,
            ConsumerCommands consumerCommands,
            Handouts handouts,
            Dirty dirty) {
        this.consumerCommands = consumerCommands;
        this.agenda = agenda;
        this.absence = absence;
        this.queueCommands = queueCommands;
        this.handouts = handouts;
        this.dirty = dirty;
    }

    /** Some of what is due goes on: so many units, about. */
    public void step(long now, int units, Effects effects) {
        dirty.note(agenda, effects);
        int left = units;
        while (left > 0 && agenda.next() <= now) {
            Queue q = agenda.first();
            left -= QUEUE;
            if (q.disuse().isOver(now) && !q.disuse().beginsAnew(absence.until(), dirty)) {
                left -= end(q, now, left, effects);
            } else {
                q.dying().retry(now);
                left -= q.resting().wake(Math.min(now, q.disuse().last()), left);
                dirty.touched(q);
                left -= handouts.due(q, left, effects);
                left -= lookAtHolders(q, now, left, effects);
            }
            dirty.note(agenda, effects);
        }
    }

    /** The queue goes, or first some of what expired before. What is stuck goes with it. */
    private int end(Queue q, long now, int most, Effects effects) {
        int cost = 0;
        if (q.disuse().last() <= now) {
            q.dying().retry(now);
            dirty.touched(q);
            if (q.disuse().hasLastWork()) {
                cost += q.resting().wake(q.disuse().last(), most);
                cost += handouts.last(q, most - cost);
            }
        }
        if (q.disuse().isOver(now) && !q.disuse().hasLastWork()) {
            queueCommands.remove(q, effects);
        }
        return cost;
    }

    private int lookAtHolders(Queue q, long now, int most, Effects effects) {
        int cost = 0;
        for (Holder h = q.ackTimeouts().dueBy(now);
                h != null && cost < most;
                h = q.ackTimeouts().dueBy(now)) {
            cost += q.ackTimeouts().cost(h);
            long[] late = q.ackTimeouts().look(h, now, dirty);
            if (late.length > 0) {
                consumerCommands.timeOut(h, late, effects);
            }
        }
        return cost;
    }

    /** What the rest of the entry changed is noted. */
    public void note(Effects effects) {
        dirty.note(agenda, effects);
    }

    /** When the next thing is due, milliseconds since the epoch; {@link Agenda#NEVER}. */
    public long next() {
        return agenda.next();
    }
}
