package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tallymq.broker.Chunk;
import io.tallymq.broker.ChunkBody;
import io.tallymq.broker.Route;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodyCacheTest {
    private static final int OVERHEAD = BodyCache.CHUNK_OVERHEAD + 4;

    private static Chunk chunk(long seq, byte[] bytes) {
        Chunk chunk = new Chunk(1, seq, 1, bytes.length, 0);
        chunk.body(new ChunkBody(bytes, new int[1], new Route[0], 0));
        return chunk;
    }

    @Test
    void anArrayOfSeveralChunksCountsOnceUntilTheLastIsGone() {
        BodyCache cache = new BodyCache(1 << 20);
        byte[] entry = new byte[1_000];
        Chunk a = chunk(0, entry);
        Chunk b = chunk(1, entry);
        cache.put(a);
        cache.put(b);
        assertEquals(0, cache.bytes());
        cache.commit();
        assertEquals(1_000 + 2 * OVERHEAD, cache.bytes());
        cache.remove(a);
        assertNull(a.body());
        assertEquals(1_000 + OVERHEAD, cache.bytes());
        cache.remove(b);
        cache.remove(b);
        assertEquals(0, cache.bytes());
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
        cache.loaded(read, new ChunkBody(new byte[1_000], new int[1], new Route[0], 0));
        chunks.forEach(c -> assertNotNull(c.body()));
        cache.commit();
        assertNull(read.body());
        assertEquals(4, chunks.stream().filter(c -> c.body() != null).count());
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
        assertEquals(10 + OVERHEAD, cache.bytes());
        assertEquals(BodyCache.FIRST_CAPACITY, cache.capacity());
    }

    @Test
    void twoReadersOfOneChunkEndWithOneBody() {
        BodyCache cache = new BodyCache(1 << 20);
        Chunk chunk = new Chunk(1, 0, 1, 1, 0);
        ChunkBody first = new ChunkBody(new byte[10], new int[1], new Route[0], 0);
        assertSame(first, cache.loaded(chunk, first));
        assertSame(first, cache.loaded(chunk, new ChunkBody(new byte[10], new int[1], new Route[0], 0)));
        assertEquals(10 + OVERHEAD, cache.bytes());
    }
}
