package io.tallymq.broker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.store.MessageStore.Slice;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

class SharedBodiesTest {
    private final MemoryStore store = new MemoryStore();
    private final SharedBodies bodies = new SharedBodies(store);
    private long index;

    private void add(long id, int references) {
        store.putShared(id, 0, List.of(new Slice(new byte[1], 0, 1)));
        bodies.add(id, 1);
        for (int i = 0; i < references; i++) {
            bodies.refer(id);
        }
    }

    private void commit() {
        bodies.writeDirty();
        store.commit(new Applied(1, ++index, 1, 1));
    }

    @Test
    void aBacklogOfSharedBodiesCostsNoHeap() {
        int count = 3 * SharedBodies.HOT;
        for (int id = 1; id <= count; id++) {
            add(id, 2);
            if (id % 1_000 == 0) {
                commit();
            }
        }
        commit();
        assertEquals(SharedBodies.HOT, bodies.inMemory());
        for (int id = 1; id <= count; id++) {
            bodies.release(id);
            bodies.release(id);
            if (id % 1_000 == 0) {
                commit();
                assertTrue(bodies.inMemory() <= SharedBodies.HOT);
            }
        }
        commit();
        assertEquals(0, bodies.inMemory());
        assertNull(store.loadShared(1, 0));
        assertNull(store.get(Keys.of(Keys.SHARED_REFERENCES, 1)));
        assertThrows(IllegalStateException.class, () -> bodies.release(1));
    }

    @Test
    void countsAreFoundAgainAfterARestart() {
        add(1, 3);
        commit();
        SharedBodies restored = new SharedBodies(store);
        restored.release(1);
        restored.release(1);
        restored.writeDirty();
        store.commit(new Applied(1, 2, 1, 1));
        assertNotNull(store.loadShared(1, 0));
        restored.release(1);
        restored.writeDirty();
        store.commit(new Applied(1, 3, 1, 1));
        assertNull(store.loadShared(1, 0));
    }
}
