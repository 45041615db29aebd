package io.tallymq.raft.log.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.raft.log.config.LogAmount;
import org.junit.jupiter.api.Test;

class LogTailTest {
    @Test
    void theLogIsCutSoThatTheTailStaysAndNeverBeyondWhatIsDurable() {
        LogTail tail = new LogTail(new LogAmount(1_000, 1_000_000));
        for (int i = 0; i < 100; i++) {
            tail.applied(i, 100);
        }
        assertEquals(-1, tail.cutUpTo(-1));
        long behind = tail.cutUpTo(40);
        assertEquals(40, behind, 2);
        long ahead = tail.cutUpTo(99);
        assertEquals(89, ahead, 2);
        assertEquals(ahead, tail.cutUpTo(10), "never back");
        tail.installed(500);
        assertEquals(500, tail.cutUpTo(500));
    }

    @Test
    void nothingIsCutWhileTheLogIsShorterThanTheTail() {
        LogTail tail = new LogTail(new LogAmount(1 << 20, 1_000));
        for (int i = 0; i < 100; i++) {
            tail.applied(i, 100);
        }
        assertEquals(-1, tail.cutUpTo(99));
    }

    /** Entries without content cost memory all the same. */
    @Test
    void theTailIsBoundedByEntriesToo() {
        LogTail tail = new LogTail(new LogAmount(1 << 20, 80));
        for (int i = 0; i < 1_000; i++) {
            tail.applied(i, 0);
        }
        assertEquals(999 - 80, tail.cutUpTo(999), 10);
    }

    @Test
    void itTellsHowMuchLiesBeyondAnIndex() {
        LogTail tail = new LogTail(new LogAmount(1_000, 80));
        for (int i = 0; i < 1_000; i++) {
            tail.applied(i, 3);
        }
        assertEquals(new LogAmount(3_000, 1_000), tail.beyond(-1));
        assertEquals(400, tail.beyond(599).entries(), 10);
        assertEquals(1_200, tail.beyond(599).bytes(), 30);
        tail.cutUpTo(700);
        assertEquals(299, tail.beyond(700).entries(), 10);
        tail.installed(2_000);
        assertEquals(LogAmount.NONE, tail.beyond(2_000));
    }
}
