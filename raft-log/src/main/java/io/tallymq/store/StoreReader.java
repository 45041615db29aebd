package io.tallymq.store;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;

/** Reads of an open database. Any thread; the caller sees to it that the database stays open meanwhile. */
final class StoreReader implements AutoCloseable {
    private static final byte[] APPLIED = Keys.of(Keys.APPLIED);

    private static final int MAX_SKIPPED = 500;

    private final RocksDB db;
    private final ReadOptions plain = new ReadOptions();
    private final ReadOptions durable = new ReadOptions().setReadTier(ReadTier.PERSISTED_TIER);

    StoreReader(RocksDB db) {
        this.db = db;
    }

    /** The value, or null. */
    byte[] get(byte[] key) throws RocksDBException {
        return db.get(plain, key);
    }

    /** The position in the files, without the memtables. */
    Applied durable() throws RocksDBException {
        byte[] bytes = db.get(durable, APPLIED);
        return bytes == null ? null : AppliedCodec.read(bytes);
    }

    Chunk chunkAt(long queue, long firstSeq) throws RocksDBException {
        byte[] descriptor = new byte[ChunkCodec.DESCRIPTOR];
        // Copies as much of the value as there is room for: the messages stay where they are.
        int length = db.get(plain, Keys.chunk(queue, firstSeq), descriptor);
        if (length == RocksDB.NOT_FOUND) {
            throw new IllegalStateException("chunk " + firstSeq + " of queue " + queue + " is not in the store");
        }
        return ChunkCodec.describe(queue, firstSeq, descriptor);
    }

    /** The chunk that has this message, or the first one behind it; null when there is none. */
    Chunk chunkNear(long queue, long seq) throws RocksDBException {
        try (Slice lower = new Slice(Keys.chunk(queue, 0));
                Slice upper = new Slice(Keys.chunk(queue, Long.MAX_VALUE));
                ReadOptions bounded =
                        new ReadOptions().setIterateLowerBound(lower).setIterateUpperBound(upper);
                RocksIterator it = db.newIterator(bounded)) {
            byte[] descriptor = new byte[ChunkCodec.DESCRIPTOR];
            it.seekForPrev(Keys.chunk(queue, seq));
            Chunk found = describe(queue, it, descriptor);
            if (found == null || found.endSeq() <= seq) {
                it.seek(Keys.chunk(queue, seq));
                found = describe(queue, it, descriptor);
            }
            it.status();
            return found;
        }
    }

    private static Chunk describe(long queue, RocksIterator it, byte[] descriptor) {
        if (!it.isValid()) {
            return null;
        }
        it.value(descriptor);
        return ChunkCodec.describe(queue, StoredKeys.firstSeq(it.key()), descriptor);
    }

    List<Chunk> chunks(long queue, long fromSeq, long toSeq) throws RocksDBException {
        List<Chunk> found = new ArrayList<>();
        if (fromSeq < toSeq) {
            byte[] descriptor = new byte[ChunkCodec.DESCRIPTOR];
            iterate(Keys.chunk(queue, fromSeq), Keys.chunk(queue, toSeq), it -> {
                it.value(descriptor);
                found.add(ChunkCodec.describe(queue, StoredKeys.firstSeq(it.key()), descriptor));
            });
        }
        return found;
    }

    /**
     * The first sequence numbers of a queue's chunks, those in [fromSeq, toSeq); null when there are more than {@code most}, and
     * also when there are too many removed ones between them to tell quickly.
     */
    NavigableSet<Long> fewChunks(long queue, long fromSeq, long toSeq, int most) throws RocksDBException {
        NavigableSet<Long> found = new TreeSet<>();
        try (Slice end = new Slice(Keys.chunk(queue, toSeq));
                ReadOptions bounded = new ReadOptions()
                        .setFillCache(false)
                        .setIterateUpperBound(end)
                        .setMaxSkippableInternalKeys(MAX_SKIPPED);
                RocksIterator it = db.newIterator(bounded)) {
            for (it.seek(Keys.chunk(queue, fromSeq)); it.isValid(); it.next()) {
                if (found.size() == most) {
                    return null;
                }
                found.add(StoredKeys.firstSeq(it.key()));
            }
            it.status();
            return found;
        } catch (RocksDBException e) {
            if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete) {
                return null;
            }
            throw e;
        }
    }

    /**
     * The key of the last chunk of a queue with a key in [from, to); null when there is none, and also when there are too many
     * removed ones behind it to find it quickly.
     */
    byte[] lastChunk(byte[] from, byte[] to) throws RocksDBException {
        try (Slice lower = new Slice(from);
                Slice upper = new Slice(to);
                ReadOptions bounded = new ReadOptions()
                        .setFillCache(false)
                        .setIterateLowerBound(lower)
                        .setIterateUpperBound(upper)
                        .setMaxSkippableInternalKeys(MAX_SKIPPED);
                RocksIterator it = db.newIterator(bounded)) {
            it.seekToLast();
            return it.isValid() ? it.key() : null;
        }
    }

    /** The first numbers of all keys of a type: by leaps, so that it does not matter how many keys begin with the same one. */
    NavigableSet<Long> numbersWith(byte type) throws RocksDBException {
        NavigableSet<Long> found = new TreeSet<>();
        try (Slice end = new Slice(StoredKeys.prefixEnd(Keys.of(type)));
                ReadOptions bounded = new ReadOptions().setFillCache(false).setIterateUpperBound(end);
                RocksIterator it = db.newIterator(bounded)) {
            it.seek(Keys.of(type));
            while (it.isValid()) {
                long number = ByteReader.int64(it.key(), 1);
                found.add(number);
                it.seek(Keys.of(type, number + 1));
            }
            it.status();
            return found;
        }
    }

    /** @param to null: to the end of the store */
    void iterate(byte[] from, byte[] to, Consumer<RocksIterator> visitor) throws RocksDBException {
        try (Slice end = to == null ? null : new Slice(to);
                ReadOptions bounded = new ReadOptions().setFillCache(false)) {
            if (end != null) {
                bounded.setIterateUpperBound(end);
            }
            try (RocksIterator it = db.newIterator(bounded)) {
                for (it.seek(from); it.isValid(); it.next()) {
                    visitor.accept(it);
                }
                it.status();
            }
        }
    }

    @Override
    public void close() {
        plain.close();
        durable.close();
    }
}
