package io.tallymq.store;

import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.store.MessageStore.Slice;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * What was written since the last commit. Messages wait on the heap, where they are anyway as long as their chunks have their bodies, and
 * go to the database only if they are still there at the commit: those that were consumed meanwhile cost it nothing. Records, and what is
 * removed of the database, stand in a native batch.
 *
 * <p>Threads: the applying one, but for {@link #shared}.
 */
final class OpenBatch implements AutoCloseable {
    /** A native batch that grew beyond this is given back after its commit. */
    private static final int KEEP_BYTES = 8 << 20;

    private static final int BUFFER_BYTES = 256 << 10;
    /** A buffer that grew beyond this for a large message is given back. */
    private static final int BUFFER_KEEP_BYTES = 2 << 20;

    private static final int KEY_BYTES = 18;

    private record Part(long id, long part) {}

    /** By queue and first sequence number. */
    private final Map<Long, TreeMap<Long, List<Slice>>> chunks = new HashMap<>();

    private final Map<Part, List<Slice>> shared = new ConcurrentHashMap<>();
    private final BatchChanges changes = new BatchChanges();
    private final ByteBuffer key = ByteBuffer.allocateDirect(KEY_BYTES);
    private final ByteBuffer appliedKey = ByteBuffer.allocateDirect(1);
    private final ByteBuffer appliedValue = ByteBuffer.allocateDirect(AppliedCodec.LENGTH);
    private ByteBuffer value = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private WriteBatch batch = new WriteBatch();
    /** All is in the native batch, with its position: there was no room to write it. */
    private boolean sealed;

    void put(byte[] recordKey, byte[] recordValue) throws RocksDBException {
        batch.put(recordKey, recordValue);
    }

    void delete(byte[] recordKey) throws RocksDBException {
        batch.delete(recordKey);
    }

    void putChunk(Chunk chunk, List<Slice> parts) {
        chunks.computeIfAbsent(chunk.queue(), q -> new TreeMap<>()).put(chunk.firstSeq(), parts);
    }

    void deleteChunk(long queue, long firstSeq) throws RocksDBException {
        TreeMap<Long, List<Slice>> own = chunks.get(queue);
        if (own == null || own.remove(firstSeq) == null) {
            batch.singleDelete(Keys.chunk(queue, firstSeq));
            changes.removed(queue, firstSeq);
        }
    }

    /** @param committed those of the database in [fromSeq, toSeq) */
    void deleteChunks(long queue, long fromSeq, long toSeq, NavigableSet<Long> committed) throws RocksDBException {
        forget(queue, fromSeq, toSeq);
        changes.apply(queue, committed);
        for (long firstSeq : committed) {
            batch.singleDelete(Keys.chunk(queue, firstSeq));
            changes.removed(queue, firstSeq);
        }
    }

    void deleteAllChunks(long queue, long fromSeq, long toSeq) throws RocksDBException {
        forget(queue, fromSeq, toSeq);
        batch.deleteRange(Keys.chunk(queue, fromSeq), StoredKeys.behind(Keys.chunk(queue, toSeq - 1)));
        changes.removed(queue, fromSeq, toSeq);
    }

    private void forget(long queue, long fromSeq, long toSeq) {
        TreeMap<Long, List<Slice>> own = chunks.get(queue);
        if (own != null) {
            own.subMap(fromSeq, toSeq).clear();
        }
    }

    void putShared(long id, long part, List<Slice> bytes) {
        shared.put(new Part(id, part), bytes);
    }

    void deleteShared(long id, int parts) throws RocksDBException {
        for (int part = 0; part < parts; part++) {
            if (shared.remove(new Part(id, part)) == null) {
                batch.singleDelete(Keys.of(Keys.SHARED, id, part));
            }
        }
    }

    /** What was put and is not in the database yet, null for nothing. Any thread: who finds nothing here finds it there. */
    byte[] shared(long id, long part) {
        List<Slice> there = shared.get(new Part(id, part));
        if (there == null) {
            return null;
        }
        ByteBuffer joined = ByteBuffer.allocate(length(there));
        there.forEach(p -> joined.put(p.array(), p.offset(), p.length()));
        return joined.array();
    }

    /** The native batch with all of it and the position; nothing else may be written before {@link #clear}. */
    WriteBatch seal(Applied to) throws RocksDBException {
        if (sealed) {
            return batch;
        }
        for (Map.Entry<Long, TreeMap<Long, List<Slice>>> queue : chunks.entrySet()) {
            for (Map.Entry<Long, List<Slice>> chunk : queue.getValue().entrySet()) {
                key.clear();
                StoredKeys.writeChunk(key, queue.getKey(), chunk.getKey());
                putValue(chunk.getValue());
            }
        }
        for (Map.Entry<Part, List<Slice>> part : shared.entrySet()) {
            key.clear();
            key.put(Keys.SHARED).putLong(part.getKey().id).putLong(part.getKey().part);
            putValue(part.getValue());
        }
        appliedKey.clear();
        appliedKey.put(Keys.APPLIED).flip();
        appliedValue.clear();
        AppliedCodec.write(appliedValue, to);
        appliedValue.flip();
        batch.put(appliedKey, appliedValue);
        sealed = true;
        return batch;
    }

    /** Messages are gathered in one direct buffer that the native batch copies from. */
    private void putValue(List<Slice> parts) throws RocksDBException {
        int length = length(parts);
        if (value.capacity() < length) {
            value = ByteBuffer.allocateDirect(Math.max(length, Math.min(2 * value.capacity(), BUFFER_KEEP_BYTES)));
        }
        value.clear();
        for (int i = 0; i < parts.size(); i++) {
            Slice p = parts.get(i);
            value.put(p.array(), p.offset(), p.length());
        }
        key.flip();
        value.flip();
        batch.put(key, value);
        if (value.capacity() > BUFFER_KEEP_BYTES) {
            value = ByteBuffer.allocateDirect(BUFFER_BYTES);
        }
    }

    private static int length(List<Slice> parts) {
        int length = 0;
        for (int i = 0; i < parts.size(); i++) {
            length += parts.get(i).length();
        }
        return length;
    }

    /** It is in the database. */
    void clear() {
        if (batch.getDataSize() > KEEP_BYTES) {
            batch.close();
            batch = new WriteBatch();
        } else {
            batch.clear();
        }
        chunks.clear();
        shared.clear();
        changes.clear();
        sealed = false;
    }

    @Override
    public void close() {
        batch.close();
    }
}
