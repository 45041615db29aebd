package io.tallymq.raft;

import java.util.List;
import java.util.Random;

/**
 * How fast a start applies again what its log holds: at once, or its end so slowly that clients are there by then and send. What they
 * sent and what an earlier start sent before it died must not be taken for each other.
 */
final class ModelReplay {
    private static final long USUAL = 150_000;
    private static final int MOST_AT_ONCE = 4;

    /** Nanoseconds to the first entry, and from one to the next for so many at the end of the log. */
    private record Pace(long first, long pause, int entries) {}

    private static final List<Pace> PACES =
            List.of(new Pace(USUAL, USUAL, 0), new Pace(USUAL, USUAL, 0), new Pace(USUAL, 10 * VirtualTime.MILLI, 80));

    /** Clients are connected before it begins, and act between any two entries. */
    private static final Pace LATE = new Pace(200 * VirtualTime.MILLI, 40 * VirtualTime.MILLI, 120);

    private final Pace pace;
    private final long end;
    private boolean begun;

    /**
     * Begins one.
     *
     * @param end the last entry of the log at the start
     * @param late whether it is as slow as can be, whatever chance says
     */
    ModelReplay(Random random, long end, boolean late) {
        this.pace = late ? LATE : PACES.get(random.nextInt(PACES.size()));
        this.end = end;
    }

    private boolean isSlow(long applied) {
        return applied < end && applied >= end - pace.entries();
    }

    /** How long it takes to the next entries, about. */
    long pause(long applied) {
        if (!begun) {
            begun = true;
            return pace.first();
        }
        return isSlow(applied) ? pace.pause() : USUAL;
    }

    /** How many follow at once. */
    int atOnce(Random random, long applied) {
        return isSlow(applied) ? 1 : 1 + random.nextInt(MOST_AT_ONCE);
    }
}
