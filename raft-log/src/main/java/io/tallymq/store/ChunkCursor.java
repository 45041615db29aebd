package io.tallymq.store;

import io.tallymq.broker.store.Keys;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * Reads a queue's chunks forward with large reads of the disk. Sees the store as it was when the cursor was made, and keeps
 * the memtables and files of that moment: not to be held for long. One thread at a time.
 */
final class ChunkCursor implements AutoCloseable {
    /** What one read of the disk brings. */
    static final int READAHEAD_BYTES = 512 << 10;
    /** Chunks passed over one by one before the cursor seeks. */
    private static final int STEPS = 4;

    private final long queue;
    private final long opened;
    private final Slice end;
    private final ReadOptions options;
    private final RocksIterator iterator;
    private final byte[] key;

    ChunkCursor(RocksDB db, long queue, long now) {
        this.queue = queue;
        this.opened = now;
        this.key = Keys.chunk(queue, 0);
        this.end = new Slice(StoredKeys.chunksEnd(queue));
        this.options = new ReadOptions()
                .setFillCache(false)
                .setReadaheadSize(READAHEAD_BYTES)
                .setIterateUpperBound(end);
        this.iterator = db.newIterator(options);
    }

    /** When it was made, {@link System#nanoTime}. */
    long opened() {
        return opened;
    }

    /** The value of the chunk that begins at {@code firstSeq}, or null when it was not there when the cursor was made. */
    byte[] at(long firstSeq) throws RocksDBException {
        for (int i = 0; i < STEPS && iterator.isValid(); i++) {
            iterator.key(key);
            long at = StoredKeys.firstSeq(key);
            if (at == firstSeq) {
                return iterator.value();
            }
            if (at > firstSeq) {
                break;
            }
            iterator.next();
        }
        iterator.seek(Keys.chunk(queue, firstSeq));
        if (iterator.isValid()) {
            iterator.key(key);
            return StoredKeys.firstSeq(key) == firstSeq ? iterator.value() : null;
        }
        iterator.status();
        return null;
    }

    @Override
    public void close() {
        iterator.close();
        options.close();
        end.close();
    }
}
