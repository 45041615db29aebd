package io.tallymq.raft.entry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

class GatheringTest {
    private static final int LOAD = 4_000;
    private static final int LONE = 200;

    private boolean full;
    private final Gathering gathering = new Gathering(1_000, () -> full);

    private void entry(long sent, long applied, String... nodes) {
        for (String n : nodes) {
            gathering.arrived(n);
        }
        gathering.sent(Set.of(nodes), sent);
        gathering.applied(applied);
    }

    @Test
    void underLoadAnEntryWaitsForTheNodesOfTheLastOne() {
        entry(0, 400, "n1", "n2", "n3");
        gathering.arrived("n1");
        assertTrue(gathering.waits(LOAD, false));
        assertEquals(400, gathering.length(), "a round trip");
        gathering.arrived("n3");
        assertTrue(gathering.waits(LOAD, false));
        gathering.arrived("n2");
        assertFalse(gathering.waits(LOAD, false), "all are here");
    }

    @Test
    void andForThoseOfTheOneBefore() {
        entry(0, 400, "n2");
        entry(500, 900, "n1");
        gathering.arrived("n1");
        assertTrue(gathering.waits(LOAD, false));
        entry(1_000, 1_400, "n1");
        gathering.arrived("n1");
        assertFalse(gathering.waits(LOAD, false), "who was missing twice is not waited for");
    }

    @Test
    void aLoneMessageNeverWaits() {
        entry(0, 400, "n1", "n2");
        gathering.arrived("n1");
        assertFalse(gathering.waits(LONE, false));
    }

    @Test
    void unlessItLosesNothingByIt() {
        entry(0, 400, "n1", "n2", "n3");
        gathering.arrived("n1");
        assertTrue(gathering.waits(LONE, true));
        assertEquals(1_000, gathering.length());
        gathering.arrived("n2");
        assertFalse(gathering.waits(LONE, false), "somebody came who does");
        assertTrue(gathering.waits(LOAD, false), "for now there is load");
    }

    @Test
    void oneNodeNeverWaits() {
        entry(0, 400, "n1");
        entry(500, 900, "n1");
        gathering.arrived("n1");
        assertFalse(gathering.waits(LOAD, false));
    }

    @Test
    void onAFullMachineItWaitsAsLongAsItMay() {
        entry(0, 400, "n1", "n2");
        full = true;
        assertEquals(1_000, gathering.length());
    }

    @Test
    void theWaitHasAMost() {
        entry(0, 400_000, "n1", "n2");
        assertEquals(1_000, gathering.length());
    }

    @Test
    void aWaitInWhichNobodyCameIsNotRepeatedSoon() {
        int waits = 0;
        for (int i = 0; i < 1_000; i++) {
            String node = i % 2 == 0 ? "n1" : "n2";
            gathering.arrived(node);
            waits += gathering.waits(LOAD, false) ? 1 : 0;
            entry(i, i, node);
        }
        assertTrue(waits >= 15 && waits <= 25, waits + " waits for 1,000 entries");
    }

    @Test
    void itCanBeOff() {
        Gathering off = new Gathering(0, () -> true);
        off.arrived("n1");
        off.arrived("n2");
        off.sent(Set.of("n1", "n2"), 0);
        off.applied(400);
        off.arrived("n1");
        assertFalse(off.waits(LOAD, false));
    }
}
