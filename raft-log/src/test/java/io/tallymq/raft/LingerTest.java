package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LingerTest {
    private final Linger linger = new Linger(1_000);

    @Test
    void aLoneMessageNeverWaits() {
        assertFalse(linger.answered(0, 10));
        assertFalse(linger.answered(1, 10));
        assertFalse(linger.answered(15, 10));
        assertFalse(linger.isActive());
    }

    @Test
    void underLoadTheNextBatchWaits() {
        assertTrue(linger.answered(16, 10));
        assertTrue(linger.isActive());
        assertEquals(990, linger.left(20));
        linger.over();
        assertFalse(linger.isActive());
        linger.sent(40);
        assertTrue(linger.answered(16, 5_000), "it paid: it is done again");
    }

    @Test
    void aWaitThatBroughtLittleIsNotRepeatedSoon() {
        int tries = 0;
        for (int i = 0; i < 1_000; i++) {
            if (linger.answered(50, i)) {
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
            linger.answered(50, i);
            linger.sent(50);
        }
        int waits = 0;
        for (int i = 0; i < 300; i++) {
            if (linger.answered(50, i)) {
                waits++;
            }
            linger.sent(100);
        }
        assertTrue(waits > 200, waits + " waits in 300 batches");
    }

    @Test
    void itCanBeOff() {
        assertFalse(new Linger(0).answered(1_000, 10));
    }
}
