package io.tallymq.raft.copies;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Who waits until all members have, flushed in their logs, what this node had applied when he began to wait. The members are asked for as long
 * as somebody waits, more and more seldom while nothing comes of it: one that is away is away for long. A channel, a transaction and a request
 * wait once each at a time, which bounds those that wait. Any thread.
 */
public final class FullCopies {
    /** Nanoseconds between two questions, at first and at most. */
    static final long OFTEN = TimeUnit.MILLISECONDS.toNanos(1);

    static final long SELDOM = TimeUnit.MILLISECONDS.toNanos(200);

    /** The members of the cluster. Any thread; nothing blocks. */
    public interface Members {
        /** The last entry that is known to be committed; what is applied is never behind it. */
        long committed();

        /** Up to which entry all members are known to have the log, flushed. */
        long reached();

        /** Asks those that may lack something; {@link FullCopies#answered} is called when one has answered. */
        void ask();
    }

    /** Runs something once, in so many nanoseconds. */
    @FunctionalInterface
    public interface Later {
        void after(long nanos, Runnable what);
    }

    /**
     * @param count how many wait
     * @param nanos how long the first of them has waited; 0 for none
     * @param index the entry that he waits for; 0 for none
     */
    public record Waiting(int count, long nanos, long index) {}

    /** Compared by identity. */
    private static final class Waiter {
        final long index;
        final long since;
        final Runnable then;

        Waiter(long index, long since, Runnable then) {
            this.index = index;
            this.since = since;
            this.then = then;
        }
    }

    private final Members members;
    private final LongSupplier nanoTime;
    private final Later later;
    /** By index; who gives up is found at once, however many wait. */
    private final LinkedHashSet<Waiter> waiters = new LinkedHashSet<>();
    /** Who came last waits for it, and nobody who comes later for less; void while nobody waits. */
    private long last;

    /** A question is due. */
    private boolean asking;

    private long pause = OFTEN;

    public FullCopies(Members members, LongSupplier nanoTime, Later later) {
        this.members = members;
        this.nanoTime = nanoTime;
        this.later = later;
    }

    /**
     * Runs {@code then} once, perhaps at once, when all members have what this node has applied by now. On any thread: it must not block.
     *
     * @return to be run by who does not want to wait any more
     */
    public Runnable await(Runnable then) {
        Waiter waiter;
        synchronized (this) {
            long index = members.committed();
            last = waiters.isEmpty() ? index : Math.max(index, last);
            waiter = new Waiter(last, nanoTime.getAsLong(), then);
            waiters.add(waiter);
        }
        answered();
        return () -> forget(waiter);
    }

    private synchronized void forget(Waiter waiter) {
        waiters.remove(waiter);
    }

    /** A member has told how far it is. */
    public void answered() {
        List<Runnable> done = new ArrayList<>();
        boolean ask;
        synchronized (this) {
            if (waiters.isEmpty()) {
                return;
            }
            long reached = members.reached();
            Iterator<Waiter> first = waiters.iterator();
            for (Waiter w = next(first); w != null && w.index <= reached; w = next(first)) {
                first.remove();
                done.add(w.then);
                pause = OFTEN;
            }
            ask = !waiters.isEmpty() && !asking;
            asking |= ask;
        }
        done.forEach(Runnable::run);
        if (ask) {
            ask();
        }
    }

    private static Waiter next(Iterator<Waiter> waiters) {
        return waiters.hasNext() ? waiters.next() : null;
    }

    private void ask() {
        members.ask();
        long nanos;
        synchronized (this) {
            nanos = pause;
            pause = Math.min(2 * pause, SELDOM);
        }
        later.after(nanos, this::askAgain);
    }

    private void askAgain() {
        synchronized (this) {
            asking = !waiters.isEmpty();
            if (!asking) {
                pause = OFTEN;
                return;
            }
        }
        ask();
        answered(); // a report may have told it meanwhile
    }

    public synchronized Waiting waiting() {
        Waiter first = next(waiters.iterator());
        return first == null
                ? new Waiting(0, 0, 0)
                : new Waiting(waiters.size(), Math.max(1, nanoTime.getAsLong() - first.since), first.index);
    }
}
