package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Who publishes without confirms has a room of his own, and less of it. */
class WritabilityTest {
    private static final long MIB = 1 << 20;

    private final Writability w = new Writability(64 * MIB);

    /** For who consumes, who publishes with confirms, and who publishes without. */
    private List<Boolean> room() {
        return List.of(w.isWritable(false, false), w.isWritable(true, false), w.isWritable(true, true));
    }

    @Test
    void withoutConfirmsOneWaitsFirst() {
        w.grown(3 * MIB, 3 * MIB);
        assertEquals(List.of(true, true, false), room());
        assertFalse(w.shrunk(2 * MIB, 2 * MIB));
        assertTrue(w.shrunk(MIB / 2, MIB / 2));
        assertEquals(List.of(true, true, true), room());
    }

    /** However much those have on its way who wait for confirms. */
    @Test
    void othersLeaveHimHisRoom() {
        w.grown(4 * MIB, MIB);
        assertEquals(List.of(true, true, true), room());
        w.grown(5 * MIB, MIB);
        assertEquals(List.of(true, false, false), room(), "all together have a limit, too");
        assertFalse(w.isOpen());
        assertTrue(w.shrunk(2 * MIB, MIB));
        assertEquals(List.of(true, true, true), room());
    }

    @Test
    void bothComeBackEachInItsTime() {
        w.grown(5 * MIB, 2 * MIB);
        assertTrue(w.shrunk(2 * MIB, 2 * MIB), "who has confirms goes on");
        assertEquals(List.of(true, true, false), room());
        assertFalse(w.isOpen());
        assertTrue(w.shrunk(2 * MIB, 0));
        assertTrue(w.isOpen());
    }

    @Test
    void acksAloneFillANodeLate() {
        w.grown(65 * MIB, 0);
        assertEquals(List.of(false, false, false), room());
        assertTrue(w.shrunk(2 * MIB, 0));
        assertEquals(List.of(true, true, true), room());
    }
}
