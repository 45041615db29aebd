package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LogTailTest {
    @Test
    void theLogIsCutSoThatTheTailStaysAndNeverBeyondWhatIsDurable() {
        LogTail tail = new LogTail(1_000);
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
        LogTail tail = new LogTail(1 << 20);
        for (int i = 0; i < 100; i++) {
            tail.applied(i, 100);
        }
        assertEquals(-1, tail.cutUpTo(99));
    }
}
