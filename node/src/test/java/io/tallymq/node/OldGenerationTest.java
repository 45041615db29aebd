package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class OldGenerationTest {
    private static final long MIB = 1L << 20;

    private int markings;
    private final OldGeneration old = new OldGeneration(() -> markings++);

    @Test
    void isMarkedWhenItHasGrown() {
        used(60, 70, 80, 84);
        assertEquals(0, markings, "by less than half");
        used(93);
        assertEquals(1, markings);
    }

    @Test
    void aLargeOneHasToGrowByHalf() {
        used(400, 500, 599);
        assertEquals(0, markings);
        used(601);
        assertEquals(1, markings);
    }

    @Test
    void whatAMarkingCouldNotFreeIsWhatLives() {
        used(60, 100);
        used(140, 149);
        assertEquals(1, markings, "all of it lived");
        used(151);
        assertEquals(2, markings);
    }

    @Test
    void whatWasFreedAfterwardsCountsAsGrowthAgain() {
        used(60, 100);
        used(95, 80, 62, 90);
        assertEquals(1, markings);
        used(95);
        assertEquals(2, markings);
    }

    private void used(long... mebibytes) {
        for (long each : mebibytes) {
            old.accept(each * MIB);
        }
    }
}
