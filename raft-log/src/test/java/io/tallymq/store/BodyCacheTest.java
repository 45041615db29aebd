package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodyCacheTest {
    private static final int OVERHEAD = BodyCache.CHUNK_OVERHEAD;

    private static ChunkBody body(byte[] bytes) {
        return ChunkBody.of(new Records(bytes, new int[1], new Route[0], 0));
    }

    private static long heap(int bytes) {
        return body(new byte[bytes]).records().heapBytes();
    }

    private static Chunk chunk(long seq, byte[] bytes) {
        Chunk chunk = new Chunk(1, seq, 1, bytes.length, 0);
        chunk.body(body(bytes));
        return chunk;
    }

    @Test
    void recordsOfSeveralChunksCountOnceUntilTheLastIsGone() {
        BodyCache cache = new BodyCache(1 << 20);
        Records entry = new Records(new byte[1_000], new int[2], new Route[] {new Route("/", "x", "key")}, 0);
        Chunk a = new Chunk(1, 0, 1, 10, 0);
        Chunk b = new Chunk(2, 0, 1, 10, 0);
        a.body(new ChunkBody(entry, 0, 1, null));
        b.body(new ChunkBody(entry, 0, 1, new int[1]));
        cache.put(a);
        cache.put(b);
        long both = entry.heapBytes() + 2 * OVERHEAD + b.body().heapBytes();
        assertTrue(entry.heapBytes() > 1_000 + 8, "routes and places count too");
        assertEquals(both, cache.bytes());
        cache.commit();
        assertEquals(both, cache.bytes());
        cache.remove(b);
        assertNull(b.body());
        assertEquals(entry.heapBytes() + OVERHEAD, cache.bytes());
        cache.remove(a);
        cache.remove(a);
        assertEquals(0, cache.bytes());
    }

    @Test
    void whatIsRemovedBeforeTheCommitNoLongerCounts() {
        BodyCache cache = new BodyCache(1 << 20);
        Chunk gone = chunk(0, new byte[1_000]);
        cache.put(gone);
        cache.remove(gone);
        assertEquals(0, cache.bytes());
        cache.commit();
        assertEquals(0, cache.bytes());
    }

    @Test
    void whatIsReadMakesRoomForWhatIsPut() {
        BodyCache cache = new BodyCache(5_000);
        Chunk read = new Chunk(2, 0, 1, 1, 0);
        cache.loaded(read, body(new byte[3_000]));
        assertNotNull(read.body());
        cache.put(chunk(0, new byte[3_000]));
        assertNull(read.body(), "the budget holds before the commit too");
        assertTrue(cache.bytes() < 5_000);
    }

    @Test
    void nothingUncommittedIsDropped() {
        BodyCache cache = new BodyCache(5_000);
        List<Chunk> chunks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            chunks.add(chunk(i, new byte[1_000]));
            cache.put(chunks.get(i));
        }
        Chunk read = new Chunk(2, 0, 1, 1, 0);
        cache.loaded(read, body(new byte[1_000]));
        chunks.forEach(c -> assertNotNull(c.body()));
        cache.commit();
        assertNull(read.body());
        assertEquals(
                5_000 / (heap(1_000) + OVERHEAD),
                chunks.stream().filter(c -> c.body() != null).count());
        assertNotNull(chunks.get(99).body());
    }

    @Test
    void oneOldBodyDoesNotKeepThePlacesOfThoseRemovedAfterIt() {
        BodyCache cache = new BodyCache(1 << 20);
        Chunk old = chunk(0, new byte[10]);
        cache.put(old);
        for (int i = 1; i < 100_000; i++) {
            Chunk c = chunk(i, new byte[10]);
            cache.put(c);
            cache.commit();
            cache.remove(c);
        }
        assertNotNull(old.body());
        assertEquals(heap(10) + OVERHEAD, cache.bytes());
        assertEquals(BodyCache.FIRST_CAPACITY, cache.capacity());
    }

    @Test
    void twoReadersOfOneChunkEndWithOneBody() {
        BodyCache cache = new BodyCache(1 << 20);
        Chunk chunk = new Chunk(1, 0, 1, 1, 0);
        ChunkBody first = body(new byte[10]);
        assertSame(first, cache.loaded(chunk, first));
        assertSame(first, cache.loaded(chunk, body(new byte[10])));
        assertEquals(heap(10) + OVERHEAD, cache.bytes());
    }
}
