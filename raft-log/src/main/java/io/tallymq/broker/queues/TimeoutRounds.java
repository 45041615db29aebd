package io.tallymq.broker.queues;

import io.tallymq.broker.queue.AckTimeouts;
import io.tallymq.broker.queue.Dirty;
import io.tallymq.broker.queue.Queue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;

/**
 * Queues that go by another x-consumer-timeout: their holders learn of it in the entries that follow, some each, see {@link AckTimeouts}. Small queues are
 * through before the one who changed it is answered.
 */
public final class TimeoutRounds {
    /** A queue whose turn it is goes on so far at least: what is written for a queue costs as much as a few units. */
    private static final int TURN = 16;

    private final Dirty dirty;
    private final int perEntry;
    private final TreeMap<Long, Queue> active = new TreeMap<>();

    /** @param perEntry units of work of one entry */
    public TimeoutRounds(Dirty dirty, int perEntry) {
        this.dirty = dirty;
        this.perEntry = perEntry;
    }

    /** The queue goes by other settings, or is restored. */
    void note(Queue q) {
        if (q.ackTimeouts().isOnRound()) {
            active.put(q.number(), q);
        }
    }

    /** The queue is deleted. */
    void forget(Queue q) {
        active.remove(q.number());
    }

    public boolean isEmpty() {
        return active.isEmpty();
    }

    /** Queues that are not through. */
    public int size() {
        return active.size();
    }

    /** The entry's commands are done: some of it goes on, several queues in turn. */
    public void step() {
        for (int left = perEntry; left > 0 && !active.isEmpty(); ) {
            List<Queue> some = some(Math.max(1, left / TURN));
            int share = Math.max(1, left / some.size());
            for (Queue q : some) {
                left -= goOn(q, share);
            }
        }
    }

    private int goOn(Queue q, int most) {
        int cost = 0;
        while (cost < most && q.ackTimeouts().isOnRound()) {
            cost += q.ackTimeouts().goOn(dirty);
        }
        if (!q.ackTimeouts().isOnRound()) {
            active.remove(q.number());
        }
        return cost;
    }

    private List<Queue> some(int most) {
        List<Queue> some = new ArrayList<>();
        for (Iterator<Queue> i = active.values().iterator(); i.hasNext() && some.size() < most; ) {
            some.add(i.next());
        }
        return some;
    }
}
