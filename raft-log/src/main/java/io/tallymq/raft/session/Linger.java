package io.tallymq.raft.session;

/**
 * Under load the next batch waits a moment after the last one came back, so that more rides with it: an entry costs the cluster about
 * a millisecond of CPU whatever is in it, and several when all processors are in use. It waits three times as long as batches lately
 * took: where they are quick nobody is kept waiting for long, and where they are slow fewer of them help most. On a full machine it waits
 * up to three times the most in a row, as long as something comes in: what entries do not take is left for messages. A lone message
 * never waits, because nothing was gathered while the last batch was on its way, and neither do those whose publishers wait for confirms
 * themselves: a wait in which little came in is not repeated soon. Guarded by the {@link Outbox}.
 */
final class Linger {
    /** So many publishes and acks have to be there already: then there is load. */
    static final int LEAST = 16;
    /** The same when all processors are in use: entries of a few messages are what fills them. */
    private static final int LEAST_WHEN_FULL = 4;
    /** A wait pays if this share of the batch came in meanwhile. */
    private static final int SHARE = 3;
    /** At least one batch of so many waits, to see whether it pays now. */
    private static final int MAX_PAUSE = 64;

    /** The wait is so many round trips long. */
    private static final int ROUND_TRIPS = 3;
    /** What a round trip counts against those before it. */
    private static final int NEW_SHARE = 4;

    private final long most;
    private long roundTrip;
    private boolean active;
    private boolean ended;
    /** It waits only because all that is there is of those who send now and then. */
    private boolean forRare;

    private long until;
    private int before;
    private int pause;
    private int skip;

    /** @param most how many nanoseconds to wait at most; 0 for never */
    Linger(long most) {
        this.most = most;
    }

    /**
     * A batch came back, and {@code gathered} publishes and acks are there for the next one. Returns whether it waits.
     *
     * @param took nanoseconds from when it was sent
     * @param full all processors are in use
     * @param rare all that is there is of sessions that send now and then, and many do
     */
    boolean answered(int gathered, long now, long took, boolean full, boolean rare) {
        roundTrip = roundTrip == 0 ? took : roundTrip + (took - roundTrip) / NEW_SHARE;
        if (active) {
            return true;
        }
        if (most == 0 || gathered < least(full, rare)) {
            return false;
        }
        if (skip > 0) {
            skip--;
            return false;
        }
        active = true;
        forRare = gathered < least(full, false);
        until = now + (full ? most : Math.min(most, ROUND_TRIPS * roundTrip));
        before = gathered;
        return true;
    }

    private static int least(boolean full, boolean rare) {
        if (rare) {
            return 1;
        }
        return full ? LEAST_WHEN_FULL : LEAST;
    }

    /** Somebody who sends often is in the batch now. Returns whether it can go because of that. */
    boolean frequent() {
        boolean goes = isActive() && forRare;
        ended |= goes;
        return goes;
    }

    /** The next batch waits, unless it becomes large. */
    boolean isActive() {
        return active && !ended;
    }

    /** Nanoseconds until it is over. */
    long left(long now) {
        return until - now;
    }

    /** The time is up: what is there can go. */
    void over() {
        ended = true;
    }

    /** The batch is sent, with so much in it. */
    void sent(int gathered) {
        if (active) {
            active = false;
            ended = false;
            boolean paid = gathered - before >= gathered / SHARE;
            pause = paid ? 0 : Math.min(MAX_PAUSE - 1, 2 * pause + 1);
            skip = pause;
        }
    }
}
