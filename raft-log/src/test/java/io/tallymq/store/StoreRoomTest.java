package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.MessageStore.Applied;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a disk that has hardly any room left, as it is told. */
class StoreRoomTest {
    /** More files than RocksDB leaves on level 0 when nothing hinders it. */
    private static final int FILES = 12;

    private static final long MIB = 1 << 20;
    private static final int LARGE = 100_000;
    private static final int SMALL = 100;

    private static final long WAIT_NANOS = TimeUnit.MINUTES.toNanos(2);

    @TempDir
    Path dir;

    private final AtomicLong free = new AtomicLong();
    private final List<String> failures = new CopyOnWriteArrayList<>();

    private RocksStoreConfig config() {
        return RocksStoreConfig.in(dir.resolve("store")).withMemtables(256 << 10, 4);
    }

    private static void put(RocksStore store, long queue, long seq, int bytes) {
        TestChunks.Made made = TestChunks.chunk(queue, seq, 1, bytes);
        store.putChunk(made.chunk(), made.parts());
        commit(store);
    }

    private static void commit(RocksStore store) {
        long index = store.applied() == null ? 0 : store.applied().index() + 1;
        store.commit(new Applied(1, index, 0, StoreScript.LEVELS.max()));
    }

    /** As consumers do that take one chunk after the other. */
    private static void drain(RocksStore store, long queue, long toSeq) {
        for (Chunk chunk : store.chunks(queue, 0, toSeq)) {
            store.deleteChunk(chunk);
            commit(store);
        }
    }

    private static void assertHolds(RocksStore store, long queue, long from, long to, int bytes) {
        List<Chunk> chunks = store.chunks(queue, 0, Long.MAX_VALUE);
        assertEquals(
                LongStream.range(from, to).boxed().toList(),
                chunks.stream().map(Chunk::firstSeq).toList());
        for (Chunk chunk : chunks) {
            assertNotNull(store.load(chunk), "chunk " + chunk.firstSeq());
            assertEquals(bytes, chunk.bytes());
        }
    }

    private long files() {
        try (Stream<Path> all = Files.list(dir.resolve("store"))) {
            return all.filter(p -> p.toString().endsWith(".sst")).count();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + WAIT_NANOS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "waited in vain");
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void compactionsWaitForRoomWhileTheStoreIsWrittenAndComeWhenThereIsSome() throws Exception {
        try (RocksStore store = RocksStore.open(config(), StoreScript.LEVELS, failures::add, free::get)) {
            for (int i = 1; i <= FILES; i++) {
                TestChunks.Made made = TestChunks.chunk(1, i, 1, 10_000);
                store.putChunk(made.chunk(), made.parts());
                store.commit(new Applied(1, i, 0, StoreScript.LEVELS.max()));
                store.forceDurable();
            }
            // Without room a compaction that waits is counted by RocksDB as an error that it will try again.
            await(() -> store.metrics().backgroundErrors() > 0);
            assertEquals(FILES, files(), "nothing was compacted, and so nothing took room");
            assertEquals(FILES, store.durable().index());
            free.set(1L << 40);
            await(() -> files() < FILES);
            assertEquals(List.of(), failures, "the store must not be given up");
        }
    }

    /** No compaction ever ran: everything is on level 0, the removals are in the memtable. */
    @Test
    void whatWasDrainedIsGivenBackAlthoughNoCompactionFits() throws Exception {
        free.set(MIB);
        RocksStoreConfig low = config().withFreeWanted(1L << 40);
        try (RocksStore store = RocksStore.open(low, StoreScript.LEVELS, failures::add, free::get)) {
            put(store, 7, 0, SMALL);
            for (int seq = 0; seq < 60; seq++) {
                put(store, 5, seq, LARGE);
                put(store, 6, seq, SMALL);
            }
            store.forceDurable();
            assertTrue(store.metrics().tables() > 5 * MIB);
            drain(store, 5, 60);
            await(() -> store.metrics().tables() < MIB);
            put(store, 5, 60, LARGE);
            assertHolds(store, 5, 60, 61, LARGE);
            assertHolds(store, 6, 0, 60, SMALL);
            assertHolds(store, 7, 0, 1, SMALL);
            free.set(1L << 40);
            for (int seq = 61; seq < 100; seq++) {
                put(store, 5, seq, LARGE);
                store.forceDurable();
            }
            await(() -> files() < 20); // RocksDB compacts by itself as before
        }
        assertEquals(List.of(), failures, "the store must not be given up");
        try (RocksStore store = RocksStore.open(low, StoreScript.LEVELS, failures::add, free::get)) {
            assertHolds(store, 5, 60, 100, LARGE);
            assertHolds(store, 6, 0, 60, SMALL);
        }
    }

    /** What is alive would not fit, so nothing at all can be compacted; files that are wholly drained go. */
    @Test
    void filesOfADrainedPrefixGoWhileTheRestStays() throws Exception {
        free.set(1L << 30);
        RocksStoreConfig low = config().withFreeWanted(1L << 29);
        try (RocksStore store = RocksStore.open(low, StoreScript.LEVELS, failures::add, free::get)) {
            for (int seq = 0; seq < 80; seq++) {
                put(store, 5, seq, LARGE);
                store.forceDurable();
            }
            await(() -> files() < 60);
            free.set(MIB);
            long before = store.metrics().tables();
            drain(store, 5, 50);
            await(() -> store.metrics().tables() < before - 2 * MIB);
            assertHolds(store, 5, 50, 80, LARGE);
        }
        assertEquals(List.of(), failures, "the store must not be given up");
        try (RocksStore store = RocksStore.open(low, StoreScript.LEVELS, failures::add, free::get)) {
            assertHolds(store, 5, 50, 80, LARGE);
        }
    }
}
