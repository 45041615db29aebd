package io.tallymq.raft.copies;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CompletenessTest {
    private static final List<String> MEMBERS = List.of("a");

    private final Completeness completeness = new Completeness();
    private long has = -1;

    private long look(long committed, long time) {
        completeness.look(committed, time, MEMBERS, member -> has);
        return completeness.completeAt("a");
    }

    @Test
    void whoWasNeverCompleteIsUnknown() {
        assertEquals(-1, look(5, 1_000));
        has = 4;
        assertEquals(-1, look(6, 2_000));
    }

    @Test
    void whoIsAMomentBehindWasCompleteAMomentAgo() {
        look(10, 1_000);
        has = 10;
        assertEquals(1_000, look(20, 2_000));
        has = 25;
        assertEquals(2_000, look(30, 3_000));
        has = 30;
        assertEquals(3_000, look(40, 4_000));
    }

    @Test
    void whoIsAwayWasCompleteWhenItLeft() {
        has = 10;
        look(10, 1_000);
        for (int i = 2; i < 100; i++) {
            assertEquals(1_000, look(10 + i, 1_000L * i));
        }
        has = 109;
        assertEquals(99_000, look(110, 100_000));
    }

    @Test
    void nothingNewMeansCompleteNow() {
        has = 10;
        look(10, 1_000);
        assertEquals(9_000, look(10, 9_000));
    }
}
