package io.tallymq.store;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.disk.FreeSpace;
import io.tallymq.format.Versions;
import java.nio.file.Path;
import java.security.SecureRandom;
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
    private final Path directory;
    private final BodyCache bodies;
    private final FailureHook failure;
    private final StoreLock lock;
    private final NativeOptions options;
    private final StoreRoom room;
    private final RocksDB db;
    private final WriteOptions writeOptions = new WriteOptions().setDisableWAL(true);
    private final StoreReader reader;
    private final ChunkLoader loader;
    private final StoreWatch watch;
    private final RangeRemovals removals;
    /** Held for reading by whoever uses the database, for writing while it is closed. */
    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();

    private final OpenBatch open = new OpenBatch();
    private final long hashSeed = new SecureRandom().nextLong();

    private boolean closed;
    private volatile Applied applied;

    private RocksStore(
            RocksStoreConfig config,
            RocksDB db,
            NativeOptions options,
            StoreRoom room,
            FailureHook failure,
            StoreLock lock) {
        this.lock = lock;
        this.directory = config.directory();
        this.bodies = new BodyCache(config.bodyCacheBytes());
        this.db = db;
        this.options = options;
        this.room = room;
        this.failure = failure;
        this.reader = new StoreReader(db);
        this.loader = new ChunkLoader(db, reader);
        this.watch = new StoreWatch(db, reader, loader, failure, room, config);
        this.removals = new RangeRemovals(reader, watch);
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
        StoreLock lock = StoreDirectory.claim(config.directory());
        try {
            return open(config, levels, onFailure, free, lock);
        } catch (RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    private static RocksStore open(
            RocksStoreConfig config, Versions levels, Consumer<String> onFailure, LongSupplier free, StoreLock lock) {
        Path directory = config.directory();
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
        RocksStore store = new RocksStore(config, db, options, room, failure, lock);
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
     * @param copy the checkpoint, on the same file system, which was found good by {@link StoredCopy#verify}; it is moved away
     * @throws StoreException it can't be moved
     */
    public static void install(RocksStoreConfig config, Path copy) {
        StoreDirectory.replace(config.directory(), copy);
    }

    /** What stays beside a store's directory when it is closed: nobody needs it when the directory is gone. */
    public static Path lockFile(Path directory) {
        return StoreLock.file(directory);
    }

    /** What may stand beside a store's directory: what an {@link #install} left that was interrupted, and {@link #lockFile}. */
    public static List<Path> beside(Path directory) {
        return List.of(StoreDirectory.incoming(directory), StoreDirectory.outgoing(directory), lockFile(directory));
    }

    @Override
    public void put(byte[] recordKey, byte[] recordValue) {
        StoredKeys.requireRecord(recordKey);
        try {
            openBatch().put(recordKey, recordValue);
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
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
        openBatch().putChunk(chunk, parts);
        bodies.put(chunk);
    }

    @Override
    public void deleteChunk(Chunk chunk) {
        try {
            openBatch().deleteChunk(chunk.queue(), chunk.firstSeq());
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
        bodies.remove(chunk);
    }

    @Override
    public void deleteChunks(long queue, long fromSeq, long toSeq) {
        try {
            removals.remove(openBatch(), queue, fromSeq, toSeq);
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
    }

    @Override
    public void putShared(long id, int part, List<Slice> bytes) {
        openBatch().putShared(id, part, bytes);
    }

    @Override
    public void deleteShared(long id, int parts) {
        try {
            openBatch().deleteShared(id, parts);
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
    }

    private OpenBatch openBatch() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
        return open;
    }

    @Override
    public boolean commit(Applied to) {
        try {
            if (!room.write(db, writeOptions, openBatch().seal(to))) {
                return false;
            }
        } catch (RocksDBException e) {
            throw failure.write(e);
        }
        open.clear();
        applied = to;
        bodies.commit();
        removals.committed(to.index() + 1); // the commit may be one within the next entry
        return true;
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
    public NavigableSet<Long> numbersWith(byte type) {
        use();
        try {
            return reader.numbersWith(type);
        } catch (RocksDBException e) {
            throw failure.read(e);
        } finally {
            release();
        }
    }

    @Override
    public long hashSeed() {
        return hashSeed;
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
    public Chunk chunkNear(long queue, long seq) {
        use();
        try {
            return reader.chunkNear(queue, seq);
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
            byte[] waiting = open.shared(id, part); // asked before the database: it goes from here to there
            return waiting != null ? waiting : reader.get(Keys.of(Keys.SHARED, id, part));
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
            open.close();
            loader.close();
            db.close();
            options.close();
            room.close();
            reader.close();
            writeOptions.close();
        } finally {
            lifetime.writeLock().unlock();
            lock.close();
        }
    }
}
