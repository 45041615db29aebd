package io.tallymq.broker.message;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What is held of a queue, or went back, is mostly little, and now and then much. */
class RangeBlockTest {
    private final RangeBlock block = new RangeBlock();

    private void many() {
        for (long i = 0; i < 400; i++) {
            block.add(2 * i, 2 * i);
        }
        assertTrue(block.room() >= 400);
    }

    private void assertSmall() {
        assertTrue(block.isEmpty());
        assertTrue(block.room() <= 32, block.room() + " places");
        block.add(5, 6);
        assertTrue(block.contains(6));
        assertFalse(block.contains(7));
    }

    @Test
    void whatManyRangesNeededIsGivenBackWhenAllAreRemoved() {
        many();
        block.remove(0, 1_000, (a, b) -> {});
        assertSmall();
    }

    @Test
    void whatManyRangesNeededIsGivenBackWhenTheLastIsTaken() {
        many();
        for (int i = 0; i < 400; i++) {
            block.takeLowest();
        }
        assertSmall();
    }
}
