package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.Collector.OldObjects;
import io.tallymq.raft.vitals.NodeVitals.Heap;
import org.junit.jupiter.api.Test;

/** When the alarm begins and ends, with a heap of the test's own. */
class HeapAlarmTest {
    private long used;
    private long afterCollection = Long.MAX_VALUE;
    private int collections;

    private HeapAlarm alarm(int enough) {
        return new HeapAlarm(
                () -> new OldObjects(used, 1000),
                () -> {
                    collections++;
                    used = Math.min(used, afterCollection);
                },
                enough);
    }

    private Heap look(HeapAlarm alarm, long nowUsed, int times) {
        Heap last = null;
        for (int i = 0; i < times; i++) {
            used = nowUsed;
            last = alarm.get();
        }
        return last;
    }

    @Test
    void whatACollectionLeavesRaisesItAtOnce() {
        HeapAlarm alarm = alarm(1);
        assertEquals(new Heap(750, 750, false), look(alarm, 750, 50));
        assertEquals(0, collections);
        afterCollection = 751;
        assertEquals(new Heap(751, 750, true), look(alarm, 900, 1));
        assertEquals(1, collections);
    }

    @Test
    void itEndsWithClearlyLess() {
        HeapAlarm alarm = alarm(1);
        assertTrue(look(alarm, 800, 1).low());
        assertTrue(look(alarm, 671, 1).low());
        assertEquals(new Heap(670, 750, false), look(alarm, 670, 1));
        assertFalse(look(alarm, 750, 1).low());
        assertTrue(look(alarm, 900, 1).low());
    }

    @Test
    void whileItIsOnACollectionIsAskedForSeldom() {
        HeapAlarm alarm = alarm(1);
        look(alarm, 900, HeapAlarm.SELDOM);
        assertEquals(1, collections);
        look(alarm, 900, 1);
        assertEquals(2, collections);
        afterCollection = 100;
        look(alarm, 900, HeapAlarm.SELDOM - 1);
        assertFalse(look(alarm, 900, 1).low());
    }

    @Test
    void aCollectionBesideTheProgramHasSomeLooks() {
        HeapAlarm alarm = alarm(HeapAlarm.LOOKS);
        assertFalse(look(alarm, 900, HeapAlarm.LOOKS - 1).low());
        assertTrue(look(alarm, 900, 1).low());
        HeapAlarm other = alarm(HeapAlarm.LOOKS);
        assertFalse(look(other, 900, HeapAlarm.LOOKS - 1).low());
        assertFalse(look(other, 750, 1).low());
        assertFalse(look(other, 874, 20).low());
    }

    /** Each collection is asked for when half of what the last one left is in use. */
    @Test
    void whatNobodyNeedsRaisesNoneAndIsNotCollectedAllTheTime() {
        HeapAlarm alarm = alarm(1);
        afterCollection = 740;
        for (int i = 0; i < 100; i++) {
            assertFalse(look(alarm, 870, 1).low());
        }
        assertEquals(1, collections);
        assertFalse(look(alarm, 871, 1).low());
        assertEquals(2, collections);
    }

    @Test
    void anUnknownHeapHasNoAlarm() {
        HeapAlarm unknown = new HeapAlarm(() -> OldObjects.UNKNOWN, () -> collections++, 1);
        assertEquals(Heap.UNKNOWN, look(unknown, 0, 100));
        assertEquals(0, collections);
    }
}
