package io.tallymq.store;

import io.tallymq.broker.view.LaneEnds;
import io.tallymq.store.StoreWatch.Removal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Finds the table files that hold chunks of one lane of a queue only, all of them removed: what a consumer that drains a queue leaves behind
 * until a compaction comes. Files of level 0 hold something of everything and are never among them. One thread.
 */
final class DeadTables {
    /** Type and queue. */
    private static final int QUEUE_BYTES = 9;

    /**
     * Ranges without a living chunk, each of whole files of one lane of a queue.
     *
     * @param bytes of the files
     */
    record Found(List<Removal> ranges, long bytes) {}

    private final RocksDB db;

    DeadTables(RocksDB db) {
        this.db = db;
    }

    /**
     * A range ends with a key that its lane had: chunks put later there have larger keys, so that nothing in it will be alive again. From one lane into the
     * next it does not go, for the end of the first would be in its middle, and what comes there meanwhile. What the memtables removed counts as removed: it
     * has to be made durable before a file goes.
     */
    Found find() throws RocksDBException {
        List<LiveFileMetaData> files = ofOneLane();
        List<Removal> ranges = new ArrayList<>();
        long bytes = 0;
        try (ReadOptions once = new ReadOptions().setFillCache(false);
                RocksIterator living = db.newIterator(once)) {
            int i = 0;
            while (i < files.size()) {
                byte[] from = files.get(i).smallestKey();
                living.seek(from);
                living.status();
                byte[] next = living.isValid() ? living.key() : null;
                byte[] last = null;
                int end = i;
                while (end < files.size() && isDead(files.get(end), from, next)) {
                    last = larger(last, StoredKeys.ofChunk(files.get(end).largestKey()));
                    bytes += files.get(end).size();
                    end++;
                }
                if (last != null) {
                    ranges.add(new Removal(from, last, 0));
                }
                i = Math.max(end, i + 1);
            }
        }
        return new Found(ranges, bytes);
    }

    private List<LiveFileMetaData> ofOneLane() {
        return db.getLiveFilesMetaData().stream()
                .filter(f -> f.level() > 0)
                .filter(f -> StoredKeys.isOfChunk(f.smallestKey()) && StoredKeys.isOfChunk(f.largestKey()))
                .filter(f -> sameLane(f.smallestKey(), f.largestKey()))
                .sorted(Comparator.comparing(LiveFileMetaData::smallestKey, Arrays::compareUnsigned))
                .toList();
    }

    private static boolean isDead(LiveFileMetaData file, byte[] from, byte[] next) {
        return sameLane(from, file.largestKey())
                && (next == null || Arrays.compareUnsigned(file.largestKey(), next) < 0);
    }

    private static boolean sameLane(byte[] a, byte[] b) {
        return Arrays.equals(a, 0, QUEUE_BYTES, b, 0, QUEUE_BYTES) && lane(a) == lane(b);
    }

    private static long lane(byte[] key) {
        return StoredKeys.firstSeq(key) >>> LaneEnds.BITS;
    }

    private static byte[] larger(byte[] orNull, byte[] key) {
        return orNull == null || Arrays.compareUnsigned(orNull, key) < 0 ? key : orNull;
    }
}
