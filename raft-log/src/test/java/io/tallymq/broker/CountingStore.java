package io.tallymq.broker;

import io.tallymq.broker.message.Records;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.function.BiConsumer;

/** Counts what the machine gives a store between two commits: bytes and operations, and the heap of the bodies it must keep. */
class CountingStore implements MessageStore {
    private static final int CHUNK_HEAP = 160;

    private final MessageStore store;
    private final Set<Records> held = Collections.newSetFromMap(new IdentityHashMap<>());
    private long heldBytes;
    private long uncommitted;
    private long operations;
    long written;
    long mostHeld;
    long mostUncommitted;
    long mostOperations;
    /** Chunks whose messages were read, since the last commit and in any entry. */
    private long loads;

    long mostLoads;
    /** Records that were looked up by their keys since the start, and their bytes. */
    long reads;

    long readBytes;
    /** Looks for records by the beginnings of their keys. */
    long scans;

    CountingStore(MessageStore store) {
        this.store = store;
    }

    void reset() {
        written = 0;
        mostHeld = 0;
        mostUncommitted = 0;
        mostOperations = 0;
        mostLoads = 0;
    }

    private void write(long bytes) {
        operations++;
        written += bytes;
        uncommitted += bytes;
        mostUncommitted = Math.max(mostUncommitted, uncommitted);
        mostOperations = Math.max(mostOperations, operations);
    }

    private static long length(List<Slice> parts) {
        return parts.stream().mapToLong(Slice::length).sum();
    }

    @Override
    public void put(byte[] key, byte[] value) {
        write(key.length + value.length);
        store.put(key, value);
    }

    @Override
    public void delete(byte[] key) {
        write(key.length);
        store.delete(key);
    }

    @Override
    public void putChunk(Chunk chunk, List<Slice> parts) {
        write(length(parts));
        ChunkBody body = chunk.body();
        heldBytes += CHUNK_HEAP
                + body.heapBytes()
                + (held.add(body.records()) ? body.records().heapBytes() : 0);
        mostHeld = Math.max(mostHeld, heldBytes);
        store.putChunk(chunk, parts);
    }

    @Override
    public void deleteChunk(Chunk chunk) {
        write(18);
        store.deleteChunk(chunk);
    }

    @Override
    public void deleteChunks(long queue, long fromSeq, long toSeq) {
        write(36);
        store.deleteChunks(queue, fromSeq, toSeq);
    }

    @Override
    public void putShared(long id, int part, List<Slice> bytes) {
        write(length(bytes));
        store.putShared(id, part, bytes);
    }

    @Override
    public void deleteShared(long id, int parts) {
        write(17L * parts);
        store.deleteShared(id, parts);
    }

    @Override
    public boolean commit(Applied applied) {
        held.clear();
        heldBytes = 0;
        uncommitted = 0;
        operations = 0;
        loads = 0;
        return store.commit(applied);
    }

    @Override
    public Applied applied() {
        return store.applied();
    }

    @Override
    public byte[] get(byte[] key) {
        operations++;
        mostOperations = Math.max(mostOperations, operations);
        byte[] value = store.get(key);
        reads++;
        readBytes += value == null ? 0 : value.length;
        return value;
    }

    @Override
    public NavigableSet<Long> numbersWith(byte type) {
        return store.numbersWith(type);
    }

    @Override
    public void scan(byte[] prefix, BiConsumer<byte[], byte[]> visitor) {
        scans++;
        store.scan(prefix, visitor);
    }

    @Override
    public Chunk chunkNear(long queue, long seq) {
        return store.chunkNear(queue, seq);
    }

    @Override
    public Chunk chunkAt(long queue, long firstSeq) {
        operations++;
        mostOperations = Math.max(mostOperations, operations);
        return store.chunkAt(queue, firstSeq);
    }

    @Override
    public List<Chunk> chunks(long queue, long fromSeq, long toSeq) {
        return store.chunks(queue, fromSeq, toSeq);
    }

    @Override
    public ChunkBody load(Chunk chunk) {
        mostLoads = Math.max(mostLoads, ++loads);
        return store.load(chunk);
    }

    @Override
    public byte[] loadShared(long id, int part) {
        return store.loadShared(id, part);
    }

    @Override
    public void close() {
        store.close();
    }
}
