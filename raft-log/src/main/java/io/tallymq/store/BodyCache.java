package io.tallymq.store;

import io.tallymq.broker.message.Records;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Decides whose messages stay in memory: those of the chunks that were put or loaded last, up to a number of bytes. First in,
 * first out: a queue is read from one end to the other, so that a body used once is not likelier to be used again. What was put
 * since the last commit counts too and stays, for it may be the only copy: the others make room for it.
 *
 * <p>What counts is what is kept alive: {@link Records} that several chunks refer to (all chunks of a log entry do, and all of a
 * block) count once, and whole as long as one of them is left. All methods for any thread.
 */
final class BodyCache {
    /** Bytes on the heap of a chunk's descriptor, its body and its places in the ring and in the queue; rounded up. */
    static final int CHUNK_OVERHEAD = 160;

    static final int FIRST_CAPACITY = 256;

    private static final class Use {
        /** How many chunks refer to the records. */
        int chunks;
        /** The block that they are, 0 for none. */
        long block;
    }

    private final long budget;
    private final Map<Records, Use> users = new IdentityHashMap<>();
    /** The blocks among them, by number. */
    private final Map<Long, Records> blocks = new HashMap<>();

    private Chunk[] ring = new Chunk[FIRST_CAPACITY];
    private long head;
    private long tail;
    /** Chunks put since the last commit, which are not in the ring yet. */
    private final List<Chunk> uncommitted = new ArrayList<>();

    private volatile long bytes;

    /** @param budget bytes; 0 keeps nothing beyond the commit */
    BodyCache(long budget) {
        this.budget = budget;
    }

    /** The bytes that bodies keep alive. */
    long bytes() {
        return bytes;
    }

    /** Places for chunks, for tests. */
    synchronized int capacity() {
        return ring.length;
    }

    /** A chunk was put; its body, if any, stays at least until {@link #commit}. */
    synchronized void put(Chunk chunk) {
        ChunkBody body = chunk.body();
        if (body != null) {
            use(body, 0);
            uncommitted.add(chunk);
            evict();
        }
    }

    /** What was put is in the store: from now on it may go. */
    synchronized void commit() {
        for (int i = 0; i < uncommitted.size(); i++) {
            if (uncommitted.get(i).body() != null) {
                enter(uncommitted.get(i));
            }
        }
        uncommitted.clear();
        evict();
    }

    /** A body was read from the store. When another thread was faster, its body is the one to use. */
    synchronized ChunkBody loaded(Chunk chunk, ChunkBody body) {
        ChunkBody there = chunk.body();
        if (there != null) {
            return there;
        }
        if (body.records().heapBytes() <= budget) {
            chunk.body(body);
            use(body, blockOf(chunk, body));
            enter(chunk);
            evict();
        }
        return body;
    }

    /**
     * A block that chunks refer to: the one in memory, else it is read. It stays as long as a chunk that was loaded from it.
     *
     * @param read the stored value, or null when it was removed
     */
    Records block(long id, Supplier<byte[]> read) {
        synchronized (this) {
            Records there = blocks.get(id);
            if (there != null) {
                return there;
            }
        }
        byte[] value = read.get();
        return value == null ? null : ChunkCodec.block(value);
    }

    /** The chunk was removed. Its place in the ring is found empty later. */
    synchronized void remove(Chunk chunk) {
        ChunkBody body = chunk.body();
        if (body != null) {
            leave(chunk, body);
        }
    }

    /** The number of the block that the records are, 0 when they are the chunk's own. */
    private static long blockOf(Chunk chunk, ChunkBody body) {
        return body.records().isBlock() ? chunk.shared() : 0;
    }

    private void enter(Chunk chunk) {
        if (tail - head == ring.length) {
            makeRoom();
        }
        ring[(int) (tail++ & (ring.length - 1))] = chunk;
    }

    private void use(ChunkBody body, long block) {
        Use use = users.get(body.records());
        if (use == null) {
            use = new Use();
            users.put(body.records(), use);
            bytes += body.records().heapBytes();
            if (block != 0 && blocks.putIfAbsent(block, body.records()) == null) {
                use.block = block;
            }
        }
        use.chunks++;
        bytes += overhead(body);
    }

    private void leave(Chunk chunk, ChunkBody body) {
        chunk.body(null);
        Use use = users.get(body.records());
        if (--use.chunks == 0) {
            users.remove(body.records());
            bytes -= body.records().heapBytes();
            if (use.block != 0) {
                blocks.remove(use.block);
            }
        }
        bytes -= overhead(body);
    }

    private static long overhead(ChunkBody body) {
        return CHUNK_OVERHEAD + body.heapBytes();
    }

    private void evict() {
        while (bytes > budget && head < tail) {
            Chunk chunk = takeOldest();
            ChunkBody body = chunk.body();
            if (body != null) {
                leave(chunk, body);
            }
        }
        while (head < tail && ring[(int) (head & (ring.length - 1))].body() == null) {
            takeOldest();
        }
    }

    private Chunk takeOldest() {
        int at = (int) (head++ & (ring.length - 1));
        Chunk chunk = ring[at];
        ring[at] = null;
        return chunk;
    }

    /** Drops the removed chunks; grows when that does not free half of the ring. */
    private void makeRoom() {
        Chunk[] from = ring;
        int live = 0;
        for (Chunk chunk : from) {
            live += chunk.body() != null ? 1 : 0;
        }
        Chunk[] to = new Chunk[live > from.length / 2 ? from.length * 2 : from.length];
        int n = 0;
        for (long i = head; i < tail; i++) {
            Chunk chunk = from[(int) (i & (from.length - 1))];
            if (chunk.body() != null) {
                to[n++] = chunk;
            }
        }
        ring = to;
        head = 0;
        tail = n;
    }
}
