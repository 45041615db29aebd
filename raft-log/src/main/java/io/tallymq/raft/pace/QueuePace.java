package io.tallymq.raft.pace;

import java.util.ArrayDeque;

/** What consumers of a queue manage, and the confirms that wait for them. Guarded by the {@link Pacer}. */
final class QueuePace {
    /** A confirm that waits. */
    record Held(Object owner, int messages, long since, Runnable confirm) {}

    private static final long SAMPLE_NANOS = 20_000_000;
    /** Nothing was seen of the queue for so long: what was measured before says nothing. */
    private static final long STALE_NANOS = 1_000_000_000;

    private static final double SECOND = 1e9;

    /**
     * What publishers may go on with is given out once in so long, to all queues at the same time: confirms that trickle make publishers
     * trickle, and small batches, entries and turns on the sockets are what fills a machine.
     */
    static final long SLOT_NANOS = 40_000_000;

    final ArrayDeque<Held> held = new ArrayDeque<>();
    private final PaceTuning tuning;
    private long acked = -1;
    private long sampledAt;
    private long ready;
    /** Messages per second. */
    private double rate;

    private double allowed;
    private long slot;
    /** The slot in which a confirm began to wait last. */
    private long heldIn;

    QueuePace(PaceTuning tuning) {
        this.tuning = tuning;
    }

    void seen(long readyNow, long ackedNow, long now) {
        ready = readyNow;
        if (acked < 0 || now - sampledAt > STALE_NANOS) {
            rate = 0;
        } else if (now - sampledAt < SAMPLE_NANOS) {
            return;
        } else {
            double sample = (ackedNow - acked) * SECOND / (now - sampledAt);
            rate = rate == 0 ? sample : (rate + sample) / 2;
        }
        acked = ackedNow;
        sampledAt = now;
    }

    boolean isBehind() {
        return rate >= tuning.fastFrom() && ready > rate * tuning.behind().toNanos() / SECOND;
    }

    void hold(Held confirm, long now) {
        earn(now);
        if (held.isEmpty() && slot - heldIn > 1) {
            allowed = Math.min(allowed, 0); // nobody waited lately: who comes now waits for the next slot
        }
        heldIn = slot;
        held.add(confirm);
    }

    private void earn(long now) {
        long slotNow = Math.floorDiv(now, SLOT_NANOS);
        double each = rate * tuning.share() * SLOT_NANOS / SECOND;
        // What was told too much before still counts; what nobody waited for in earlier slots does not.
        allowed = Math.min(allowed + (slotNow - slot) * each, each);
        slot = slotNow;
    }

    /** The next confirm that has waited enough, taken away; null for none. */
    Held next(long now) {
        if (held.isEmpty()) {
            return null;
        }
        earn(now);
        boolean free = allowed > 0
                || !isBehind()
                || now - held.peek().since >= tuning.most().toNanos();
        if (!free) {
            return null;
        }
        Held next = held.poll();
        allowed -= next.messages;
        return next;
    }

    /** Nothing waits, and nothing was seen of the queue lately. */
    boolean isIdle(long now) {
        return held.isEmpty() && now - sampledAt > STALE_NANOS;
    }
}
