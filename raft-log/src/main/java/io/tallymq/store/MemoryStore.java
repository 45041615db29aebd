package io.tallymq.store;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * A store on the heap that is exact about the contract: what the store on disk would answer with undefined behaviour (a
 * chunk put twice, removed twice or put again after its removal) throws {@link IllegalStateException} here. It remembers the
 * key of every chunk ever put, so it is for tests and for brokers that live a short time.
 */
public final class MemoryStore implements MessageStore {
    private record Write(byte[] key, byte[] value) {}

    /** With the writes that are not committed yet: what the contract is checked against. */
    private final NavigableMap<byte[], byte[]> written = new TreeMap<>(Arrays::compareUnsigned);

    private final NavigableMap<byte[], byte[]> committed = new TreeMap<>(Arrays::compareUnsigned);
    private final List<Write> uncommitted = new ArrayList<>();
    private final Set<ByteBuffer> everPut = new HashSet<>();
    private final long bodyCacheBytes;
    private final BodyCache bodies;
    private Applied applied;

    public MemoryStore() {
        this(RocksStoreConfig.BODY_CACHE_BYTES);
    }

    /** @param bodyCacheBytes bytes of messages kept on their chunks; 0: every load reads the stored bytes */
    public MemoryStore(long bodyCacheBytes) {
        this.bodyCacheBytes = bodyCacheBytes;
        this.bodies = new BodyCache(bodyCacheBytes);
    }

    /** An independent store that holds what is committed here: what a restart after a crash would find. */
    public synchronized MemoryStore copy() {
        MemoryStore to = new MemoryStore(bodyCacheBytes);
        to.committed.putAll(committed);
        to.written.putAll(committed);
        to.everPut.addAll(everPut);
        uncommitted.forEach(w -> to.everPut.remove(ByteBuffer.wrap(w.key)));
        // A key that was put before and removed in the open batch stays used.
        committed.keySet().stream().filter(MemoryStore::isOnce).forEach(k -> to.everPut.add(ByteBuffer.wrap(k)));
        to.applied = applied;
        return to;
    }

    @Override
    public synchronized void put(byte[] key, byte[] value) {
        StoredKeys.requireRecord(key);
        write(key.clone(), value.clone());
    }

    @Override
    public synchronized void delete(byte[] key) {
        StoredKeys.requireRecord(key);
        write(key.clone(), null);
    }

    @Override
    public synchronized void putChunk(Chunk chunk, List<Slice> parts) {
        putOnce(Keys.chunk(chunk.queue(), chunk.firstSeq()), joined(parts), name(chunk.queue(), chunk.firstSeq()));
        bodies.put(chunk);
    }

    private static byte[] joined(List<Slice> parts) {
        int length = 0;
        for (Slice p : parts) {
            length += p.length();
        }
        ByteBuffer value = ByteBuffer.allocate(length);
        for (Slice p : parts) {
            value.put(p.array(), p.offset(), p.length());
        }
        return value.array();
    }

    @Override
    public synchronized void deleteChunk(Chunk chunk) {
        removeOnce(Keys.chunk(chunk.queue(), chunk.firstSeq()), name(chunk.queue(), chunk.firstSeq()));
        bodies.remove(chunk);
    }

    @Override
    public synchronized void deleteChunks(long queue, long fromSeq, long toSeq) {
        byte[] to = Keys.chunk(queue, toSeq);
        List.copyOf(written.subMap(Keys.chunk(queue, fromSeq), to).keySet()).forEach(k -> write(k, null));
    }

    @Override
    public synchronized void putShared(long id, int part, List<Slice> bytes) {
        putOnce(Keys.of(Keys.SHARED, id, part), joined(bytes), "part " + part + " of shared body " + id);
    }

    @Override
    public synchronized void deleteShared(long id, int parts) {
        for (int part = 0; part < parts; part++) {
            removeOnce(Keys.of(Keys.SHARED, id, part), "part " + part + " of shared body " + id);
        }
    }

