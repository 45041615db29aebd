package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RefusalTest {
    @Test
    void onlyThatOfOneWhoLeadsNoMoreIsDropped() {
        assertTrue(LogGateway.counts("n1", "n1"));
        assertFalse(LogGateway.counts("n1", "n2"));
    }

    /** Else it would wait for an answer that does not come. */
    @Test
    void thatOfALeaderThatIsForgottenForAMomentCounts() {
        assertTrue(LogGateway.counts("n1", null));
    }
}
