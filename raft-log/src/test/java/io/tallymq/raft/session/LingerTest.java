package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LingerTest {
    private final Linger linger = new Linger(1_000);

    @Test
    void aLoneMessageNeverWaits() {
        assertFalse(linger.answered(0, 10, 5_000, false, false));
        assertFalse(linger.answered(1, 10, 5_000, false, false));
        assertFalse(linger.answered(15, 10, 5_000, false, false));
        assertFalse(linger.isActive());
    }

    @Test
    void underLoadTheNextBatchWaits() {
        assertTrue(linger.answered(16, 10, 5_000, false, false));
        assertTrue(linger.isActive());
        assertEquals(990, linger.left(20));
        linger.over();
        assertFalse(linger.isActive());
        linger.sent(40);
        assertTrue(linger.answered(16, 5_000, 5_000, false, false), "it paid: it is done again");
    }

    @Test
    void aWaitThatBroughtLittleIsNotRepeatedSoon() {
        int tries = 0;
        for (int i = 0; i < 1_000; i++) {
            if (linger.answered(50, i, 5_000, false, false)) {
                tries++;
                linger.over();
            }
            linger.sent(51);
        }
        assertTrue(tries >= 15 && tries <= 25, tries + " waits in 1,000 batches");
    }

    @Test
    void itComesBackWhenTheLoadDoes() {
        for (int i = 0; i < 300; i++) {
            linger.answered(50, i, 5_000, false, false);
            linger.sent(50);
        }
        int waits = 0;
        for (int i = 0; i < 300; i++) {
            if (linger.answered(50, i, 5_000, false, false)) {
                waits++;
            }
            linger.sent(100);
        }
        assertTrue(waits > 200, waits + " waits in 300 batches");
    }

    /** Three times what batches lately took, smoothed, and never more than the most. */
    @Test
    void quickBatchesAreNotKeptWaitingForLong() {
        assertTrue(linger.answered(50, 0, 100, false, false));
        assertEquals(300, linger.left(0));
        linger.sent(100);
        assertTrue(linger.answered(50, 0, 300, false, false));
        assertEquals(450, linger.left(0));
        linger.sent(100);
        assertTrue(linger.answered(50, 0, 1_000_000, false, false));
        assertEquals(1_000, linger.left(0));
    }

    @Test
    void onAFullMachineAFewMessagesWaitAsLongAsMayBe() {
        assertFalse(linger.answered(3, 0, 100, true, false));
        assertTrue(linger.answered(4, 0, 100, true, false), "entries of a few messages cost most");
        assertEquals(1_000, linger.left(0), "whatever a round trip takes");
    }

    @Test
    void aFewOfThoseWhoSendNowAndThenWaitUntilAnotherSends() {
        assertFalse(linger.answered(0, 0, 100, false, true));
        assertTrue(linger.answered(1, 0, 100, false, true));
        assertEquals(300, linger.left(0));
        assertTrue(linger.frequent(), "it goes at once");
        assertFalse(linger.isActive());
        linger.sent(2);
        assertTrue(linger.answered(16, 500, 100, false, true));
        assertFalse(linger.frequent(), "under load it waits for anybody");
        assertTrue(linger.isActive());
    }

    @Test
    void itCanBeOff() {
        assertFalse(new Linger(0).answered(1_000, 10, 5_000, false, false));
    }
}
