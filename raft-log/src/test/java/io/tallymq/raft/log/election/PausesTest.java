package io.tallymq.raft.log.election;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PausesTest {
    /** Else two nodes with the same trouble would lead in turn for ever. */
    @Test
    void pausesBetweenHandOversGrow() {
        long second = TimeUnit.SECONDS.toNanos(1);
        assertEquals(3 * second, LeadWatch.pauseAfter(0, 0));
        assertEquals(6 * second, LeadWatch.pauseAfter(3 * second, 10 * second));
        assertEquals(30 * second, LeadWatch.pauseAfter(24 * second, 30 * second));
        assertEquals(3 * second, LeadWatch.pauseAfter(24 * second, 400 * second));
    }
}
