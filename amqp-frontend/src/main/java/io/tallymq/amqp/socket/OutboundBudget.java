package io.tallymq.amqp.socket;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for what the sockets of a node's connections have not taken. When it is scarce, whose client has not read what waits for it gets nothing
 * new and is not read, and all others get what they may in small pieces. When it is full, nobody is delivered anything before somebody has
 * read or is dropped. Thread-safe.
 */
public final class OutboundBudget {
    private final long most;
    private final AtomicLong bytes = new AtomicLong();
    /** Connections that have some. */
    private final AtomicInteger holders = new AtomicInteger();

    private final Set<Runnable> waiting = new LinkedHashSet<>();
    /** Whether there may be some. */
    private volatile boolean anyWaiting;

    /** @param most bytes from which on it is scarce; it is full at twice as many */
    public OutboundBudget(long most) {
        this.most = most;
    }

    /** A connection has so many bytes more, or less, that its socket has not taken. */
    void changed(long by) {
        long now = bytes.addAndGet(by);
        if (anyWaiting && now < 2 * most) {
            goOn();
        }
    }

    /** What a connection's socket has not taken was so much, and is so much now. */
    void changed(long before, long now) {
        if (before == 0 || now == 0) {
            holders.addAndGet(Long.signum(now) - Long.signum(before));
        }
        changed(now - before);
    }

    /** Whether who has so many bytes has at least half of what is the mean, so that it is one of those that have to go first. */
    boolean isMuch(long has) {
        return 2 * has * holders.get() >= bytes.get();
    }

    private void goOn() {
        List<Runnable> all;
        synchronized (waiting) {
            all = List.copyOf(waiting);
            waiting.clear();
            anyWaiting = false;
        }
        all.forEach(Runnable::run);
    }

    boolean isScarce() {
        return bytes.get() >= most;
    }

    boolean isFull() {
        return bytes.get() >= 2 * most;
    }

    /** Runs this once when it is not full, on any thread, perhaps at once. */
    void await(Runnable room) {
        synchronized (waiting) {
            waiting.add(room);
            anyWaiting = true;
        }
        if (!isFull()) {
            goOn();
        }
    }

    /** The connection is gone. */
    void forget(Runnable room) {
        if (anyWaiting) {
            synchronized (waiting) {
                waiting.remove(room);
            }
        }
    }

    /** Bytes that wait, of all connections. */
    public long bytes() {
        return bytes.get();
    }

    /** Connections that get nothing as it is full. */
    public int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
    }
}
