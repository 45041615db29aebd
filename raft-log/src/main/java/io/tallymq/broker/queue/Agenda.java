package io.tallymq.broker.queue;

import java.util.Collection;
import java.util.Comparator;
import java.util.TreeSet;

/**
 * When something is due in a queue though nobody asks for it: messages that expire, the queue that expires, dead letters that try again.
 * Each queue stands here once, with the earliest of these times. It follows from the queues' state and is no part of it.
 */
public final class Agenda {
    /** In place of a time: never. */
    public static final long NEVER = Expiry.NEVER;

    private record Due(long time, Queue queue) {}

    private final TreeSet<Due> all =
            new TreeSet<>(Comparator.comparingLong(Due::time).thenComparingLong(d -> d.queue.number()));

    /** Something changed in the queue. */
    public void note(Queue q) {
        long due = q.due();
        if (due != q.dueAt) {
            forget(q);
            q.dueAt = due;
            if (due != NEVER) {
                all.add(new Due(due, q));
            }
        }
    }

    /** What these times follow from has changed for all queues. */
    public void note(Collection<Queue> all) {
        all.forEach(this::note);
    }

    /** The queue is deleted. */
    public void forget(Queue q) {
        if (q.dueAt != NEVER) {
            all.remove(new Due(q.dueAt, q));
            q.dueAt = NEVER;
        }
    }

    /** Milliseconds since the epoch; {@link #NEVER}. */
    public long next() {
        return all.isEmpty() ? NEVER : all.first().time;
    }

    /** The queue that is due first; there is one. */
    public Queue first() {
        return all.first().queue;
    }
}
