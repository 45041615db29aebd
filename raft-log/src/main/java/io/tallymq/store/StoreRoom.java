package io.tallymq.store;

import java.util.function.LongSupplier;
import org.rocksdb.Env;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileManager;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps compactions from filling the disk: one that needs more than what is free beyond the reserve does not begin, so that memtables
 * and the log can always be written. RocksDB compares what its files may take in all with what they take and a compaction would add;
 * here that bound follows the free room. One thread, except {@link #write}.
 */
final class StoreRoom implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRoom.class);

    /** Added to the bound and asked back by each compaction alone, so that files of flushes never meet the bound: that would be an error. */
    private static final long FLUSHES = 1L << 50;

    private final SstFileManager files;
    private final LongSupplier free;
    private final long reserve;
    /** The last batch found no room. The applying thread. */
    private boolean full;

    /**
     * @param free bytes free where the store is, -1 when that can't be known
     * @param reserve bytes that compactions leave free
     */
    StoreRoom(LongSupplier free, long reserve) {
        this.free = free;
        this.reserve = reserve;
        try {
            files = new SstFileManager(Env.getDefault());
        } catch (RocksDBException e) {
            throw new IllegalStateException("RocksDB does not count its files", e);
        }
        files.setCompactionBufferSize(FLUSHES);
        files.setMaxAllowedSpaceUsage(FLUSHES); // no compaction before the first look
    }

    SstFileManager files() {
        return files;
    }

    /** Bytes free on the disk, -1 when that can't be known. */
    long free() {
        return free.getAsLong();
    }

    /** Until {@link #look} compactions begin whatever they need: for one of which more is known than what goes into it. */
    void lift() {
        files.setMaxAllowedSpaceUsage(2 * FLUSHES);
    }

    /** Sets the bound anew. */
    void look() {
        long now = free.getAsLong();
        long room = now < 0 ? FLUSHES : Math.max(0, now - reserve);
        files.setMaxAllowedSpaceUsage(files.getTotalSize() + FLUSHES + room);
    }

    /**
     * Writes a batch. The applying thread.
     *
     * @return false: there is no room, and nothing of the batch is written. RocksDB takes it again, by itself, when there is some
     * @throws RocksDBException it is not for want of room
     */
    boolean write(RocksDB db, WriteOptions options, WriteBatch batch) throws RocksDBException {
        try {
            db.write(options, batch);
        } catch (RocksDBException e) {
            if (!StoreErrors.isFull(e)) {
                throw e;
            }
            if (!full) {
                full = true;
                LOG.error(
                        "The disk of the store is full: free space there. What is applied waits for it, and goes on"
                                + " by itself ({})",
                        e.getMessage());
            }
            return false;
        }
        if (full) {
            full = false;
            LOG.info("The store is written again");
        }
        return true;
    }

    /** After the database is closed. */
    @Override
    public void close() {
        files.close();
    }
}
