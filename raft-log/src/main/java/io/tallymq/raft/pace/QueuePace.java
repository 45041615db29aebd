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
        if (held.isEmpty()) {
            allowed = Math.min(allowed, 0); // what was told too much before still counts, rest does not
        }
        held.add(confirm);
    }

    private void earn(long now) {
        long slotNow = Math.floorDiv(now, SLOT_NANOS);
        allowed += rate * tuning.share() * (slotNow - slot) * SLOT_NANOS / SECOND;
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
        allowed = Math.min(allowed, rate * SLOT_NANOS / SECOND) - next.messages;
        return next;
    }

    /** Nothing waits, and nothing was seen of the queue lately. */
    boolean isIdle(long now) {
        return held.isEmpty() && now - sampledAt > STALE_NANOS;
    }
}
