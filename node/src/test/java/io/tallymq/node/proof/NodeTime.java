package io.tallymq.node.proof;

/**
 * The time a node sees while {@link ClockAgent} is in its process: what it calls instead of {@link System}'s methods. Intervals pass
 * at a speed that is set once, before anything asks; the wall clock may be set at any time. Any thread.
 */
public final class NodeTime {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long BEGUN = System.nanoTime();
    private static final long BEGUN_MILLIS = System.currentTimeMillis();

    private static volatile double speed = 1;
    private static volatile long offset;

    private NodeTime() {}

    /** In place of {@link System#nanoTime}. */
    public static long nanoTime() {
        return BEGUN + (long) ((System.nanoTime() - BEGUN) * speed);
    }

    /** In place of {@link System#currentTimeMillis}. */
    public static long currentTimeMillis() {
        return BEGUN_MILLIS + (nanoTime() - BEGUN) / NANOS_PER_MILLI + offset;
    }

    static void set(double newSpeed, long newOffsetMillis) {
        speed = newSpeed;
        offset = newOffsetMillis;
    }
}
