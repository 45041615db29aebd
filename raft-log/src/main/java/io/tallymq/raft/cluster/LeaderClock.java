package io.tallymq.raft.cluster;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time that a leader stamps on entries: it goes on from the time of the last entry, as fast as this machine's seconds, and is
 * led towards this machine's clock. So neither a clock that is wrong nor one that is set right again reaches the replicated state at
 * once, and the replicated time never stands still:
 *
 * <ul>
 *   <li>this machine's clock is ahead by {@link #STEP} at most: its time is taken;
 *   <li>it is further ahead (set forward, or all nodes were down): the gap is made up for at {@link #FASTER} times the speed;
 *   <li>it is behind (it was set back, or the former leader's was ahead): time goes on at half the speed until it is caught up.
 * </ul>
 *
 * <p>The replicas need no rule of their own: they take what is stamped, and never less than they had. Any thread.
 */
public final class LeaderClock {
    /** Milliseconds that are taken at once. */
    static final long STEP = 60_000;
    /** Seconds made up for per second, the passing one included. A day takes 24 minutes. */
    static final long FASTER = 60;
    /** Time that has to be waited for passes at one of so many. */
    static final long SLOWER = 2;

    private static final long MICROS = TimeUnit.MILLISECONDS.toMicros(1);

    private final LongSupplier clock;
    private final LongSupplier nanoTime;
    /** Microseconds since 1970; 0 for not known. */
    private long time;
    /** {@link System#nanoTime} of {@link #time}. */
    private long at;

    /**
     * Makes a clock that knows no time yet.
     *
     * @param clock this machine's, in milliseconds since 1970
     * @param nanoTime as {@link System#nanoTime}
     */
    public LeaderClock(LongSupplier clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.at = nanoTime.getAsLong();
    }

    /** An entry of this time, in milliseconds, was applied. */
    public synchronized void applied(long millis) {
        long now = nanoTime.getAsLong();
        if (millis * MICROS > time + micros(now)) {
            time = millis * MICROS;
            at = now;
        }
    }

    /**
     * The time of the next entry, in milliseconds since 1970. While none is known it is this machine's, and is not taken for the cluster's: what is stamped
     * before this node takes entries is refused, and the log may tell the cluster's yet.
     */
    public synchronized long stamp() {
        if (time == 0) {
            return clock.getAsLong();
        }
        long now = nanoTime.getAsLong();
        long passed = micros(now);
        long wall = clock.getAsLong() * MICROS;
        long ahead = wall - (time + passed);
        if (ahead >= 0 && ahead <= STEP * MICROS) {
            time = wall;
        } else if (ahead > 0) {
            time += passed + Math.min(ahead, passed * (FASTER - 1));
        } else {
            time = Math.max(wall, time + passed / SLOWER);
        }
        at += TimeUnit.MICROSECONDS.toNanos(passed);
        return time / MICROS;
    }

    /** Since {@link #at}. */
    private long micros(long now) {
        return TimeUnit.NANOSECONDS.toMicros(now - at);
    }
}
