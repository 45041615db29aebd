package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.Collector.OldObjects;
import io.tallymq.node.HeapAlarm.Collecting;
import io.tallymq.raft.vitals.NodeVitals.Heap;
import org.junit.jupiter.api.Test;

/** When the alarm begins and ends, with a heap of the test's own. */
class HeapAlarmTest {
    private long used;
    private long afterCollection = Long.MAX_VALUE;
    private boolean underWay;
    private int collections;
    private final HeapAlarm alarm = new HeapAlarm(() -> new OldObjects(used, 1000), new Collecting() {
        @Override
        public void start() {
            collections++;
            used = Math.min(used, afterCollection);
        }

        @Override
        public boolean isUnderWay() {
            return underWay;
        }
    });

    private Heap look(long nowUsed, int times) {
        Heap last = null;
        for (int i = 0; i < times; i++) {
            used = nowUsed;
            last = alarm.get();
        }
        return last;
    }

    @Test
    void whatACollectionLeavesRaisesItAtOnce() {
        assertEquals(new Heap(750, 750, false), look(750, 50));
        assertEquals(0, collections);
        afterCollection = 751;
        assertEquals(new Heap(751, 750, true), look(900, 1));
        assertEquals(1, collections);
    }

    @Test
    void itEndsWithClearlyLess() {
        assertTrue(look(800, 1).low());
        assertTrue(look(671, 1).low());
        assertEquals(new Heap(670, 750, false), look(670, 1));
        assertFalse(look(750, 1).low());
        assertTrue(look(900, 1).low());
    }

    @Test
    void whileItIsOnACollectionIsAskedForSeldom() {
        look(900, HeapAlarm.SELDOM);
        assertEquals(1, collections);
        look(900, 1);
        assertEquals(2, collections);
        afterCollection = 100;
        look(900, HeapAlarm.SELDOM - 1);
        assertFalse(look(900, 1).low());
    }

    @Test
    void aCollectionBesideTheProgramIsWaitedFor() {
        underWay = true;
        assertFalse(look(900, 50).low());
        assertEquals(1, collections);
        assertFalse(look(750, 1).low());
        assertFalse(look(812, 50).low());
        assertFalse(look(813, 50).low());
        assertEquals(2, collections);
        underWay = false;
        assertTrue(look(813, 1).low());
    }

    /** Each collection is asked for when a quarter of what the last one left is in use; until then nobody knows what of it is kept. */
    @Test
    void whatNobodyNeedsRaisesNoneAndIsNotCollectedAllTheTime() {
        afterCollection = 740;
        assertEquals(new Heap(740, 750, false), look(800, 1));
        for (int i = 0; i < 100; i++) {
            assertEquals(new Heap(750, 750, false), look(805, 1));
        }
        assertEquals(1, collections);
        assertFalse(look(806, 1).low());
        assertEquals(2, collections);
    }

    @Test
    void anUnknownHeapHasNoAlarm() {
        HeapAlarm unknown = new HeapAlarm(() -> OldObjects.UNKNOWN, () -> collections++);
        for (int i = 0; i < 100; i++) {
            assertEquals(Heap.UNKNOWN, unknown.get());
        }
        assertEquals(0, collections);
    }
}
