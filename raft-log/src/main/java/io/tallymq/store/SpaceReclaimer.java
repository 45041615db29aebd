package io.tallymq.store;

import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.store.StoreWatch.Removal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Gives the disk space of a large removed range back: drops the files that hold nothing else, then compacts what is left.
 * Dropping a file takes effect on the disk at once, the removal itself only with the next flush: so it waits until the
 * removal is durable, else a crash would leave an earlier state without its messages.
 *
 * <p>A dropped file may have held the mark that removed older chunks in a file that stays: without another mark they would come back
 * below the cursor. So the range is marked anew, durably, before the first file goes, and again afterwards, for compaction may have
 * moved the first mark into a file that was dropped. One thread, except {@link #cancel}.
 */
final class SpaceReclaimer implements AutoCloseable {
    /** For so many calls a removal waits for a flush to come by itself before one is asked for. */
    private static final int PATIENCE = 10;

    /** The moments between which a crash can fall; for tests. */
    enum Step {
        MARKED,
        DROPPED,
        MARKED_AGAIN
    }

    private final RocksDB db;
    private final StoreReader reader;
    private final Consumer<Step> after;
    private final List<Removal> waiting = new ArrayList<>();
    private final CompactRangeOptions compaction =
            new CompactRangeOptions().setExclusiveManualCompaction(false).setAllowWriteStall(false);
    private int waited;
    private volatile boolean cancelled;

    SpaceReclaimer(RocksDB db, StoreReader reader) {
        this(db, reader, step -> {});
    }

    /** @param after called after each step */
    SpaceReclaimer(RocksDB db, StoreReader reader, Consumer<Step> after) {
        this.after = after;
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
            flush();
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
        drop(List.of(removal));
        try {
            db.compactRange(db.getDefaultColumnFamily(), removal.from(), StoredKeys.behind(removal.last()), compaction);
        } catch (RocksDBException e) {
            if (!cancelled && !StoreErrors.isTooLarge(e)) {
                throw e;
            }
        }
    }

    /**
     * Drops the files that lie in these ranges. What removed the chunks in them is durable before the first file goes, also if it
     * was in a memtable until now.
     */
    void drop(List<Removal> ranges) throws RocksDBException {
        List<byte[]> bounds = new ArrayList<>();
        for (Removal range : ranges) {
            bounds.add(range.from());
            bounds.add(StoredKeys.behind(range.last()));
        }
        mark(ranges);
        after.accept(Step.MARKED);
        db.deleteFilesInRanges(db.getDefaultColumnFamily(), bounds, true);
        after.accept(Step.DROPPED);
        mark(ranges);
        after.accept(Step.MARKED_AGAIN);
    }

    /** Removes the ranges, durably. */
    private void mark(List<Removal> ranges) throws RocksDBException {
        try (WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
                WriteBatch marks = new WriteBatch()) {
            for (Removal range : ranges) {
                marks.deleteRange(range.from(), StoredKeys.behind(range.last()));
            }
            db.write(unlogged, marks);
        }
        flush();
    }

    private void flush() throws RocksDBException {
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
            db.flush(wait);
        }
    }

    /** Ends a compaction that is running. Any thread, once. */
    void cancel() {
        cancelled = true;
        compaction.setCanceled(true);
    }

    /** After the thread has ended. */
    @Override
    public void close() {
        compaction.close();
    }
}
