package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PendingLimitTest {
    private static final long MOST = 64 << 20;
    private static final long MILLI = 1_000_000;

    /** A log that takes so many bytes per millisecond, one batch after the other, each in {@code millis}. */
    private static long limitAfter(long bytesPerMilli, long millis, int batches) {
        PendingLimit limit = new PendingLimit(MOST);
        for (int i = 1; i <= batches; i++) {
            limit.answered(bytesPerMilli * millis, millis * MILLI, i * millis * MILLI, true);
        }
        return limit.bytes();
    }

    @Test
    void asMuchAsTheLogTakesInARoundTripAndAFewHundredthsOfASecond() {
        assertEquals(200 * (5 + 20) << 10, limitAfter(200 << 10, 5, 100), 1 << 10);
        assertEquals(400 * (5 + 20) << 10, limitAfter(400 << 10, 5, 100), 1 << 10);
    }

    /** It was 64 MiB: with the first 16 MiB bodies of twenty publishers another client's confirm waited for all of it. */
    @Test
    void aLogOfUnknownSpeedGetsLittleFirst() {
        assertEquals(PendingLimit.FIRST, new PendingLimit(MOST).bytes());
        assertEquals(PendingLimit.FIRST, limitAfter(200 << 10, 5, 1));
        assertEquals(100, new PendingLimit(100).bytes());
    }

    @Test
    void neverLessThanTwoPartsOfABodyAndNeverMoreThanSet() {
        assertEquals(PendingLimit.LEAST, limitAfter(1 << 10, 5, 100));
        assertEquals(MOST, limitAfter(100 << 20, 5, 100));
    }

    /** Who publishes without confirms waits for nothing, and others' confirms for all of it. */
    @Test
    void withoutConfirmsItIsLess() {
        PendingLimit limit = PendingLimit.ofUnconfirmed(MOST);
        assertEquals(1 << 20, limit.bytes());
        for (int i = 1; i <= 100; i++) {
            limit.answered(1_000 << 10, 5 * MILLI, i * 5 * MILLI, true);
        }
        assertEquals(200 * (5 + 6) << 10, limit.bytes(), 1 << 10);
        for (int i = 101; i <= 300; i++) {
            limit.answered(5 << 10, 5 * MILLI, i * 5 * MILLI, true);
        }
        assertEquals(PendingLimit.UNCONFIRMED_LEAST, limit.bytes());
    }

    @Test
    void publishersOfWhatEntriesCanNotKeepUpWithAreReadLess() {
        PendingLimit limit = new PendingLimit(MOST);
        assertFalse(limit.applied(false));
        assertTrue(limit.applied(true));
        assertTrue(limit.applied(true));
        assertEquals(PendingLimit.FIRST / 4, limit.bytes());
        for (int i = 0; i < 100; i++) {
            limit.applied(true);
        }
        assertEquals(PendingLimit.FIRST >> 10, limit.bytes());
        int entries = 1;
        while (limit.applied(false)) {
            entries++;
        }
        assertEquals(PendingLimit.FIRST, limit.bytes());
        assertEquals(80, entries);
    }

    /** Time without anything pending says nothing about the log's speed. */
    @Test
    void idleTimeDoesNotCount() {
        PendingLimit limit = new PendingLimit(MOST);
        long now = 0;
        for (int i = 0; i < 100; i++) {
            now += 5 * MILLI;
            limit.answered(1 << 20, 5 * MILLI, now, i % 10 != 9);
            if (i % 10 == 9) {
                now += 1_000 * MILLI;
                limit.answered(100, 5 * MILLI, now, true);
            }
        }
        assertTrue(limit.bytes() > 4 << 20, "limit " + limit.bytes());
    }
}
