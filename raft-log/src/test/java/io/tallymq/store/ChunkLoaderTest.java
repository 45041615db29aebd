package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class ChunkLoaderTest {
    @TempDir
    Path temp;

    private RocksDB db;
    private StoreReader reader;
    private ChunkLoader loader;

    @BeforeEach
    void open() throws RocksDBException {
        db = RocksDB.open(temp.resolve("db").toString());
        reader = new StoreReader(db);
        loader = new ChunkLoader(db, reader);
    }

    @AfterEach
    void close() {
        loader.close();
        reader.close();
        db.close();
    }

    private static byte[] value(long queue, long seq) {
        return ByteBuffer.allocate(16).putLong(queue).putLong(seq).array();
    }

    /** Chunks of two messages. */
    private void put(long queue, long from, long to) throws RocksDBException {
        for (long seq = from; seq < to; seq += 2) {
            db.put(Keys.chunk(queue, seq), value(queue, seq));
        }
    }

    private byte[] load(long queue, long seq) throws RocksDBException {
        return loader.load(new Chunk(queue, seq, 2, 0, 0));
    }

    private void loadAll(long queue, long from, long to) throws RocksDBException {
        for (long seq = from; seq < to; seq += 2) {
            assertArrayEquals(value(queue, seq), load(queue, seq), "chunk " + seq);
        }
    }

    @Test
    void chunksInARowAreReadWithACursorAlsoThosePutAfterIt() throws RocksDBException {
        put(1, 0, 100);
        loadAll(1, 0, 4);
        assertEquals(0, loader.cursors());
        loadAll(1, 4, 100);
        assertEquals(1, loader.cursors());
        put(1, 100, 200);
        loadAll(1, 100, 200);
        assertEquals(1, loader.cursors());
    }

    @Test
    void gapsAndStepsBackFindTheRightChunk() throws RocksDBException {
        put(1, 0, 1_000);
        put(2, 0, 1_000);
        loadAll(1, 0, 20);
        for (long seq : new long[] {22, 30, 500, 502, 40, 42, 44, 46, 0, 998, 998}) {
            assertArrayEquals(value(1, seq), load(1, seq), "chunk " + seq);
        }
    }

    @Test
    void whatWasRemovedBeforeTheCursorIsNull() throws RocksDBException {
        put(1, 0, 100);
        db.singleDelete(Keys.chunk(1, 50));
        loadAll(1, 0, 50);
        assertNull(load(1, 50));
        loadAll(1, 52, 100);
        assertNull(load(1, 100));
    }

    @Test
    void cursorsAreBoundedAndTheRestIsReadAllTheSame() throws RocksDBException {
        int queues = ChunkLoader.MAX_TRACKS + 100;
        for (int q = 1; q <= queues; q++) {
            put(q, 0, 20);
        }
        for (int q = 1; q <= queues; q++) {
            loadAll(q, 0, 20);
            assertTrue(loader.cursors() <= ChunkLoader.MAX_CURSORS);
        }
        loadAll(1, 0, 20);
    }

    @Test
    void aCursorInUseIsKeptAndOneReadOfManyIsForgotten() throws RocksDBException {
        put(1, 0, 20);
        loadAll(1, 0, 20);
        loader.expire();
        assertEquals(1, loader.cursors());
        for (int q = 2; q <= ChunkLoader.MAX_TRACKS + 1; q++) {
            load(q, 0);
        }
        assertEquals(0, loader.cursors());
    }

    @Test
    void manyThreadsReadTheSameQueues() throws Exception {
        put(1, 0, 2_000);
        put(2, 0, 2_000);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int start = t * 100;
                done.add(threads.submit(() -> {
                    for (int seq = start; seq < 2_000; seq += 2) {
                        assertArrayEquals(value(1, seq), load(1, seq));
                        assertArrayEquals(value(2, seq), load(2, seq));
                        if (seq % 500 == 0) {
                            loader.expire();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> d : done) {
                d.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
