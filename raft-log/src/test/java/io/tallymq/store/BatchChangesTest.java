package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BatchChangesTest {
    private final BatchChanges changes = new BatchChanges();

    private List<Long> left(long queue, Long... committed) {
        NavigableSet<Long> chunks = new TreeSet<>(List.of(committed));
        changes.apply(queue, chunks);
        return List.copyOf(chunks);
    }

    @Test
    void whatOthersRemovedIsNotLookedAt() {
        for (int i = 0; i < 10_000; i++) {
            changes.removed(1, i);
        }
        changes.removed(2, 5);
        assertEquals(1, changes.of(2));
        assertEquals(0, changes.of(3));
        assertEquals(List.of(4L, 6L), left(2, 4L, 5L, 6L));
        assertEquals(List.of(4L), left(3, 4L));
    }

    @Test
    void queuesMayTakeTurns() {
        changes.removed(1, 0);
        changes.removed(2, 10, 20);
        changes.removed(1, 3);
        changes.removed(2, 30);
        assertEquals(List.of(2L), left(1, 0L, 2L, 3L));
        assertEquals(List.of(9L, 20L, 31L), left(2, 9L, 10L, 19L, 20L, 30L, 31L));
        changes.clear();
        assertEquals(List.of(0L, 2L, 3L), left(1, 0L, 2L, 3L));
        changes.removed(1, 2);
        assertEquals(List.of(0L, 3L), left(1, 0L, 2L, 3L));
    }
}
