package io.tallymq.raft;

import java.util.concurrent.TimeUnit;

/**
 * Whether waits for little keep anybody from sending: many who send now and then send as much with them, a few who wait for their
 * confirms, or whose round is a few times as long as the wait, do not. That is tried: a second without waits and a second with them, and what came in
 * tells for some seconds. Where little more than a message per 32 ms comes in nothing waits.
 */
final class WaitTrial {
    /** How long each half of a trial takes at least. */
    static final long HALF_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** So much has to come in during each. */
    static final int LEAST = 64;

    /** What took longer than so many halves had a pause in it, or too little comes in. */
    private static final int PAUSE = 2;

    /** How long the outcome holds that nobody minds: others may come who do. */
    static final long WAITS_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** How long the other outcome holds. */
    static final long WAITS_NOT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** With waits has to come in, of what came in without them, this share... */
    private static final int KEPT = 9;
    /** ...of so many. */
    private static final int OF = 10;

    private enum Phase {
        WITHOUT,
        WITH,
        KNOWN
    }

    private Phase phase = Phase.WITHOUT;
    private boolean begun;
    private long since;
    private long count;
    private double without;
    private boolean waits;

    /** Whether a batch waits in which little is. */
    boolean waits(long now) {
        if (!begun) {
            begun = true;
            begin(Phase.WITHOUT, now);
        }
        long took = now - since;
        if (phase == Phase.KNOWN) {
            if (took >= (waits ? WAITS_NANOS : WAITS_NOT_NANOS)) {
                begin(Phase.WITHOUT, now);
            }
        } else if (took > PAUSE * HALF_NANOS) {
            waits = false;
            begin(phase == Phase.WITH ? Phase.KNOWN : Phase.WITHOUT, now);
        } else if (took >= HALF_NANOS && count >= LEAST) {
            halfDone((double) count / took, now);
        }
        return phase == Phase.KNOWN ? waits : phase == Phase.WITH;
    }

    private void halfDone(double rate, long now) {
        if (phase == Phase.WITHOUT) {
            without = rate;
            begin(Phase.WITH, now);
        } else {
            waits = rate * OF >= without * KEPT;
            begin(Phase.KNOWN, now);
        }
    }

    private void begin(Phase next, long now) {
        phase = next;
        since = now;
        count = 0;
    }

    /** A batch is sent, with so many publishes and acks in it. */
    void sent(int gathered) {
        count += gathered;
    }
}
