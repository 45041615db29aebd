package io.tallymq.store;

import io.tallymq.broker.Chunk;
import io.tallymq.broker.ChunkBody;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides whose messages stay in memory: those of the chunks that were put or loaded last, up to a number of bytes. First in,
 * first out: a queue is read from one end to the other, so that a body used once is not likelier to be used again.
 *
 * <p>What counts is what is kept alive: an array that several chunks refer to (all chunks of a log entry do) counts once, and
 * whole as long as one of them is left. All methods for any thread.
 */
final class BodyCache {
    /** Bytes on the heap of a chunk's descriptor, body record and route table, without the message bytes; rounded up. */
    static final int CHUNK_OVERHEAD = 160;

    static final int FIRST_CAPACITY = 256;

    private final long budget;
    /** Chunks put since the last commit: their bodies may be the only copy of the messages. */
    private final List<Chunk> uncommitted = new ArrayList<>();
    /** How many chunks of the ring refer to an array. */
    private final Map<byte[], int[]> users = new IdentityHashMap<>();

    private Chunk[] ring = new Chunk[FIRST_CAPACITY];
    private long head;
    private long tail;
    private volatile long bytes;

    /** @param budget bytes; 0 keeps nothing beyond the commit */
    BodyCache(long budget) {
        this.budget = budget;
    }

    /** The bytes that committed and loaded bodies keep alive. */
    long bytes() {
        return bytes;
    }

    /** Places for chunks, for tests. */
    synchronized int capacity() {
        return ring.length;
    }

    /** A chunk was put; its body, if any, stays at least until {@link #commit}. */
    synchronized void put(Chunk chunk) {
        if (chunk.body() != null) {
            uncommitted.add(chunk);
        }
    }

    /** What was put is in the store: from now on it may go. */
    synchronized void commit() {
        for (int i = 0; i < uncommitted.size(); i++) {
            Chunk chunk = uncommitted.get(i);
            ChunkBody body = chunk.body();
            if (body != null) {
                enter(chunk, body);
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
        if (body.bytes().length <= budget) {
            chunk.body(body);
            enter(chunk, body);
            evict();
        }
        return body;
    }

    /** The chunk was removed. Its place in the ring is found empty later. */
    synchronized void remove(Chunk chunk) {
        ChunkBody body = chunk.body();
        if (body != null) {
            leave(chunk, body);
        }
    }

    private void enter(Chunk chunk, ChunkBody body) {
        if (tail - head == ring.length) {
            makeRoom();
        }
        ring[(int) (tail++ & (ring.length - 1))] = chunk;
        int[] n = users.get(body.bytes());
        if (n == null) {
            users.put(body.bytes(), new int[] {1});
            bytes += body.bytes().length;
        } else {
            n[0]++;
        }
        bytes += overhead(chunk);
    }

    private void leave(Chunk chunk, ChunkBody body) {
        chunk.body(null);
        int[] n = users.get(body.bytes());
        if (n == null) {
            return; // put and removed within one commit: never entered
        }
        if (--n[0] == 0) {
            users.remove(body.bytes());
            bytes -= body.bytes().length;
        }
        bytes -= overhead(chunk);
    }

    private static long overhead(Chunk chunk) {
        return CHUNK_OVERHEAD + 4L * chunk.count();
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
