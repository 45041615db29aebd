package io.tallymq.broker.lane;

import io.tallymq.broker.store.SeqRuns;

/**
 * How often a message of a queue that went back was tried: a number of {@link SeqRuns}. A message that never went back has none. In the
 * lower half is what {@link #failures} tells, in the upper one how often a client gave it back, counted or not.
 */
public final class Attempts {
    /** No record: the message never went back. */
    public static final int NONE = SeqRuns.NONE;
    /** It was assigned and went back before its client was sent it. */
    public static final int NEVER_SENT = 0;
    /** Neither number grows beyond, but for {@link #failedOn}. */
    public static final int MOST = 0x7fff;

    private static final int HALF = 16;
    /** Of a record whose other bits are failures alone: what came back without one counts no more then. */
    private static final int FAILURES_ALONE = 0x8000;

    private static final int HALF_WITHOUT = 15;
    private static final int MOST_ALONE = 0x3fffffff;

    private Attempts() {}

    /** Whether a client may have been sent it. */
    public static boolean wasSent(int record) {
        return record > NEVER_SENT;
    }

    /** Attempts that failed: x-delivery-count. */
    public static int failures(int record) {
        if (areAlone(record)) {
            return record >>> HALF << HALF_WITHOUT | record & MOST;
        }
        return record <= NEVER_SENT ? 0 : (record & 0xffff) - 1;
    }

    private static boolean areAlone(int record) {
        return record > NEVER_SENT && (record & FAILURES_ALONE) != 0;
    }

    private static int alone(int failures) {
        return failures >>> HALF_WITHOUT << HALF | FAILURES_ALONE | failures & MOST;
    }

    /** How often it came back from a client that was sent it: x-acquired-count. */
    public static int returns(int record) {
        if (areAlone(record)) {
            return failures(record);
        }
        return record <= NEVER_SENT ? 0 : failures(record) + (record >>> HALF);
    }

    /** A failed attempt: it was sent, and that counts. */
    public static int failed(int record) {
        int sent = Math.max(record, NEVER_SENT + 1);
        return failures(sent) == MOST - 1 ? sent : sent + 1;
    }

    /** The same, counted on however often that is. */
    public static int failedOn(int record) {
        int failures = failures(record);
        return failures < MOST - 1 ? failed(record) : alone(Math.min(MOST_ALONE, failures + 1));
    }

    /** It was sent and came back without counting. */
    public static int returned(int record) {
        return Math.max(record, NEVER_SENT + 1);
    }

    /** The same, where it is told how often that was. */
    public static int returnedAgain(int record) {
        int sent = returned(record);
        return areAlone(sent) || sent >>> HALF == MOST ? sent : sent + (1 << HALF);
    }

    /** It came back before it was sent. */
    public static int released(int record) {
        return Math.max(record, NEVER_SENT);
    }
}
