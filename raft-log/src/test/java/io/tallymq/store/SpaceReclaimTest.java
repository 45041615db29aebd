package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.view.LaneEnds;
import io.tallymq.store.StoreWatch.Removal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactionOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** On a database with tables of 64 KiB, so that a little data makes many files on several levels. */
class SpaceReclaimTest {
    private static final int LAST_LEVEL = 6;
    private static final int TABLE = 64 << 10;

    @TempDir
    Path temp;

    private final Options options = new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(256 << 10)
            .setTargetFileSizeBase(TABLE)
            .setMaxBytesForLevelBase(128 << 10);
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private RocksDB db;
    private StoreReader reader;
    private SpaceReclaimer reclaimer;
    private long index;

    @BeforeEach
    void open() throws RocksDBException {
        db = RocksDB.open(options, temp.resolve("db").toString());
        reader = new StoreReader(db);
        reclaimer = new SpaceReclaimer(db, reader);
    }

    @AfterEach
    void close() {
        reclaimer.close();
        reader.close();
        db.close();
        unlogged.close();
        options.close();
    }

    private interface Writes {
        void into(WriteBatch batch) throws RocksDBException;
    }

    private void commit(Writes writes) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            writes.into(batch);
            ByteBuffer applied = ByteBuffer.allocate(AppliedCodec.LENGTH);
            AppliedCodec.write(applied, new Applied(1, ++index, 0, 1));
            batch.put(Keys.of(Keys.APPLIED), applied.array());
            db.write(unlogged, batch);
        }
    }

    private void publish(long queue, long from, long to) throws RocksDBException {
        publish(queue, from, to, 2_000);
    }

    private void publish(long queue, long from, long to, int bytes) throws RocksDBException {
        for (long seq = from; seq < to; seq++) {
            byte[] key = Keys.chunk(queue, seq);
            byte[] value = value(queue, seq, bytes);
            commit(b -> b.put(key, value));
        }
    }

    private static byte[] value(long queue, long seq, int bytes) {
        TestChunks.Made made = TestChunks.chunk(queue, seq, 1, bytes);
        byte[] value = new byte[made.parts().stream().mapToInt(p -> p.length()).sum()];
        int at = 0;
        for (var p : made.parts()) {
            System.arraycopy(p.array(), p.offset(), value, at, p.length());
            at += p.length();
        }
        return value;
    }

    private Removal purge(long queue) throws RocksDBException {
        byte[] from = Keys.chunk(queue, 0);
        byte[] last = reader.lastChunk(from, StoredKeys.chunksEnd(queue));
        commit(b -> b.deleteRange(from, StoredKeys.chunksEnd(queue)));
        return new Removal(from, last, index);
    }

    private long tables() throws RocksDBException {
        return db.getLongProperty("rocksdb.live-sst-files-size");
    }

    private List<Long> firsts(long queue) throws RocksDBException {
        return reader.chunks(queue, 0, Long.MAX_VALUE).stream()
                .map(Chunk::firstSeq)
                .toList();
    }

    @Test
    void theFilesOfARemovedQueueGoOnceTheRemovalIsDurable() throws RocksDBException {
        publish(4, 0, 50);
        publish(5, 0, 3_000);
        publish(6, 0, 50);
        db.compactRange();
        assertTrue(files(5) > 10, "the queue fills whole files");
        long before = tables();
        reclaimer.add(purge(5));
        reclaimer.run();
        assertEquals(before, tables(), "a crash now would need them");
        for (int i = 0; i < 10; i++) {
            reclaimer.run();
        }
        assertEquals(index, reader.durable().index());
        assertTrue(tables() < before / 10, tables() + " of " + before);
        assertEquals(List.of(), firsts(5));
        assertEquals(50, firsts(4).size());
        assertEquals(50, firsts(6).size());
    }

    @Test
    void whatIsPublishedAfterAPurgeStays() throws RocksDBException {
        publish(5, 0, 1_000);
        db.compactRange();
        Removal purge = purge(5);
        publish(5, 1_000, 2_000);
        db.flush(new FlushOptions());
        db.compactRange();
        reclaimer.add(purge);
        reclaimer.run();
        assertNotNull(reader.durable());
        assertEquals(1_000, firsts(5).size());
        assertEquals(1_000, firsts(5).get(0));
    }

    @Test
    void olderChunksInFilesThatAreOnlyPartlyInTheRangeDoNotComeBack() throws RocksDBException {
        publish(4, 0, 20);
        publish(5, 0, 500);
        db.compactRange();
        publish(5, 500, 600);
        Removal purge = purge(5);
        db.flush(new FlushOptions());
        publish(5, 600, 620);
        db.flush(new FlushOptions());
        reclaimer.add(purge);
        reclaimer.run();
        assertEquals(20, firsts(5).size());
        db.compactRange();
        assertEquals(20, firsts(5).size());
        assertEquals(20, firsts(4).size());
    }

    /** What is on the disk between two steps is what a crash leaves there: it is copied and opened. */
    @Test
    void aCrashBetweenTwoStepsBringsNothingBack() throws RocksDBException {
        publish(4, 0, 20);
        publish(5, 0, 500);
        db.compactRange();
        publish(5, 500, 600);
        Removal purge = purge(5);
        db.flush(new FlushOptions());
        publish(5, 600, 620);
        db.flush(new FlushOptions());
        crashAtEachStep(purge);
    }

    /**
     * Files that are dropped hold the only mark that hides older chunks, which are in a file that stays, for it has another queue's as well. A compaction makes such files when it has to keep what
     * the mark removes, here for somebody who still reads it: it writes files of one size, each with its part of the mark.
     */
    @Test
    void aCrashBetweenTwoStepsBringsNothingBackThatOnlyADroppedFileHid() throws RocksDBException {
        db.setOptions(MutableColumnFamilyOptions.builder()
                .setDisableAutoCompactions(true) // nobody else moves what is written here
                .build());
        publish(4, 0, 18);
        publish(5, 0, 500);
        try (CompactRangeOptions down =
                new CompactRangeOptions().setChangeLevel(true).setTargetLevel(LAST_LEVEL)) {
            db.compactRange(db.getDefaultColumnFamily(), null, null, down);
        }
        publish(4, 18, 19, 2 * TABLE);
        publish(
                4, 19,
                20); // behind it a file ends that is larger than it should be, and the next one begins with the mark
        publish(5, 500, 600);
        Snapshot reading = db.getSnapshot();
        Removal purge = purge(5);
        try (FlushOptions wait = new FlushOptions()) {
            db.flush(wait);
        }
        compactUpper(1);
        db.releaseSnapshot(reading);
        publish(5, 600, 620);
        try (FlushOptions wait = new FlushOptions()) {
            db.flush(wait);
        }
        assertTrue(
                db.getLiveFilesMetaData().stream()
                        .anyMatch(
                                f -> f.level() == 1 && lies(f, purge) && Arrays.equals(f.smallestKey(), purge.from())),
                "the mark's beginning is in a file that is dropped");
        assertEquals(20, firsts(5).size());
        crashAtEachStep(purge);
    }

    private void crashAtEachStep(Removal purge) throws RocksDBException {
        List<SpaceReclaimer.Step> steps = new ArrayList<>();
        try (SpaceReclaimer crashing = new SpaceReclaimer(db, reader, step -> {
            steps.add(step);
            assertCopyIsSound(step);
        })) {
            crashing.add(purge);
            crashing.run();
        }
        assertEquals(List.of(SpaceReclaimer.Step.values()), steps);
    }

    /** What was flushed goes into files of the usual size on that level. */
    private void compactUpper(int level) throws RocksDBException {
        List<String> flushed = db.getLiveFilesMetaData().stream()
                .filter(f -> f.level() == 0)
                .map(LiveFileMetaData::fileName)
                .toList();
        try (CompactionOptions sized = new CompactionOptions().setOutputFileSizeLimit(TABLE)) {
            db.compactFiles(sized, flushed, level, -1, null);
        }
    }

    private static boolean lies(LiveFileMetaData file, Removal in) {
        return Arrays.compareUnsigned(file.smallestKey(), in.from()) >= 0
                && Arrays.compareUnsigned(file.largestKey(), in.last()) <= 0;
    }

    private void assertCopyIsSound(SpaceReclaimer.Step step) {
        Path copy = temp.resolve("crash-" + step);
        try {
            Files.createDirectory(copy);
            db.pauseBackgroundWork(); // no compaction adds a file to the list of files while both are copied
            db.disableFileDeletions();
            try (Stream<Path> files = Files.list(temp.resolve("db"))) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    copyIfThere(file, copy.resolve(file.getFileName()));
                }
            }
            db.enableFileDeletions();
            db.continueBackgroundWork();
            try (RocksDB crashed = RocksDB.open(options, copy.toString())) {
                StoreReader after = new StoreReader(crashed);
                assertEquals(20, after.chunks(5, 0, Long.MAX_VALUE).size(), "after " + step);
                assertEquals(20, after.chunks(4, 0, Long.MAX_VALUE).size(), "after " + step);
                after.close();
            }
        } catch (IOException | RocksDBException e) {
            throw new AssertionError(step.name(), e);
        }
    }

    /** What was to be deleted before that may still go: nothing needs it any more. */
    private static void copyIfThere(Path file, Path to) throws IOException {
        try {
            Files.copy(file, to);
        } catch (NoSuchFileException e) {
            Files.deleteIfExists(to);
        }
    }

    /** What consumers leave behind who take one chunk after the other. */
    private void drain(long queue, long from, long to) throws RocksDBException {
        for (long seq = from; seq < to; seq++) {
            byte[] key = Keys.chunk(queue, seq);
            commit(b -> b.singleDelete(key));
        }
    }

    /** The files that {@link DeadTables} finds are dropped, and meanwhile messages come. */
    private DeadTables.Found dropDead(Writes meanwhile) throws RocksDBException {
        DeadTables.Found found = new DeadTables(db).find();
        try (SpaceReclaimer dropping = new SpaceReclaimer(db, reader, step -> {
            if (step == SpaceReclaimer.Step.DROPPED) {
                try {
                    commit(meanwhile);
                } catch (RocksDBException e) {
                    throw new AssertionError(e);
                }
            }
        })) {
            dropping.drop(found.ranges());
        }
        return found;
    }

    @Test
    void whatComesToALaneWhileFilesOfSeveralAreDroppedStays() throws RocksDBException {
        long lane = 1L << LaneEnds.BITS;
        publish(4, 0, 50);
        publish(5, 0, 500);
        publish(5, lane, lane + 500);
        db.compactRange();
        drain(5, 0, 500);
        drain(5, lane, lane + 500);
        final long before = tables();
        dropDead(b -> b.put(Keys.chunk(5, 500), value(5, 500, 2_000)));
        assertEquals(List.of(500L), firsts(5));
        assertTrue(tables() < before / 2, tables() + " of " + before);
        assertEquals(50, firsts(4).size());
    }

    /** A file may end where a mark ends that removed a range: with the number that comes next. A compaction makes such files for somebody who still reads what was removed. */
    @Test
    void whatComesBehindAPurgeWhileFilesAreDroppedStays() throws RocksDBException {
        db.setOptions(MutableColumnFamilyOptions.builder()
                .setDisableAutoCompactions(true) // nobody else moves what is written here
                .build());
        publish(5, 0, 100);
        try (CompactRangeOptions down =
                new CompactRangeOptions().setChangeLevel(true).setTargetLevel(LAST_LEVEL)) {
            db.compactRange(db.getDefaultColumnFamily(), null, null, down);
        }
        publish(4, 0, 1, 2 * TABLE);
        publish(5, 100, 600);
        Snapshot reading = db.getSnapshot();
        try (OpenBatch open = new OpenBatch();
                FlushOptions wait = new FlushOptions()) {
            open.deleteAllChunks(5, 0, 600);
            db.write(unlogged, open.seal(new Applied(1, ++index, 0, 1)));
            db.flush(wait);
        }
        compactUpper(1);
        db.releaseSnapshot(reading);
        final long before = tables();
        dropDead(b -> b.put(Keys.chunk(5, 600), value(5, 600, 2_000)));
        assertEquals(List.of(600L), firsts(5));
        assertTrue(tables() < before / 2, tables() + " of " + before);
    }

    @Test
    void aCancelledReclaimIsNoError() throws RocksDBException {
        publish(5, 0, 500);
        reclaimer.add(purge(5));
        db.flush(new FlushOptions());
        reclaimer.cancel();
        reclaimer.run();
        assertEquals(List.of(), firsts(5));
    }

    private long files(long queue) {
        long n = 0;
        for (LiveFileMetaData f : db.getLiveFilesMetaData()) {
            byte[] first = f.smallestKey();
            n += first.length == 18 && first[8] == queue && f.largestKey()[8] == queue ? 1 : 0;
        }
        return n;
    }
}
