package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RestingHeapTest {
    private long collections;
    private int asked;
    private final RestingHeap heap = new RestingHeap(() -> collections, () -> {
        asked++;
        collections++;
    });

    @AfterEach
    void end() {
        heap.close();
    }

    @Test
    void whatTheStartLeftGoesInTheFirstQuietPeriod() {
        period(2);
        assertEquals(0, asked, "the period of the start itself");
        period(RestingHeap.AT_REST);
        assertEquals(1, asked);
    }

    @Test
    void aNodeAtRestIsCollectedOnce() {
        for (int i = 0; i < RestingHeap.LOAD; i++) {
            period(0);
        }
        assertEquals(1, asked);
    }

    @Test
    void underLoadTheCollectorDoesItsWorkItself() {
        period(100, 300, 20);
        assertEquals(0, asked);
    }

    @Test
    void afterEachLoadItIsCollectedAgain() {
        period(0);
        period(100, 0);
        assertEquals(2, asked);
        period(RestingHeap.LOAD, 0, 0);
        assertEquals(3, asked);
    }

    @Test
    void whatAlmostNobodyLeftStays() {
        period(0);
        period(RestingHeap.LOAD - 1, 0);
        assertEquals(1, asked);
    }

    private void period(long... each) {
        for (long more : each) {
            collections += more;
            heap.look();
        }
    }
}
