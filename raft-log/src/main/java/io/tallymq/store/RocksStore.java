package io.tallymq.store;

import io.tallymq.broker.Chunk;
import io.tallymq.broker.ChunkBody;
import io.tallymq.broker.ChunkCodec;
import io.tallymq.broker.Keys;
import io.tallymq.broker.MessageStore;
import io.tallymq.disk.FreeSpace;
import io.tallymq.format.Versions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.rocksdb.Checkpoint;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The store on disk: one RocksDB with one column family and no write-ahead log, for the Raft log is one. A commit is one
 * write batch that holds the applied position too, and a flush writes whole batches in order: what a crash leaves is the
 * state at some position, and the position is in it. See {@link #durable()}.
 *
 * <p>Threads: as in {@link MessageStore}; {@link #close} by the applying thread as well. Methods after {@code close} throw
 * IllegalStateException. A {@link StoreException} out of a write means that the store takes no more writes.
 */
public final class RocksStore implements MessageStore {
    /** A write batch that grew beyond this is given back after its commit. */
    private static final int BATCH_KEEP_BYTES = 8 << 20;

    private static final int CHUNK_BUFFER_BYTES = 256 << 10;
    /** A buffer that grew beyond this for a large message is given back. */
    private static final int CHUNK_BUFFER_KEEP_BYTES = 2 << 20;

    /**
     * So many chunks are removed one by one. Range tombstones make every read slower until they are flushed (thirty thousand
     * of them: 4 ms), and most queues that are removed are empty.
     */
    private static final int FEW_CHUNKS = 16;

    private static final int CHUNK_KEY_BYTES = 18;

    private final Path directory;
    private final BodyCache bodies;
    private final FailureHook failure;
    private final NativeOptions options;
    private final StoreRoom room;
    private final RocksDB db;
    private final WriteOptions writeOptions = new WriteOptions().setDisableWAL(true);
    private final StoreReader reader;
    private final ChunkLoader loader;
    private final StoreWatch watch;
    /** Held for reading by whoever uses the database, for writing while it is closed. */
    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();

    private final ByteBuffer key = ByteBuffer.allocateDirect(CHUNK_KEY_BYTES);
    private final ByteBuffer appliedKey = ByteBuffer.allocateDirect(1);
    private final ByteBuffer appliedValue = ByteBuffer.allocateDirect(AppliedCodec.LENGTH);
    private ByteBuffer value = ByteBuffer.allocateDirect(CHUNK_BUFFER_BYTES);
    private final BatchChanges changes = new BatchChanges();
    private WriteBatch batch = new WriteBatch();
    private long batchBytes;
    /** The open batch has its position already: there was no room to write it. */
    private boolean sealed;

    /** Ranges of chunks that the open batch removes; the index is not known yet. */
    private final List<StoreWatch.Removal> removed = new ArrayList<>();

    private boolean closed;
    private volatile Applied applied;

    private RocksStore(
            RocksStoreConfig config, RocksDB db, NativeOptions options, StoreRoom room, FailureHook failure) {
        this.directory = config.directory();
        this.bodies = new BodyCache(config.bodyCacheBytes());
        this.db = db;
        this.options = options;
        this.room = room;
        this.failure = failure;
        this.reader = new StoreReader(db);
        this.loader = new ChunkLoader(db, reader);
        this.watch = new StoreWatch(db, reader, loader, failure, room, config);
    }

    /**
     * Opens the store, or makes a new one in an empty or missing directory. An {@link StoreDirectory#install} that a crash
     * interrupted is finished or undone first.
     *
     * @param levels those that this program knows, see {@link MessageStore.Applied#level}
     * @param onFailure told once, on any thread, when the store can take no more writes: the process has to end
     * @throws StoreException the directory can't be used; the text says what to do
     */
    public static RocksStore open(RocksStoreConfig config, Versions levels, Consumer<String> onFailure) {
        return open(config, levels, onFailure, new FreeSpace(config.directory()));
    }

    /** @param free bytes free where the store is, -1 when that can't be known */
    static RocksStore open(RocksStoreConfig config, Versions levels, Consumer<String> onFailure, LongSupplier free) {
        Path directory = config.directory();
        try {
            StoreDirectory.recover(directory);
            Files.createDirectories(directory);
            DamageMark.refuse(directory);
            StoreDirectory.requireCurrent(directory);
        } catch (IOException e) {
            throw new StoreException(
                    "The store's directory " + directory + " can't be made or read: " + e + ". Check its permissions"
                            + " and the disk.",
                    e);
        }
        RocksDB.loadLibrary();
        FailureHook failure = new FailureHook(directory, onFailure);
        StoreRoom room = new StoreRoom(free, config.reserveBytes());
        NativeOptions options = new NativeOptions(config, room);
        RocksDB db;
        try {
            db = RocksDB.open(options.options(), directory.toString());
        } catch (RocksDBException e) {
            options.close();
            room.close();
            throw StoreErrors.cannotOpen(directory, e);
        }
        RocksStore store = new RocksStore(config, db, options, room, failure);
        try {
            store.applied = StoreDirectory.readPosition(db, directory, levels);
            store.watch.start();
            return store;
        } catch (RocksDBException e) {
            store.close();
            throw StoreErrors.cannotOpen(directory, e);
        } catch (StoreException e) {
            store.close();
            throw e;
        }
    }

    /**
     * Replaces the store in {@code config}'s directory, which must be closed, by a checkpoint of another node. A crash at
     * any moment leaves the old store or the new one for the next {@link #open}.
     *
     * @param copy the checkpoint, on the same file system; it is moved away
     * @throws StoreException the copy is damaged or of an unknown level (then the old store is untouched), or can't be moved
     */
    public static void install(RocksStoreConfig config, Versions levels, Path copy) {
        RocksDB.loadLibrary();
        StoreDirectory.verify(copy, levels);
        try {
            StoreDirectory.install(config.directory(), copy, step -> {});
        } catch (IOException e) {
            throw new StoreException(
                    "The store copied from another node could not be moved to " + config.directory() + ": " + e
                            + ". Check permissions and free space and start the node again.",
                    e);
        }
    }

    @Override
    public void put(byte[] recordKey, byte[] recordValue) {
        StoredKeys.requireRecord(recordKey);
        try {
            openBatch().put(recordKey, recordValue);
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
        batchBytes += recordKey.length + recordValue.length;
    }

    @Override
    public void delete(byte[] recordKey) {
        StoredKeys.requireRecord(recordKey);
        try {
            openBatch().delete(recordKey);
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
    }

    @Override
    public void putChunk(Chunk chunk, List<Slice> parts) {
        startValue(parts);
        key.clear();
        StoredKeys.writeChunk(key, chunk.queue(), chunk.firstSeq());
        putValue();
        changes.put(chunk.queue(), chunk.firstSeq());
        bodies.put(chunk);
    }

    @Override
    public void deleteChunk(Chunk chunk) {
        try {
            openBatch().singleDelete(Keys.chunk(chunk.queue(), chunk.firstSeq()));
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
        changes.removed(chunk.queue(), chunk.firstSeq());
        bodies.remove(chunk);
    }

    @Override
    public void deleteChunks(long queue, long fromSeq) {
        WriteBatch open = openBatch();
        try {
            NavigableSet<Long> chunks = reader.fewChunks(queue, fromSeq, FEW_CHUNKS);
            if (chunks == null) {
                deleteRange(open, queue, fromSeq);
                return;
            }
            changes.apply(queue, fromSeq, chunks);
            for (long firstSeq : chunks) {
                open.singleDelete(Keys.chunk(queue, firstSeq));
                changes.removed(queue, firstSeq);
            }
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
    }

    private void deleteRange(WriteBatch open, long queue, long fromSeq) throws RocksDBException {
        byte[] from = Keys.chunk(queue, fromSeq);
        open.deleteRange(from, StoredKeys.chunksEnd(queue));
        changes.removedFrom(queue, fromSeq);
        byte[] last = watch.interested() ? reader.lastChunk(from) : null;
        if (last != null) {
            removed.add(new StoreWatch.Removal(from, last, -1));
        }
    }

    @Override
    public void putShared(long id, int part, List<Slice> bytes) {
        startValue(bytes);
        key.clear();
        key.put(Keys.SHARED).putLong(id).putLong(part);
        putValue();
    }

    @Override
    public void deleteShared(long id, int parts) {
        try {
            for (int part = 0; part < parts; part++) {
                openBatch().singleDelete(Keys.of(Keys.SHARED, id, part));
            }
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
    }

    /** Messages are gathered in one direct buffer that the native batch copies from. */
    private void startValue(List<Slice> parts) {
        int length = 0;
        for (int i = 0; i < parts.size(); i++) {
            length += parts.get(i).length();
        }
        if (value.capacity() < length) {
            value = ByteBuffer.allocateDirect(
                    Math.max(length, Math.min(2 * value.capacity(), CHUNK_BUFFER_KEEP_BYTES)));
        }
        value.clear();
        for (int i = 0; i < parts.size(); i++) {
            Slice p = parts.get(i);
            value.put(p.array(), p.offset(), p.length());
        }
    }

    private void putValue() {
        key.flip();
        value.flip();
        batchBytes += value.remaining();
        try {
            openBatch().put(key, value);
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
        if (value.capacity() > CHUNK_BUFFER_KEEP_BYTES) {
            value = ByteBuffer.allocateDirect(CHUNK_BUFFER_BYTES);
        }
    }

    private WriteBatch openBatch() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
        return batch;
    }

    @Override
    public boolean commit(Applied to) {
        try {
            if (!sealed) {
                seal(to);
            }
            sealed = !room.write(db, writeOptions, openBatch());
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
        if (sealed) {
            return false;
        }
        if (batchBytes > BATCH_KEEP_BYTES) {
            batch.close();
            batch = new WriteBatch();
        } else {
            batch.clear();
        }
        batchBytes = 0;
        changes.clear();
        applied = to;
        bodies.commit();
        if (!removed.isEmpty()) {
            watchRemoved(to.index() + 1); // the commit may be one within the next entry
        }
        return true;
    }

    private void seal(Applied to) throws RocksDBException {
        appliedKey.clear();
        appliedKey.put(Keys.APPLIED).flip();
        appliedValue.clear();
        AppliedCodec.write(appliedValue, to);
        appliedValue.flip();
        openBatch().put(appliedKey, appliedValue);
    }

    private void watchRemoved(long index) {
        removed.forEach(r -> watch.removed(new StoreWatch.Removal(r.from(), r.last(), index)));
        removed.clear();
    }

    /** The position of the last commit, also of one made since the start. Any thread. */
    @Override
    public Applied applied() {
        return applied;
    }

    @Override
    public void scan(byte[] prefix, BiConsumer<byte[], byte[]> visitor) {
        use();
        try {
            reader.iterate(prefix, StoredKeys.prefixEnd(prefix), it -> visitor.accept(it.key(), it.value()));
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
    }

    @Override
    public byte[] get(byte[] recordKey) {
        StoredKeys.requireRecord(recordKey);
        use();
        try {
            return reader.get(recordKey);
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
    }

    @Override
    public List<Chunk> chunks(long queue, long fromSeq, long toSeq) {
        use();
        try {
            return reader.chunks(queue, fromSeq, toSeq);
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
    }

    @Override
    public Chunk chunkAt(long queue, long firstSeq) {
        use();
        try {
            return reader.chunkAt(queue, firstSeq);
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
    }

    @Override
    public ChunkBody load(Chunk chunk) {
        ChunkBody there = chunk.body();
        if (there != null) {
            return there;
        }
        byte[] bytes;
        use();
        try {
            bytes = loader.load(chunk);
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
        ChunkBody body = bytes == null
                ? null
                : ChunkCodec.body(bytes, () -> bodies.block(chunk.shared(), () -> loadShared(chunk.shared(), 0)));
        return body == null ? null : bodies.loaded(chunk, body);
    }

    @Override
    public byte[] loadShared(long id, int part) {
        use();
        try {
            return reader.get(Keys.of(Keys.SHARED, id, part));
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
    }

    /**
     * What a crash of the process or of the machine would leave: the position that is on the disk, never one that is only
     * in memory; null when nothing is. Any thread, a few microseconds.
     */
    public Applied durable() {
        use();
        try {
            return reader.durable();
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
    }

    /**
     * Writes what is committed to the disk and waits for it. Without room there it returns, and {@link #durable} stays where it was:
     * RocksDB tries again by itself. Any thread; commits go on meanwhile.
     */
    public void forceDurable() {
        use();
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
            db.flush(wait);
        } catch (RocksDBException e) {
            if (!StoreErrors.isFull(e)) {
                throw failure.write(e);
            }
        } finally {
            release();
        }
    }

    /**
     * A consistent copy of the store at some commit during the call, made of hard links: it costs space only as the store
     * changes. Writes the memtables to the disk first. Any thread; commits go on meanwhile.
     *
     * @param copy a path that does not exist yet, on the store's file system
     * @return {@code copy}
     */
    public Path checkpoint(Path copy) {
        use();
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(copy.toString());
            return copy;
        } catch (RocksDBException e) {
            throw new StoreException(
                    "No copy of the store could be made in " + copy + ": " + e.getMessage()
                            + ". Check the free space there.",
                    e);
        } finally {
            release();
        }
    }

    /** How often what looks after this store has failed. Any thread. */
    public long failedTasks() {
        return watch.failures();
    }

    /** Sizes for monitoring. Any thread. */
    public StoreMetrics metrics() {
        use();
        try {
            return new StoreMetrics(
                    db.getLongProperty("rocksdb.size-all-mem-tables"),
                    bodies.bytes(),
                    db.getLongProperty("rocksdb.block-cache-usage"),
                    db.getLongProperty("rocksdb.live-sst-files-size"),
                    db.getLongProperty("rocksdb.estimate-pending-compaction-bytes"),
                    db.getLongProperty("rocksdb.estimate-live-data-size"),
                    db.getLongProperty("rocksdb.background-errors"));
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
    }

    private void use() {
        lifetime.readLock().lock();
        if (closed) {
            release();
            throw new IllegalStateException("the store is closed");
        }
    }

    private void release() {
        lifetime.readLock().unlock();
    }

    /** Writes what is committed to the disk and gives everything back. Writes since the last commit are lost. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        watch.close();
        lifetime.writeLock().lock();
        try {
            closed = true;
            failure.closing();
            batch.close();
            loader.close();
            db.close();
            options.close();
            room.close();
            reader.close();
            writeOptions.close();
        } finally {
            lifetime.writeLock().unlock();
        }
    }
}
