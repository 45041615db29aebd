package io.tallymq.store;

import io.tallymq.broker.MessageStore.Applied;
import io.tallymq.store.StoreWatch.Removal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * Gives the disk space of a large removed range back: drops the files that hold nothing else, then compacts what is left.
 * Dropping a file takes effect on the disk at once, the removal itself only with the next flush: so it waits until the
 * removal is durable, else a crash would leave an earlier state without its messages. One thread, except {@link #cancel}.
 */
final class SpaceReclaimer {
    /** For so many calls a removal waits for a flush to come by itself before one is asked for. */
    private static final int PATIENCE = 10;

    private final RocksDB db;
    private final StoreReader reader;
    private final List<Removal> waiting = new ArrayList<>();
    private final CompactRangeOptions compaction =
            new CompactRangeOptions().setExclusiveManualCompaction(false).setAllowWriteStall(false);
    private int waited;
    private volatile boolean cancelled;

    SpaceReclaimer(RocksDB db, StoreReader reader) {
        this.db = db;
        this.reader = reader;
    }

    void add(Removal removal) {
        waiting.add(removal);
    }

    void run() throws RocksDBException {
        if (waiting.isEmpty()) {
            waited = 0;
            return;
        }
        if (++waited % PATIENCE == 0) {
            try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
                db.flush(wait);
            }
        }
        Applied durable = reader.durable();
        for (Iterator<Removal> i = waiting.iterator(); i.hasNext() && !cancelled; ) {
            Removal removal = i.next();
            if (durable != null && durable.index() >= removal.index()) {
                i.remove();
                reclaim(removal);
            }
        }
    }

    private void reclaim(Removal removal) throws RocksDBException {
        db.deleteFilesInRanges(db.getDefaultColumnFamily(), List.of(removal.from(), removal.last()), true);
        byte[] afterLast = Arrays.copyOf(removal.last(), removal.last().length + 1);
        // The mark that removed older chunks may have stood in a dropped file: without it they would come back.
        try (WriteOptions unlogged = new WriteOptions().setDisableWAL(true)) {
            db.deleteRange(unlogged, removal.from(), afterLast);
        }
        try {
            db.compactRange(db.getDefaultColumnFamily(), removal.from(), afterLast, compaction);
        } catch (RocksDBException e) {
            if (!cancelled) {
                throw e;
            }
        }
    }

    /** Ends a compaction that is running. Any thread, once. */
    void cancel() {
        cancelled = true;
        compaction.setCanceled(true);
    }

    /** After the thread has ended. */
    void close() {
        compaction.close();
    }
}
