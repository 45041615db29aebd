package io.tallymq.raft.pace;

import io.tallymq.broker.effect.Backlog;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Holds confirms back for a moment when the machine is full and the consumers of the queues that were published to fall behind
 * although they settle fast. Publishing, delivering and settling share the processors; without this a publisher whose confirms
 * come early takes them from the consumers, the backlog grows, and each message costs several times as much as one that is
 * consumed at once. What is held back is stored and replicated like everything that is confirmed: it is only told later.
 *
 * <p>Bounded: a confirm waits {@link PaceTuning#most} at most, and what waits is what publishers may have unconfirmed. Any thread.
 */
public final class Pacer {
    /** Queues whose consumers' speed is remembered. */
    private static final int MOST_QUEUES = 1_024;

    /** What a look at the processors counts against those before it: they wait for disks now and then, and are full all the same. */
    private static final int NEW_SHARE = 8;
    /** A machine that was full is so until so much less of its processors is in use. */
    private static final double LESS = 0.2;

    private final PaceTuning tuning;
    private final LongSupplier nanoTime;
    private final DoubleSupplier processorsInUse;
    private final Map<Long, QueuePace> queues = new LinkedHashMap<>(16, 0.75f, true);
    /** For whom confirms are held, and for which queue: later ones of theirs wait behind them. */
    private final Map<Object, Long> owners = new IdentityHashMap<>();

    private final Map<Object, Integer> counts = new IdentityHashMap<>();
    private final LongAdder everHeld = new LongAdder();
    private final LongAdder heldNanos = new LongAdder();
    private double busy;
    private boolean used;
    private volatile boolean full;

    /**
     * Makes one that holds nothing.
     *
     * @param processorsInUse share of the processors that were busy since it was asked last, 0 to 1; below 0 when unknown
     */
    public Pacer(PaceTuning tuning, LongSupplier nanoTime, DoubleSupplier processorsInUse) {
        this.tuning = tuning;
        this.nanoTime = nanoTime;
        this.processorsInUse = processorsInUse;
    }

    /** Whether confirms may have to wait at all now. */
    public boolean isFull() {
        used = true;
        return full;
    }

    /** Looks at a queue that is published to. Returns whether its confirms have to wait. */
    public synchronized boolean isBehind(Backlog queue) {
        QueuePace pace = queues.computeIfAbsent(queue.number(), n -> new QueuePace(tuning));
        pace.seen(queue.ready(), queue.acked(), nanoTime.getAsLong());
        forgetOldest();
        return pace.isBehind();
    }

    private void forgetOldest() {
        if (queues.size() > MOST_QUEUES) {
            Iterator<QueuePace> oldest = queues.values().iterator();
            if (oldest.next().held.isEmpty()) {
                oldest.remove();
            }
        }
    }

    /** Whether something is held back for this one: what it is told next has to wait behind it. */
    public synchronized boolean holds(Object owner) {
        return !owners.isEmpty() && owners.containsKey(owner);
    }

    /**
     * A confirm waits, for the queue that the owner waits for already if it does.
     *
     * @param messages how many it stands for in the eyes of this queue
     * @param confirm tells it, which must not block
     */
    public synchronized void hold(long queue, Object owner, int messages, Runnable confirm) {
        long now = nanoTime.getAsLong();
        long waitsFor = owners.computeIfAbsent(owner, o -> queue);
        counts.merge(owner, 1, Integer::sum);
        QueuePace pace = queues.computeIfAbsent(waitsFor, n -> new QueuePace(tuning));
        pace.hold(new QueuePace.Held(owner, messages, now, confirm), now);
        everHeld.increment();
    }

    /** Tells what has waited enough. With the lock: nobody finds that an owner waits for nothing any more before he is told. */
    public synchronized void release() {
        run(due());
    }

    private List<Runnable> due() {
        if (owners.isEmpty()) {
            return List.of();
        }
        long now = nanoTime.getAsLong();
        List<Runnable> due = new ArrayList<>();
        for (QueuePace pace : queues.values()) {
            for (QueuePace.Held h = next(pace, now); h != null; h = next(pace, now)) {
                due.add(let(h, now));
            }
        }
        return due;
    }

    private QueuePace.Held next(QueuePace pace, long now) {
        return full ? pace.next(now) : pace.held.poll();
    }

    /** Tells all that is held back for one owner. */
    public synchronized void release(Object owner) {
        run(allOf(owner));
    }

    private List<Runnable> allOf(Object owner) {
        Long queue = owners.get(owner);
        if (queue == null) {
            return List.of();
        }
        long now = nanoTime.getAsLong();
        List<Runnable> all = new ArrayList<>();
        queues.get(queue).held.removeIf(h -> {
            if (h.owner() == owner) {
                all.add(let(h, now));
                return true;
            }
            return false;
        });
        return all;
    }

    private Runnable let(QueuePace.Held h, long now) {
        heldNanos.add(now - h.since());
        if (counts.merge(h.owner(), -1, Integer::sum) == 0) {
            counts.remove(h.owner());
            owners.remove(h.owner());
        }
        return h.confirm();
    }

    private static void run(List<Runnable> due) {
        for (int i = 0; i < due.size(); i++) {
            due.get(i).run();
        }
    }

    /** Looks at the machine, several times a second; costs nothing while nobody publishes. */
    public void tick() {
        if (used) {
            used = false;
            double now = processorsInUse.getAsDouble();
            busy = now < 0 ? 0 : busy + (now - busy) / NEW_SHARE;
            full = !tuning.most().isZero() && busy >= tuning.busyFrom() - (full ? LESS : 0);
        } else {
            full = false;
            busy = 0;
            forgetIdle();
        }
        release();
    }

    /** Whether the next {@link #tick} may be of use to somebody. */
    public boolean isActive() {
        return used || full || holdsAny();
    }

    private synchronized boolean holdsAny() {
        return !owners.isEmpty();
    }

    private synchronized void forgetIdle() {
        long now = nanoTime.getAsLong();
        queues.values().removeIf(q -> q.isIdle(now));
    }

    /** Confirms that wait now. */
    public synchronized int held() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Confirms that had to wait, since the start. */
    public long everHeld() {
        return everHeld.sum();
    }

    /** Nanoseconds that they waited, together. */
    public long heldNanos() {
        return heldNanos.sum();
    }
}