    @Override
    public synchronized boolean commit(Applied to) {
        for (Write w : uncommitted) {
            if (w.value == null) {
                committed.remove(w.key);
            } else {
                committed.put(w.key, w.value);
            }
        }
        uncommitted.clear();
        applied = to;
        bodies.commit();
        return true;
    }

    @Override
    public synchronized Applied applied() {
        return applied;
    }

    @Override
    public synchronized byte[] get(byte[] key) {
        StoredKeys.requireRecord(key);
        byte[] value = committed.get(key);
        return value == null ? null : value.clone();
    }

    @Override
    public synchronized void scan(byte[] prefix, BiConsumer<byte[], byte[]> visitor) {
        for (Map.Entry<byte[], byte[]> e : committed.tailMap(prefix).entrySet()) {
            byte[] key = e.getKey();
            if (key.length < prefix.length || Arrays.mismatch(prefix, 0, prefix.length, key, 0, prefix.length) >= 0) {
                return;
            }
            visitor.accept(key.clone(), e.getValue().clone());
        }
    }

    @Override
    public synchronized NavigableSet<Long> numbersWith(byte type) {
        NavigableSet<Long> found = new TreeSet<>();
        scan(Keys.of(type), (k, v) -> found.add(ByteReader.int64(k, 1)));
        return found;
    }

    @Override
    public synchronized Chunk chunkNear(long queue, long seq) {
        Chunk near = null;
        for (Chunk c : chunks(queue, 0, Long.MAX_VALUE)) {
            if (near == null && c.endSeq() > seq) {
                near = c;
            }
        }
        return near;
    }

    @Override
    public synchronized Chunk chunkAt(long queue, long firstSeq) {
        byte[] value = committed.get(Keys.chunk(queue, firstSeq));
        if (value == null) {
            throw new IllegalStateException("no chunk " + name(queue, firstSeq));
        }
        return ChunkCodec.describe(queue, firstSeq, value);
    }

    @Override
    public synchronized List<Chunk> chunks(long queue, long fromSeq, long toSeq) {
        List<Chunk> found = new ArrayList<>();
        if (fromSeq < toSeq) {
            committed
                    .subMap(Keys.chunk(queue, fromSeq), Keys.chunk(queue, toSeq))
                    .forEach((k, v) -> found.add(ChunkCodec.describe(queue, StoredKeys.firstSeq(k), v)));
        }
        return found;
    }

    @Override
    public ChunkBody load(Chunk chunk) {
        ChunkBody there = chunk.body();
        if (there != null) {
            return there;
        }
        byte[] value;
        synchronized (this) {
            value = committed.get(Keys.chunk(chunk.queue(), chunk.firstSeq()));
        }
        ChunkBody body = value == null ? null : ChunkCodec.body(value, () -> block(chunk.shared()));
        return body == null ? null : bodies.loaded(chunk, body);
    }

    private Records block(long id) {
        return bodies.block(id, () -> loadShared(id, 0));
    }

    @Override
    public synchronized byte[] loadShared(long id, int part) {
        byte[] value = written.get(Keys.of(Keys.SHARED, id, part));
        return value == null ? null : value.clone();
    }

    /** Nothing to give back: the store goes with its last reference. */
    @Override
    public void close() {}

    private void write(byte[] key, byte[] value) {
        if (value == null) {
            written.remove(key);
        } else {
            written.put(key, value);
        }
        uncommitted.add(new Write(key, value));
    }

    private void putOnce(byte[] key, byte[] value, String name) {
        if (!everPut.add(ByteBuffer.wrap(key))) {
            throw new IllegalStateException(name + " is put a second time");
        }
        write(key, value);
    }

    private void removeOnce(byte[] key, String name) {
        if (!written.containsKey(key)) {
            throw new IllegalStateException(name + " is removed but not there");
        }
        write(key, null);
    }

    private static boolean isOnce(byte[] key) {
        return key[0] == Keys.CHUNK || key[0] == Keys.SHARED;
    }

    private static String name(long queue, long firstSeq) {
        return "chunk " + firstSeq + " of queue " + queue;
    }
}
