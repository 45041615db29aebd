package io.tallymq.store;

import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import org.rocksdb.RocksDBException;

/** Ranges of chunks that are removed: few chunks one by one, many as a range, whose space the watch may give back after the commit. The applying thread. */
final class RangeRemovals {
    /**
     * So many chunks are removed one by one. Range tombstones make every read slower until they are flushed (thirty thousand
     * of them: 4 ms), and most queues that are removed are empty.
     */
    private static final int FEW = 16;

    private final StoreReader reader;
    private final StoreWatch watch;

    /** Those of the open batch; the index is not known yet. */
    private final List<StoreWatch.Removal> removed = new ArrayList<>();

    RangeRemovals(StoreReader reader, StoreWatch watch) {
        this.reader = reader;
        this.watch = watch;
    }

    void remove(OpenBatch batch, long queue, long fromSeq, long toSeq) throws RocksDBException {
        NavigableSet<Long> few = reader.fewChunks(queue, fromSeq, toSeq, FEW);
        if (few != null) {
            batch.deleteChunks(queue, fromSeq, toSeq, few);
        } else {
            batch.deleteAllChunks(queue, fromSeq, toSeq);
            noteRemoved(queue, fromSeq, toSeq);
        }
    }

    private void noteRemoved(long queue, long fromSeq, long toSeq) throws RocksDBException {
        byte[] from = Keys.chunk(queue, fromSeq);
        byte[] last = watch.interested() ? reader.lastChunk(from, Keys.chunk(queue, toSeq)) : null;
        if (last != null) {
            removed.add(new StoreWatch.Removal(from, last, -1));
        }
    }

    /** The batch is in the database. */
    void committed(long index) {
        if (!removed.isEmpty()) {
            removed.forEach(r -> watch.removed(new StoreWatch.Removal(r.from(), r.last(), index)));
            removed.clear();
        }
    }
}
