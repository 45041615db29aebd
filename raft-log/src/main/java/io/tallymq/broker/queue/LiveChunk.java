package io.tallymq.broker.queue;

import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import java.util.BitSet;

/** A chunk in memory with what is settled of it. */
final class LiveChunk {
    final Chunk chunk;
    private BitSet settled;
    private int live;
    /** The settled bits differ from what the store has. */
    boolean dirty;
    /** The store has settled bits for it. */
    boolean stored;

    LiveChunk(Chunk chunk) {
        this.chunk = chunk;
        this.live = chunk.count();
    }

    LiveChunk(Chunk chunk, byte[] bits) {
        this.chunk = chunk;
        this.settled = BitSet.valueOf(bits);
        this.live = chunk.count() - settled.cardinality();
        this.stored = true;
    }

    int live() {
        return live;
    }

    /** Settles [from, to], all of which was live, within the chunk. */
    void settle(long from, long to) {
        int n = (int) (to - from + 1);
        live -= n;
        if (live > 0) {
            if (settled == null) {
                settled = new BitSet(chunk.count());
            }
            int at = (int) (from - chunk.firstSeq());
            settled.set(at, at + n);
        }
    }

    byte[] bits() {
        return settled.toByteArray();
    }

    void digest(StateDigest d) {
        d.add(chunk.firstSeq()).add((long) chunk.count()).add(chunk.bytes()).add(chunk.shared());
        if (settled != null) {
            d.add(settled.toByteArray());
        }
    }
}
