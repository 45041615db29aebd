package io.tallymq.store;

import org.rocksdb.CompactRangeOptions;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back what removed messages still take while the disk has less free than is wanted, in two steps that need little room:
 *
 * <ol>
 *   <li>whole files that hold only removed chunks of one queue are dropped;
 *   <li>if what is alive in all files fits into half of what is free, everything is compacted, although {@link StoreRoom} lets no such
 *       compaction begin: it can't know that next to nothing comes out of it. Each level is merged with the next below, from the newest on, and
 *       what comes out is at most what is alive. RocksDB's own compactions, of which that is not true, wait meanwhile.
 * </ol>
 *
 * <p>One thread, except {@link #cancel}.
 */
final class RoomMaker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RoomMaker.class);

    /** Looks between two tries, at first and at most: a try that gained nothing doubles it. */
    private static final int PAUSE = 10;

    private static final int PAUSE_MOST = 60;

    /** So much is read at most to find out how much is alive. */
    private static final long READ_MOST = 256L << 20;

    /** The other half is for what is written meanwhile. */
    private static final int FREE_PART = 2;

    private final RocksDB db;
    private final StoreRoom room;
    private final SpaceReclaimer reclaimer;
    private final DeadTables dead;
    private final long wanted;
    private final long worth;
    private final CompactRangeOptions compaction =
            new CompactRangeOptions().setExclusiveManualCompaction(true).setAllowWriteStall(false);
    private int pause = PAUSE;
    private int looks;
    private boolean ownCompactionsWait;
    private volatile boolean cancelled;

    /**
     * @param wanted bytes free on the disk, with more nothing is done
     * @param worth bytes that have to be gained, and for which two small files may be written
     */
    RoomMaker(RocksDB db, StoreRoom room, SpaceReclaimer reclaimer, long wanted, long worth) {
        this.db = db;
        this.room = room;
        this.reclaimer = reclaimer;
        this.dead = new DeadTables(db);
        this.wanted = wanted;
        this.worth = worth;
    }

    /** Once a period. */
    void look() throws RocksDBException {
        if (ownCompactionsWait) {
            ownCompactions(true);
        }
        long free = room.free();
        if (free < 0 || free >= wanted) {
            looks = 0;
            pause = PAUSE;
        } else if (looks++ % pause == 0) {
            long gained = dropDead() + compact(free);
            pause = gained > 0 ? PAUSE : Math.min(2 * pause, PAUSE_MOST);
            looks = 1;
        }
    }

    private long dropDead() throws RocksDBException {
        DeadTables.Found found = dead.find();
        if (found.bytes() < worth || cancelled) {
            return 0;
        }
        long before = tables();
        reclaimer.drop(found.ranges());
        return told(before, "dropping files of drained queues");
    }

    /** @param free bytes on the disk */
    private long compact(long free) throws RocksDBException {
        long before = tables();
        long most = Math.min(READ_MOST, Math.min(free / FREE_PART, before - worth));
        if (most <= 0 || !isAliveAtMost(most)) {
            return 0;
        }
        ownCompactions(false);
        try {
            room.lift();
            db.compactRange(db.getDefaultColumnFamily(), null, null, compaction);
        } catch (RocksDBException e) {
            if (!cancelled && !StoreErrors.isTooLarge(e)) {
                throw e;
            }
        } finally {
            room.look();
            ownCompactions(true);
        }
        return told(before, "compacting what is left");
    }

    private long told(long before, String how) throws RocksDBException {
        long gained = before - tables();
        if (gained > 0) {
            LOG.info("The disk is low: {} bytes of removed messages were given back by {}", gained, how);
        }
        return gained;
    }

    private long tables() throws RocksDBException {
        return db.getLongProperty("rocksdb.live-sst-files-size");
    }

    /** Reads until it is more. */
    private boolean isAliveAtMost(long most) throws RocksDBException {
        byte[] nothing = new byte[0];
        long bytes = 0;
        try (ReadOptions once = new ReadOptions().setFillCache(false);
                RocksIterator it = db.newIterator(once)) {
            for (it.seekToFirst(); it.isValid() && bytes <= most && !cancelled; it.next()) {
                bytes += it.key().length + it.value(nothing);
            }
            it.status();
        }
        return bytes <= most && !cancelled;
    }

    private void ownCompactions(boolean on) throws RocksDBException {
        ownCompactionsWait = true;
        db.setOptions(MutableColumnFamilyOptions.builder()
                .setDisableAutoCompactions(!on)
                .build());
        ownCompactionsWait = !on;
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
