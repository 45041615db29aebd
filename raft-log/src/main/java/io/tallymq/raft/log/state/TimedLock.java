package io.tallymq.raft.log.state;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** A lock that tells for how long it has been held. */
final class TimedLock {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean held;
    /** {@link System#nanoTime}; written before {@link #held} and read after it. */
    private volatile long since;

    void lock() {
        lock.lock();
        began();
    }

    boolean tryLock(long nanos) throws InterruptedException {
        boolean mine = lock.tryLock(nanos, TimeUnit.NANOSECONDS);
        if (mine) {
            began();
        }
        return mine;
    }

    private void began() {
        if (lock.getHoldCount() == 1) {
            since = System.nanoTime();
            held = true;
        }
    }

    void unlock() {
        if (lock.getHoldCount() == 1) {
            held = false;
        }
        lock.unlock();
    }

    /** By whoever has it now, in nanoseconds; 0: nobody has. Any thread. */
    long heldNanos() {
        return held ? Math.max(1, System.nanoTime() - since) : 0;
    }
}
