package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.MessageStore.Applied;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a disk that has hardly any room left, as it is told. */
class StoreRoomTest {
    /** More files than RocksDB leaves on level 0 when nothing hinders it. */
    private static final int FILES = 12;

    private static final long WAIT_NANOS = TimeUnit.MINUTES.toNanos(2);

    @TempDir
    Path dir;

    private final AtomicLong free = new AtomicLong();
    private final List<String> failures = new CopyOnWriteArrayList<>();

    private RocksStoreConfig config() {
        return RocksStoreConfig.in(dir.resolve("store")).withMemtables(256 << 10, 4);
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
}
