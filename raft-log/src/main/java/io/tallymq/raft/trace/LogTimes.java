package io.tallymq.raft.trace;

/**
 * When a log had come how far, the last so many times that it came further. Any thread; adding makes no objects and takes some 20 ns, once for a
 * flush or an answer of a follower.
 */
public final class LogTimes {
    /** A busy log comes further a thousand times a second, and who asks does so within half of one. */
    static final int STEPS = 2_048;

    /**
     * A time that it came further.
     *
     * @param at {@link System#nanoTime}
     * @param took nanoseconds, up to then
     */
    public record Step(long at, long took) {}

    private final long[] indexes = new long[STEPS];
    private final long[] ends = new long[STEPS];
    private final long[] lengths = new long[STEPS];
    private long steps;

    /** All up to this index is there now. */
    public synchronized void add(long index, long at, long took) {
        int last = (int) ((steps - 1) % STEPS);
        if (steps > 0 && index <= indexes[last]) {
            if (index == indexes[last]) {
                return;
            }
            steps = 0; // it was cut: what was there is not what is there now
        }
        int next = (int) (steps++ % STEPS);
        indexes[next] = index;
        ends[next] = at;
        lengths[next] = took;
    }

    /** What is known may be of entries that others take the place of: forgets all. */
    public synchronized void clear() {
        steps = 0;
    }

    /**
     * The step that reached an entry; null when it is too long ago, or not reached. The first step that is known reached nothing for sure: what it
     * covers may have been there long before.
     */
    public synchronized Step reached(long index) {
        if (steps == 0 || indexes[(int) ((steps - 1) % STEPS)] < index) {
            return null;
        }
        long first = Math.max(0, steps - STEPS);
        for (long step = steps - 1; step > first; step--) {
            if (indexes[(int) ((step - 1) % STEPS)] < index) {
                int at = (int) (step % STEPS);
                return new Step(ends[at], lengths[at]);
            }
        }
        return null;
    }
}
