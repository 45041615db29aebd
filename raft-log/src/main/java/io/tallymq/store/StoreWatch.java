package io.tallymq.store;

import io.tallymq.timer.Timers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.rocksdb.Range;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that looks after an open database once a second: bounds compactions by the free room, tells the node when a flush or compaction has failed, gives
 * the disk space of large removed queues back (and of all that is removed when the disk is low), and closes readers' cursors that are not used. RocksDB's own event listener is no help with the first: its Java side does
 * not know the error reasons of a database without a write-ahead log.
 */
final class StoreWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreWatch.class);

    /** Removed chunks of fewer bytes are left to compaction. */
    static final long RECLAIM_BYTES = RocksStoreConfig.TABLE_FILE_BYTES;
    /** Removals looked at within one period; more are left to compaction. */
    static final int MAX_REMOVALS = 1_000;

    private static final long PERIOD_MILLIS = 1_000;

    private final RocksDB db;
    private final ChunkLoader loader;
    private final FailureHook failure;
    private final StoreRoom room;
    /** Failures of flushes and compactions that have been looked at. */
    private long errors;

    private final SpaceReclaimer reclaimer;
    private final RoomMaker roomMaker;
    private final Timers timers = new Timers();
    private volatile long tableBytes;
    private final Queue<Removal> removals = new ArrayDeque<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "store-watch");
        t.setDaemon(true);
        return t;
    });

    /**
     * Chunks removed by range.
     *
     * @param from the key where the range begins
     * @param last the last chunk that was in the range. Chunks put later have larger keys, so that nothing up to here will
     *     ever be alive again. (RocksDB's sequence numbers can't tell: compaction sets them to zero.)
     * @param index the log index that removed them
     */
    record Removal(byte[] from, byte[] last, long index) {}

    StoreWatch(
            RocksDB db,
            StoreReader reader,
            ChunkLoader loader,
            FailureHook failure,
            StoreRoom room,
            RocksStoreConfig config) {
        this.db = db;
        this.loader = loader;
        this.failure = failure;
        this.room = room;
        this.reclaimer = new SpaceReclaimer(db, reader);
        this.roomMaker = new RoomMaker(db, room, reclaimer, config.freeWanted(), config.memtableBytes());
    }

    void start() {
        var unused = timers.every(thread, PERIOD_MILLIS, TimeUnit.MILLISECONDS, "looking after the store", this::look);
    }

    /** How often the look has failed. Any thread. */
    long failures() {
        return timers.failures();
    }

    /** Whether the files are so large that a removal may be worth the work. Any thread; as of the last look. */
    boolean interested() {
        return tableBytes >= RECLAIM_BYTES;
    }

    /** From the applying thread, after the commit. */
    void removed(Removal removal) {
        synchronized (removals) {
            if (removals.size() < MAX_REMOVALS) {
                removals.add(removal);
            }
        }
    }

    private void look() {
        try {
            room.look();
            if (!checkErrors()) {
                return;
            }
            loader.expire();
            tableBytes = db.getLongProperty("rocksdb.live-sst-files-size");
            large().forEach(reclaimer::add);
            reclaimer.run();
            roomMaker.look();
        } catch (RocksDBException e) {
            if (!StoreErrors.isFull(e)) {
                failure.write(e);
            }
        }
    }

    /**
     * RocksDB counts each flush and compaction that failed, also those that only had to wait for room and those it got over by
     * itself. Whether it still works, and what is wrong if not, it says to who writes. False while there is no room.
     *
     * @throws RocksDBException nothing can be written any more
     */
    private boolean checkErrors() throws RocksDBException {
        long now = db.getLongProperty("rocksdb.background-errors");
        if (now == errors) {
            return true;
        }
        try (WriteOptions unlogged = new WriteOptions().setDisableWAL(true).setNoSlowdown(true);
                WriteBatch nothing = new WriteBatch()) {
            db.write(unlogged, nothing);
        } catch (RocksDBException e) {
            if (StoreErrors.isFull(e)) {
                return false;
            }
            if (e.getStatus() == null || e.getStatus().getCode() != Status.Code.Incomplete) { // that is: not now
                throw e;
            }
        }
        if (errors == 0) {
            LOG.warn("A flush or compaction of the store failed or had to wait for room; it is tried again");
        }
        errors = now;
        return true;
    }

    /** Of the new removals those that are worth the work. */
    private List<Removal> large() {
        List<Removal> all;
        synchronized (removals) {
            all = new ArrayList<>(removals);
            removals.clear();
        }
        List<Removal> large = new ArrayList<>();
        for (Removal r : all) {
            try (Slice from = new Slice(r.from());
                    Slice to = new Slice(r.last())) {
                long[] bytes =
                        db.getApproximateSizes(List.of(new Range(from, to)), SizeApproximationFlag.INCLUDE_FILES);
                if (bytes[0] >= RECLAIM_BYTES) {
                    large.add(r);
                }
            }
        }
        return large;
    }

    /** Waits for the thread to end: the database may be closed after that. */
    @Override
    public void close() {
        reclaimer.cancel();
        roomMaker.cancel();
        thread.shutdownNow();
        boolean interrupted = false;
        while (!thread.isTerminated()) {
            try {
                thread.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        reclaimer.close();
        roomMaker.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
