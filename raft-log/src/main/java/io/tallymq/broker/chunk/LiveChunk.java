package io.tallymq.broker.chunk;

import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import java.util.BitSet;

/** A chunk in memory with what is settled of it. */
public final class LiveChunk {
    public final Chunk chunk;
    private BitSet settled;
    private int live;
    /** The settled bits differ from what the store has. */
    public boolean dirty;
    /** The store has settled bits for it. */
    public boolean stored;

    public LiveChunk(Chunk chunk) {
        this.chunk = chunk;
        this.live = chunk.count();
    }

    public LiveChunk(Chunk chunk, byte[] bits) {
        this.chunk = chunk;
        this.settled = BitSet.valueOf(bits);
        this.live = chunk.count() - settled.cardinality();
        this.stored = true;
    }

    public int live() {
        return live;
    }

    /** Whether a message of it is not settled. */
    public boolean isLive(long seq) {
        return live > 0 && (settled == null || !settled.get((int) (seq - chunk.firstSeq())));
    }

    /** Settles [from, to], all of which was live, within the chunk. */
    public void settle(long from, long to) {
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

    /** Hears of each range before {@code end} that is not settled, ascending. */
    public void forEachLive(long end, SeqRanges.Visitor v) {
        if (settled == null) {
            if (end > chunk.firstSeq()) {
                v.range(chunk.firstSeq(), end - 1);
            }
            return;
        }
        int most = (int) (end - chunk.firstSeq());
        for (int at = settled.nextClearBit(0); at < most; at = settled.nextClearBit(at)) {
            int next = settled.nextSetBit(at);
            int to = next < 0 ? most : Math.min(next, most);
            v.range(chunk.firstSeq() + at, chunk.firstSeq() + to - 1);
            at = to;
        }
    }

    public byte[] bits() {
        return settled.toByteArray();
    }

    public void digest(StateDigest d) {
        d.add(chunk.firstSeq()).add((long) chunk.count()).add(chunk.bytes()).add(chunk.shared());
        if (settled != null) {
            d.add(settled.toByteArray());
        }
    }
}
