package io.tallymq.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore.Applied;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class StoredCopyTest {
    private static final int TABLES = 300;
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    @TempDir
    Path dir;

    private void manyTables() throws RocksDBException {
        ByteBuffer position = ByteBuffer.allocate(AppliedCodec.LENGTH);
        AppliedCodec.write(position, new Applied(1, 7, 0, StoreScript.LEVELS.max()));
        RocksDB.loadLibrary();
        try (Options options = new Options().setCreateIfMissing(true).setDisableAutoCompactions(true);
                RocksDB db = RocksDB.open(options, dir.toString());
                FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            db.put(Keys.of(Keys.APPLIED), position.array());
            db.put(Keys.of(Keys.MACHINE), new byte[] {1});
            for (int i = 0; i < TABLES; i++) {
                db.put(Keys.of(Keys.NODE, i), new byte[100]);
                db.flush(flush);
            }
        }
    }

    private static long descriptors() {
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            return open.count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aLargeCopyTakesFewDescriptors() throws RocksDBException {
        manyTables();
        StoredCopy copy = new StoredCopy(dir, StoreScript.LEVELS);
        long before = descriptors();
        long most = copy.read(db -> {
            long opened = descriptors();
            db.verifyChecksum();
            return Math.max(opened, descriptors());
        });
        assertTrue(most - before < TABLES / 2, most - before + " of " + TABLES + " tables are open");
        assertEquals(7, copy.inspect().applied().index());
        copy.verify();
    }
}
