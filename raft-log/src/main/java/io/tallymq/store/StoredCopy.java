package io.tallymq.store;

import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.format.Versions;
import java.nio.file.Path;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * A copy of a store that is looked at beside a store that runs. RocksDB would open all tables of it at once, and keep their indexes in memory: a large store has more tables
 * than a process may open files.
 */
public final class StoredCopy {
    private static final int OPEN_FILES = 64;
    private static final long CACHE_BYTES = 8L << 20;

    private final Path directory;
    private final Versions levels;

    /**
     * What a copy of a store holds.
     *
     * @param machine the machine's own record
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Contents(Applied applied, byte[] machine) {}

    /** @param levels those that this program knows */
    public StoredCopy(Path directory, Versions levels) {
        this.directory = directory;
        this.levels = levels;
    }

    /**
     * Reads all of it once: what is damaged must not replace anything.
     *
     * @throws StoreException it is damaged, or empty, or of an unknown level
     */
    public void verify() {
        read(db -> {
            requirePosition(db);
            db.verifyChecksum();
            return null;
        });
    }

    /**
     * What it holds, without a look at its messages. It stays as it is.
     *
     * @throws StoreException it is none, or empty, or of an unknown level
     */
    public Contents inspect() {
        return read(db -> {
            Applied applied = requirePosition(db);
            byte[] machine = db.get(Keys.of(Keys.MACHINE));
            if (machine == null) {
                throw empty();
            }
            return new Contents(applied, machine);
        });
    }

    private Applied requirePosition(RocksDB db) throws RocksDBException {
        Applied applied = StoreDirectory.readPosition(db, directory, levels);
        if (applied == null) {
            throw empty();
        }
        return applied;
    }

    private StoreException empty() {
        return new StoreException("The copy of a store in " + directory + " is empty: copy it again.");
    }

    /** What is read of an open database. */
    @FunctionalInterface
    interface Reading<T> {
        T of(RocksDB db) throws RocksDBException;
    }

    <T> T read(Reading<T> reading) {
        RocksDB.loadLibrary();
        try (Cache cache = new LRUCache(CACHE_BYTES);
                Options options = options(cache);
                RocksDB db = RocksDB.openReadOnly(options, directory.toString())) {
            return reading.of(db);
        } catch (RocksDBException e) {
            throw new StoreException(
                    "The copy of a store in " + directory + " is damaged: " + e.getMessage() + ". Copy it again.", e);
        }
    }

    private static Options options(Cache cache) {
        return new Options()
                .setMaxOpenFiles(OPEN_FILES)
                .setTableFormatConfig(
                        new BlockBasedTableConfig().setBlockCache(cache).setCacheIndexAndFilterBlocks(true));
    }
}
