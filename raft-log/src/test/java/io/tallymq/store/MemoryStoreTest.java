package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.MessageStore;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContractTest {
    @Override
    MessageStore open(long bodyCacheBytes) {
        return new MemoryStore(bodyCacheBytes);
    }

    @Test
    void aCopyHoldsWhatIsCommitted() {
        Chunk a = put(5, 0, 3);
        store.commit(at(1));
        put(5, 3, 3);
        store.deleteChunk(a);
        MemoryStore copy = ((MemoryStore) store).copy();
        store.commit(at(2));
        assertEquals(at(1), copy.applied());
        assertEquals(1, copy.chunks(5, 0, 10).size());
        assertEquals(3, copy.load(copy.chunkAt(5, 0)).count());
        TestChunks.Made again = TestChunks.chunk(5, 3, 3, 50);
        copy.putChunk(again.chunk(), again.parts());
        TestChunks.Made used = TestChunks.chunk(5, 0, 3, 50);
        assertThrows(IllegalStateException.class, () -> copy.putChunk(used.chunk(), used.parts()));
        copy.commit(at(2));
        assertEquals(2, copy.chunks(5, 0, 10).size());
        assertEquals(1, store.chunks(5, 0, 10).size());
    }

    @Test
    void aChunkIsPutOnceEvenAfterItsRemoval() {
        Chunk a = put(5, 0, 3);
        assertThrows(IllegalStateException.class, () -> put(5, 0, 3));
        store.deleteChunk(a);
        store.commit(at(1));
        assertThrows(IllegalStateException.class, () -> put(5, 0, 1));
    }

    @Test
    void aChunkIsRemovedOnce() {
        Chunk a = put(5, 0, 3);
        Chunk b = put(5, 3, 3);
        store.commit(at(1));
        store.deleteChunk(a);
        assertThrows(IllegalStateException.class, () -> store.deleteChunk(a));
        store.deleteChunks(5, 0, Long.MAX_VALUE);
        assertThrows(IllegalStateException.class, () -> store.deleteChunk(b));
        assertThrows(IllegalStateException.class, () -> store.deleteShared(1, 1));
        assertThrows(IllegalStateException.class, () -> store.chunkAt(5, 77));
        store.commit(at(2));
        assertNull(store.load(b));
    }
}
