package org.apache.ratis.util;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stands in for the class of the same name in ratis-common. That one forgets a signal that comes just before the wait for it, so whoever waits
 * looks again by itself: the applying thread ten times a second, a fifth of what an idle node woke up for. This one keeps a signal until somebody has waited for
 * it, so that thread may wait for longer: what it waits for (commits, a checkpoint to load, the end) is always followed by a signal. Each of these objects has one
 * thread that waits; any number may signal. It only takes effect when this module comes before ratis-common on the class path; nothing breaks if it does not.
 */
public class AwaitForSignal {
    /** What Ratis gives to the object of its applying thread, as the end of the name. */
    private static final String APPLYING = "StateMachineUpdater";
    /** That thread's wait, at least. It may be this long because no signal is lost, and ends at all in case there is a change that nobody signals. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final String name;
    private final long leastNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition condition = lock.newCondition();
    /** Guarded by the lock: a signal that nobody has waited for yet. */
    private boolean signaled;

    public AwaitForSignal(Object owner) {
        this.name = owner + "-AwaitForSignal";
        this.leastNanos = owner.toString().endsWith(APPLYING) ? PATIENCE_NANOS : 0;
    }

    /** Returns after the next signal, or at once if one came since the last wait. */
    public void await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!signaled) {
                condition.await();
            }
            signaled = false;
        } finally {
            lock.unlock();
        }
    }

    /** The same for at most {@code time}; returns whether there was a signal. Without a time to wait it does nothing. */
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
        if (time <= 0) {
            return false;
        }
        long left = Math.max(unit.toNanos(time), leastNanos);
        lock.lockInterruptibly();
        try {
            while (!signaled && left > 0) {
                left = condition.awaitNanos(left);
            }
            boolean was = signaled;
            signaled = false;
            return was;
        } finally {
            lock.unlock();
        }
    }

    public void signal() {
        lock.lock();
        try {
            signaled = true;
            condition.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
