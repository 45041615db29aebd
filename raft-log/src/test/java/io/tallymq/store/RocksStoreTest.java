package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.MessageStore.Slice;
import io.tallymq.format.Versions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class RocksStoreTest extends StoreContractTest {
    static final Versions LEVELS = new Versions(1, 1);

    @TempDir
    Path temp;

    private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
    private int stores;

    @Override
    MessageStore open(long bodyCacheBytes) {
        return open(config("s" + stores++).withCaches(1 << 20, bodyCacheBytes));
    }

    private RocksStoreConfig config(String name) {
        return RocksStoreConfig.in(temp.resolve(name)).withMemtables(1 << 20, 4);
    }

    private RocksStore open(RocksStoreConfig config) {
        return RocksStore.open(config, LEVELS, failures::add);
    }

    private RocksStore rocks() {
        return (RocksStore) store;
    }

    private RocksStore reopen(String name) {
        store.close();
        store = open(config(name));
        return rocks();
    }

    /** What consumers that keep up have had before the commit costs the database nothing. */
    @Test
    void whatIsRemovedBeforeTheCommitNeverReachesTheDatabase() {
        long before = rocks().metrics().memtables();
        for (long seq = 0; seq < 1_000; seq++) {
            store.putShared(seq, 0, List.of(new Slice(new byte[1_000], 0, 1_000)));
            store.deleteChunk(put(5, seq, 1));
            store.deleteShared(seq, 1);
        }
        store.commit(at(1));
        assertEquals(before, rocks().metrics().memtables(), 10_000);
        for (long seq = 1_000; seq < 1_200; seq++) {
            store.putShared(seq, 0, List.of(new Slice(new byte[1_000], 0, 1_000)));
        }
        store.commit(at(2));
        assertTrue(rocks().metrics().memtables() > before + 150_000, "what stays does");
    }

    @Test
    void aCleanStopLosesNothing() {
        put(5, 0, 3);
        Chunk gone = put(5, 3, 3);
        store.putShared(4, 0, List.of(new Slice(new byte[3_000_000], 0, 3_000_000)));
        store.commit(at(1));
        store.deleteChunk(gone);
        store.put(Keys.of(Keys.QUEUE, 5), bytes("q"));
        store.commit(at(2));
        put(5, 6, 3);
        reopen("s0");
        assertEquals(at(2), store.applied());
        assertEquals(at(2), rocks().durable());
        assertEquals(
                List.of(0L),
                store.chunks(5, 0, 100).stream().map(Chunk::firstSeq).toList());
        assertEquals(3_000_000, store.loadShared(4, 0).length);
        assertEquals(1, scan(Keys.of(Keys.QUEUE)).size());
    }

    @Test
    void theDurablePositionIsThatOfTheLastFlush() {
        assertNull(rocks().durable());
        store.commit(at(1));
        assertNull(rocks().durable());
        rocks().forceDurable();
        assertEquals(at(1), rocks().durable());
        store.commit(at(2));
        assertEquals(at(1), rocks().durable());
        assertEquals(at(2), store.applied());
    }

    @Test
    void whatACrashLeavesIsTheStateAtTheDurablePosition() throws IOException {
        for (int i = 0; i < 20; i++) {
            Chunk chunk = put(5, i * 10L, 10);
            if (i % 2 == 0) {
                store.deleteChunk(chunk);
            }
            store.commit(at(i));
            if (i == 9) {
                rocks().forceDurable();
            }
        }
        Path crashed = copyOf(temp.resolve("s0"), "crashed");
        try (RocksStore after = open(config(crashed.getFileName().toString()))) {
            assertEquals(at(9), after.applied());
            assertEquals(5, after.chunks(5, 0, 1_000).size());
            assertEquals(90, after.chunks(5, 0, 1_000).get(4).firstSeq());
        }
    }

    @Test
    void aRemovalThatIsReplayedAfterACrashRemovesForGood() throws IOException {
        Chunk flushed = put(5, 0, 3);
        store.commit(at(1));
        rocks().forceDurable();
        String name = "s0";
        for (int crash = 1; crash < 4; crash++) {
            // Each life applies the log from 2 on and dies before it is on the disk.
            Chunk late = put(5, 3, 3);
            store.deleteChunk(flushed);
            store.deleteChunk(late);
            store.commit(at(2));
            Path left = copyOf(temp.resolve(name), "crash" + crash);
            store.close();
            name = left.getFileName().toString();
            store = open(config(name));
            assertEquals(at(1), store.applied());
            assertEquals(1, store.chunks(5, 0, 100).size());
        }
        store.deleteChunk(flushed);
        store.commit(at(2));
        rocks().forceDurable();
        for (int i = 3; i < 9; i++) {
            put(6, i, 1);
            store.commit(at(i));
            rocks().forceDurable(); // enough tables for compactions
        }
        reopen(name);
        assertEquals(List.of(), store.chunks(5, 0, 100));
        assertEquals(6, store.chunks(6, 0, 100).size());
    }

    private Path copyOf(Path from, String name) throws IOException {
        Path to = temp.resolve(name);
        Files.createDirectory(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path f : files.toList()) {
                Files.copy(f, to.resolve(f.getFileName()));
            }
        }
        return to;
    }

    @Test
    void aRemovedChunkStaysGoneAcrossFlushesAndCompactions() {
        List<Chunk> chunks = new ArrayList<>();
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < 20; i++) {
                chunks.add(put(5, round * 1_000L + i, 1));
            }
            for (int i = 0; i < 15; i++) {
                store.deleteChunk(chunks.remove(chunks.size() * 7 / 11));
            }
            store.commit(at(round));
            rocks().forceDurable();
        }
        List<Long> left = chunks.stream().map(Chunk::firstSeq).sorted().toList();
        assertEquals(
                left,
                store.chunks(5, 0, 1_000_000).stream().map(Chunk::firstSeq).toList());
        reopen("s0");
        assertEquals(
                left,
                store.chunks(5, 0, 1_000_000).stream().map(Chunk::firstSeq).toList());
    }

    @Test
    void aCheckpointIsAStoreOfItsOwn() throws IOException {
        Chunk chunk = put(5, 0, 3);
        store.commit(at(1));
        Path copy = rocks().checkpoint(temp.resolve("copy"));
        store.deleteChunk(chunk);
        store.commit(at(2));
        rocks().forceDurable();
        try (RocksStore other = open(config("copy"))) {
            assertEquals(at(1), other.applied());
            assertEquals(3, other.load(other.chunkAt(5, 0)).count());
        }
        assertThrows(StoreException.class, () -> rocks().checkpoint(copy));
        assertTrue(failures.isEmpty());
    }

    @Test
    void anInstalledCheckpointReplacesTheStore() {
        put(5, 0, 3);
        store.commit(at(7));
        rocks().checkpoint(temp.resolve("copy"));
        store.close();
        try (RocksStore old = open(config("old"))) {
            old.put(Keys.of(Keys.NODE, 1), new byte[1]);
            old.commit(at(3));
        }
        new StoredCopy(temp.resolve("copy"), LEVELS).verify();
        RocksStore.install(config("old"), temp.resolve("copy"));
        store = open(config("old"));
        assertEquals(at(7), store.applied());
        assertEquals(1, store.chunks(5, 0, 100).size());
        assertEquals(List.of(), scan(Keys.of(Keys.NODE)));
    }

    @Test
    void aCrashWithinAnInstallLeavesTheOldStoreOrTheNewOne() throws IOException {
        put(5, 0, 3);
        store.commit(at(7));
        for (StoreDirectory.Step crash : StoreDirectory.Step.values()) {
            Path live = temp.resolve("live" + crash);
            try (RocksStore old = open(config("live" + crash))) {
                old.commit(at(3));
            }
            Path copy = rocks().checkpoint(temp.resolve("copy" + crash));
            assertThrows(
                    IllegalStateException.class,
                    () -> StoreDirectory.install(live, copy, step -> {
                        if (step == crash) {
                            throw new IllegalStateException("crash");
                        }
                    }));
            boolean isNew = crash.compareTo(StoreDirectory.Step.LIVE_AWAY) >= 0;
            try (RocksStore found = open(config("live" + crash))) {
                assertEquals(isNew ? at(7) : at(3), found.applied(), crash.toString());
            }
            assertTrue(Files.notExists(StoreDirectory.incoming(live)));
            assertTrue(Files.notExists(StoreDirectory.outgoing(live)));
        }
    }

    /** RocksDB's own lock is no lock while the directory is replaced, and who starts tidies up beside it. */
    @Test
    void whoStartsWhileACopyTakesTheStoresPlaceTouchesNothing() throws IOException {
        put(5, 0, 3);
        store.commit(at(7));
        Path live = temp.resolve("live");
        try (RocksStore old = open(config("live"))) {
            old.commit(at(3));
            assertTrue(inUse("live"), "while it is open");
        }
        Path copy = rocks().checkpoint(temp.resolve("copy"));
        List<StoreDirectory.Step> refused = new ArrayList<>();
        StoreDirectory.install(live, copy, step -> {
            boolean incoming = Files.exists(StoreDirectory.incoming(live));
            if (inUse("live") && incoming == Files.exists(StoreDirectory.incoming(live))) {
                refused.add(step);
            }
        });
        assertEquals(List.of(StoreDirectory.Step.values()), refused);
        try (RocksStore found = open(config("live"))) {
            assertEquals(at(7), found.applied());
        }
    }

    private boolean inUse(String name) {
        StoreException e = assertThrows(StoreException.class, () -> open(config(name)));
        return e.getMessage().contains("is in use by another process");
    }

    @Test
    void aDamagedCopyIsFound() throws IOException {
        put(5, 0, 300);
        store.commit(at(7));
        Path copy = rocks().checkpoint(temp.resolve("copy"));
        try (RocksStore old = open(config("old"))) {
            old.commit(at(3));
        }
        Path table = table(copy);
        byte[] bytes = Files.readAllBytes(table);
        bytes[bytes.length / 3] ^= 1;
        Files.delete(table); // a hard link: the original must stay as it is
        Files.write(table, bytes);
        StoreException e = assertThrows(StoreException.class, () -> new StoredCopy(copy, LEVELS).verify());
        assertTrue(e.getMessage().contains("Copy it again"), e.getMessage());
        try (RocksStore old = open(config("old"))) {
            assertEquals(at(3), old.applied());
        }
    }

    private static Path table(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.toString().endsWith(".sst")).findFirst().orElseThrow();
        }
    }

    @Test
    void aStoreOfALevelThatIsNotKnownIsRefused() {
        store.commit(new MessageStore.Applied(1, 1, 1, 3));
        store.close();
        String above = refusal(new Versions(1, 2));
        assertTrue(
                above.contains("is of level 3, and this version of TallyMQ knows level 1 to 2: start the version"),
                above);
        String below = refusal(new Versions(4, 5));
        assertTrue(
                below.contains("is of level 3, and this version of TallyMQ knows level 4 to 5: start a version"),
                below);
        store = RocksStore.open(config("s0"), new Versions(2, 3), failures::add);
        assertEquals(3, store.applied().level());
    }

    private String refusal(Versions known) {
        return assertThrows(StoreException.class, () -> RocksStore.open(config("s0"), known, failures::add))
                .getMessage();
    }

    @Test
    void aCopyOfALevelThatIsNotKnownIsFound() {
        store.commit(new MessageStore.Applied(1, 1, 1, 2));
        Path copy = rocks().checkpoint(temp.resolve("copy"));
        StoreException e = assertThrows(StoreException.class, () -> new StoredCopy(copy, LEVELS).verify());
        assertTrue(
                e.getMessage().contains("is of level 2, and this version of TallyMQ knows level 1:"), e.getMessage());
    }

    @Test
    void aForeignDatabaseIsRefused() throws RocksDBException {
        try (Options options = new Options().setCreateIfMissing(true);
                RocksDB db = RocksDB.open(options, temp.resolve("foreign").toString())) {
            db.put(bytes("key"), bytes("value"));
        }
        StoreException e = assertThrows(StoreException.class, () -> open(config("foreign")));
        assertTrue(e.getMessage().contains("was not written by TallyMQ"), e.getMessage());
    }

    @Test
    void aStoreInUseIsRefused() {
        StoreException e = assertThrows(StoreException.class, () -> open(config("s0")));
        assertTrue(e.getMessage().contains("in use by another process"), e.getMessage());
    }

    @Test
    void aDamagedStoreIsRefused() throws IOException {
        put(5, 0, 3);
        store.commit(at(1));
        store.close();
        Files.delete(table(temp.resolve("s0")));
        StoreException e = assertThrows(StoreException.class, () -> open(config("s0")));
        assertTrue(e.getMessage().contains("is damaged"), e.getMessage());
        assertTrue(failures.isEmpty());
    }

    @Test
    void aDirectoryThatCannotBeMadeIsRefused() throws IOException {
        Files.write(temp.resolve("file"), new byte[1]);
        StoreException e = assertThrows(StoreException.class, () -> open(config("file/store")));
        assertTrue(e.getMessage().contains("Check its permissions"), e.getMessage());
    }

    @Test
    void aFlippedBitIsFoundWhenItIsReadAndTheNodeIsTold() throws Exception {
        List<TestChunks.Made> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(TestChunks.chunk(5, i * 100L, 100, 1_000));
            store.putChunk(all.get(i).chunk(), all.get(i).parts());
        }
        TestChunks.Made made = all.get(1);
        store.commit(at(1));
        store.close();
        Path table = table(temp.resolve("s0"));
        byte[] bytes = Files.readAllBytes(table);
        bytes[bytes.length / 2] ^= 4;
        Files.write(table, bytes);
        store = open(config("s0"));
        StoreException e = assertThrows(StoreException.class, () -> store.load(made.chunk()));
        assertTrue(e.getMessage().contains("is damaged"), e.getMessage());
        assertEquals(e.getMessage(), failures.poll(60, TimeUnit.SECONDS));
    }

    @Test
    void aFailedFlushIsToldAndNothingIsWrittenAfterIt() throws Exception {
        put(5, 0, 3);
        store.commit(at(1));
        // The directory is gone: the next table can't be made.
        Files.move(temp.resolve("s0"), temp.resolve("elsewhere"));
        StoreException e = assertThrows(StoreException.class, () -> rocks().forceDurable());
        assertTrue(e.getMessage().contains("can't be written"), e.getMessage());
        assertTrue(failures.poll(60, TimeUnit.SECONDS).contains("can't be written"));
        assertThrows(StoreException.class, () -> store.commit(at(2)));
        assertTrue(failures.isEmpty(), "told once");
    }

    @Test
    void aFlushThatFailsByItselfIsTold() throws Exception {
        store.commit(at(0));
        Files.move(temp.resolve("s0"), temp.resolve("elsewhere"));
        // Two memtables full: RocksDB flushes without being asked. A late commit may meet the error first; it is told
        // all the same.
        try {
            for (int i = 0; i < 25; i++) {
                TestChunks.Made made = TestChunks.chunk(5, i * 100L, 100, 1_000);
                store.putChunk(made.chunk(), made.parts());
                store.commit(at(i));
            }
        } catch (StoreException e) {
            assertTrue(e.getMessage().contains("can't be written"), e.getMessage());
        }
        String told = failures.poll(60, TimeUnit.SECONDS);
        boolean said = told != null && (told.contains("can't be written") || told.contains("flushed or compacted"));
        assertTrue(said, told);
    }

    @Test
    void theRestOfAQueueThatMostlyWentBeforeIsRemovedToo() {
        List<Chunk> chunks = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            chunks.add(put(5, i, 1));
        }
        put(6, 0, 1);
        store.commit(at(1));
        Chunk left = chunks.remove(2_990);
        chunks.forEach(store::deleteChunk);
        store.commit(at(2));
        store.deleteChunks(5, 0, Long.MAX_VALUE);
        store.commit(at(3));
        assertNull(store.load(new Chunk(5, left.firstSeq(), 1, 50, 0)));
        assertEquals(List.of(), store.chunks(5, 0, 10_000));
        assertEquals(1, store.chunks(6, 0, 10).size());
    }

    @Test
    void aClosedStoreSaysSo() {
        store.close();
        store.close();
        assertThrows(IllegalStateException.class, () -> store.load(new Chunk(1, 1, 1, 1, 0)));
        assertThrows(IllegalStateException.class, () -> store.put(Keys.of(Keys.NODE), new byte[1]));
        assertThrows(IllegalStateException.class, () -> rocks().durable());
        assertDoesNotThrow(store::applied);
    }

    @Test
    void sizesAreTold() {
        StoreMetrics empty = rocks().metrics();
        TestChunks.Made made = TestChunks.chunk(5, 0, 100, 1_000).withBody();
        store.putChunk(made.chunk(), made.parts());
        store.commit(at(1));
        StoreMetrics written = rocks().metrics();
        assertTrue(written.memtables() >= empty.memtables() + 100_000, written.toString());
        assertTrue(written.bodyCache() >= 100_000, written.toString());
        rocks().forceDurable();
        assertTrue(rocks().metrics().tables() >= 100_000, rocks().metrics().toString());
        assertTrue(rocks().metrics().liveData() >= 100_000, rocks().metrics().toString());
    }

    @Test
    void largeMessagesPassThroughTheBufferAndLeaveItSmall() {
        for (int bytes : new int[] {3 << 20, 10, 9 << 20, 300_000}) {
            TestChunks.Made made = TestChunks.chunk(5, bytes, 1, bytes);
            store.putChunk(made.chunk(), made.parts());
            store.commit(at(bytes));
            assertArrayEquals(TestChunks.messageBody(5, bytes, bytes), TestChunks.bodyOf(store.load(made.chunk()), 0));
        }
    }

    @Test
    void theStoredPositionBeginsWithItsLevel() throws RocksDBException {
        store.commit(new MessageStore.Applied(2, 3, 4, 1));
        store.close();
        try (RocksDB db = RocksDB.open(temp.resolve("s0").toString())) {
            ByteBuffer b = ByteBuffer.wrap(db.get(new byte[] {0}));
            assertEquals(1, b.getInt());
            assertEquals(List.of(2L, 3L, 4L), List.of(b.getLong(), b.getLong(), b.getLong()));
            assertEquals(0, b.remaining());
        }
    }
}
