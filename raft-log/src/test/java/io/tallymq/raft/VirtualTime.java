package io.tallymq.raft;

import java.util.PriorityQueue;

/**
 * Everything that happens in a {@link LossyCluster}, one thing after the other, in a time that passes only from one to the next. What
 * happened when goes into a hash: runs that are alike have the same one.
 */
final class VirtualTime {
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000 * MILLI;

    /** @param process where it happens; null: outside of all */
    private record Event(long at, long number, VirtualProcess process, String what, Runnable run)
            implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long number;
    private long hash = 1;
    private long count;

    /** Nanoseconds since the beginning. */
    long now() {
        return now;
    }

    /** Events so far. */
    long count() {
        return count;
    }

    long hash() {
        return hash;
    }

    /** Makes something that happened part of what has to be alike. */
    void note(long what) {
        hash = hash * 0x9E3779B97F4A7C15L + (what ^ what >>> 29) + 1;
    }

    /** Later, nowhere in particular. */
    void after(long nanos, String what, Runnable run) {
        after(nanos, null, what, run);
    }

    /** Later in this process; not at all if it is dead by then, and when it goes on if it stands still. */
    void after(long nanos, VirtualProcess process, String what, Runnable run) {
        events.add(new Event(now + Math.max(0, nanos), number++, process, what, run));
    }

    /** The next thing happens. Returns false when there is none. */
    boolean step() {
        Event e = events.poll();
        if (e == null) {
            return false;
        }
        now = e.at;
        if (e.process == null) {
            noted(e, 0);
            e.run.run();
        } else if (e.process.isAlive()) {
            if (e.process.isPaused()) {
                e.process.whenResumed(() -> run(e));
            } else {
                run(e);
            }
        }
        return true;
    }

    private void run(Event e) {
        if (e.process.isAlive()) {
            noted(e, e.process.number());
            e.process.run(e.run);
        }
    }

    private void noted(Event e, long where) {
        count++;
        note(now);
        note(where);
        note(e.what.hashCode());
    }
}
