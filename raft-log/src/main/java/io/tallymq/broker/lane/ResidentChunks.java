package io.tallymq.broker.lane;

import io.tallymq.broker.chunk.LiveChunk;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** The chunks of a lane that are in memory: those that were begun, with what is left of them, and some of those that come next. */
public final class ResidentChunks {
    /** The level of the state from which on later entries take out many chunks that are settled together. */
    private static final int LATER = 5;
    /** Octets of a chunk whose messages are looked at that are one more unit of work. */
    private static final int LOOKED_AT = 2_048;
    /** A list of more chunks that changed is given back: the lane may have no use for it any more. */
    private static final int MOST_KEPT = 64;

    private final long queue;
    private final Common common;
    private final IntConsumer begunChange;
    private final TreeMap<Long, LiveChunk> chunks = new TreeMap<>();
    private List<LiveChunk> dirtyChunks = new ArrayList<>();
    /** Body bytes of the live messages of chunks that were begun. */
    private long begunBytes;

    /** @param lastValues whether it is of a queue that keeps last values */
    public ResidentChunks(long queue, Common common, boolean lastValues) {
        this.queue = queue;
        this.common = common;
        this.begunChange = lastValues ? common.residents()::ofLastValuesChange : common.residents()::begunChange;
    }

    public boolean isEmpty() {
        return chunks.isEmpty();
    }

    public int size() {
        return chunks.size();
    }

    /** The number of the first message; there is one. */
    public long first() {
        return chunks.firstKey();
    }

    public long begunBytes() {
        return begunBytes;
    }

    /** For the start. */
    public void begunBytes(long bytes) {
        begunBytes = bytes;
    }

    /** Something of a chunk was given to somebody. */
    public void begun(Chunk chunk) {
        begunBytes += chunk.bytes();
        begunChange.accept(1);
    }

    public void keep(Chunk chunk) {
        chunks.put(chunk.firstSeq(), new LiveChunk(chunk));
        common.residents().more();
    }

    /** For the start: one of which something was given to somebody. */
    void keepBegun(Chunk chunk) {
        keep(chunk);
        begunChange.accept(1);
    }

    /** For the start: those between these boundaries that are not gone for everybody, as {@link #keepBegun}. */
    void keepStored(long from, long to) {
        common.owed().without(queue, common.store().chunks(queue, from, to)).forEach(this::keepBegun);
    }

    /** The chunk of a message, which is here. */
    public Chunk of(long seq) {
        return chunks.floorEntry(seq).getValue().chunk;
    }

    /** The one that begins with this message; null if it is not here. */
    public Chunk beginningAt(long firstSeq) {
        LiveChunk known = chunks.get(firstSeq);
        return known == null ? null : known.chunk;
    }

    /** The chunk of a message; null if it is not here. */
    public Chunk with(long seq) {
        LiveChunk c = liveWith(seq);
        return c == null ? null : c.chunk;
    }

    private LiveChunk liveWith(long seq) {
        Map.Entry<Long, LiveChunk> kept = chunks.floorEntry(seq);
        return kept != null && kept.getValue().chunk.endSeq() > seq ? kept.getValue() : null;
    }

    /** Whether a message is of a chunk that is here, and not gone. */
    public boolean isLive(long seq) {
        LiveChunk c = liveWith(seq);
        return c != null && c.isLive(seq);
    }

    /** The last one that begins before this message, or with it; null for none. */
    public Chunk before(long seq) {
        Map.Entry<Long, LiveChunk> below = chunks.floorEntry(seq);
        return below == null ? null : below.getValue().chunk;
    }

    /** The first one that begins behind this message; null for none. */
    public Chunk behind(long seq) {
        Map.Entry<Long, LiveChunk> above = chunks.higherEntry(seq);
        return above == null ? null : above.getValue().chunk;
    }

    /** Body bytes of live messages. */
    public long bytes(long from, long to) {
        long sum = 0;
        for (LiveChunk live :
                chunks.subMap(chunks.floorKey(from), true, to, true).values()) {
            Chunk c = live.chunk;
            long first = Math.max(from, c.firstSeq());
            long end = Math.min(to + 1, c.endSeq());
            sum += common.sizes().of(c, (int) (first - c.firstSeq()), (int) (end - c.firstSeq()));
        }
        return sum;
    }

    /**
     * About the body bytes of live messages, as far as descriptors tell.
     *
     * @param measures becomes true if the messages would have to be looked at to say it exactly
     */
    public long share(long from, long to, boolean[] measures) {
        long sum = 0;
        Map.Entry<Long, LiveChunk> next = chunks.floorEntry(from);
        while (next != null && next.getKey() <= to) {
            Chunk c = next.getValue().chunk;
            long n = Math.min(to + 1, c.endSeq()) - Math.max(from, c.firstSeq());
            measures[0] |= c.isMixed() && n < c.count();
            sum += c.bytes() * n / c.count();
            next = c.endSeq() > to ? null : chunks.higherEntry(next.getKey());
        }
        return sum;
    }

    /**
     * Units of work that it is at most to find out the exact body bytes of live messages.
     *
     * @param looked the first message of the chunk that was looked at before, whose sizes are known since; becomes that of the last one here
     */
    public int looks(long from, long to, long[] looked) {
        int units = 0;
        for (LiveChunk live :
                chunks.subMap(chunks.floorKey(from), true, to, true).values()) {
            Chunk c = live.chunk;
            if (c.isMixed() && (c.firstSeq() < from || c.endSeq() > to + 1) && c.firstSeq() != looked[0]) {
                units += (int) (c.bytes() / LOOKED_AT);
                looked[0] = c.firstSeq();
            }
        }
        return units;
    }

    /** Hears of what is not gone of [first, last], all of one chunk that was begun. */
    public void forEachLive(long first, long last, SeqRanges.Visitor v) {
        liveWith(first).forEachLive(last + 1, (a, b) -> {
            if (b >= first) {
                v.range(Math.max(a, first), b);
            }
        });
    }

    /** Hears of what is not gone of chunks that were begun; of the one with {@code cursor}, of what is before it. */
    public void forEachLive(long cursor, SeqRanges.Visitor v) {
        for (LiveChunk c : chunks.values()) {
            boolean isNext = c.chunk.firstSeq() <= cursor && cursor < c.chunk.endSeq();
            c.forEachLive(isNext ? cursor : c.chunk.endSeq(), v);
        }
    }

    /** Live messages, all delivered or returned before, are gone. Whole chunks of which there are many are taken out by later entries. */
    public void settle(long from, long to) {
        Chunk first = of(from);
        Chunk last = of(to);
        long begin = first.firstSeq() == from ? from : first.endSeq();
        long end = last.endSeq() == to + 1 ? to + 1 : last.firstSeq();
        if (common.level().getAsInt() < LATER || begin >= end || goNow(begin, end)) {
            settleEach(from, to);
        } else {
            settleEach(from, begin - 1);
            owe(begin, end);
            settleEach(end, to);
        }
    }

    private boolean goNow(long from, long to) {
        int most = common.limits().work().atOnce();
        int n = countUpTo(most + 1, from, to);
        return n <= most && common.owed().goNow(n);
    }

    private int countUpTo(int most, long from, long to) {
        int n = 0;
        for (Iterator<Long> i = chunks.subMap(from, to).keySet().iterator(); n < most && i.hasNext(); i.next()) {
            n++;
        }
        return n;
    }

    /** How many chunks go at once when live messages are gone, or one more than ever do: then later entries take them out. */
    public int goAtOnce(long from, long to) {
        return countUpTo(common.limits().work().atOnce() + 1, from, to + 1);
    }

    /** All of these were live until now, so they follow each other and the store has no settled bits of them. */
    private void owe(long from, long to) {
        for (LiveChunk c : chunks.subMap(from, to).values()) {
            begunChange.accept(-1);
            begunBytes -= c.chunk.bytes();
            common.sizes().forget(c.chunk);
        }
        forget(from, to);
        common.owed().all(queue, new long[] {from, to});
    }

    private void settleEach(long from, long to) {
        long at = from;
        while (at <= to) {
            LiveChunk c = chunks.floorEntry(at).getValue();
            long end = Math.min(to, c.chunk.endSeq() - 1);
            begunBytes -=
                    common.sizes().of(c.chunk, (int) (at - c.chunk.firstSeq()), (int) (end + 1 - c.chunk.firstSeq()));
            c.settle(at, end);
            if (c.live() == 0) {
                remove(c);
            } else if (!c.dirty) {
                c.dirty = true;
                dirtyChunks.add(c);
            }
            at = end + 1;
        }
    }

    private void remove(LiveChunk c) {
        chunks.remove(c.chunk.firstSeq());
        common.residents().less(1);
        begunChange.accept(-1);
        common.store().deleteChunk(c.chunk);
        common.sizes().forget(c.chunk);
        release(c.chunk);
        if (c.stored) {
            common.store().delete(Keys.of(Keys.SETTLED, queue, c.chunk.firstSeq()));
        }
    }

    /** A chunk goes: what it shares with others is one less. */
    public void release(Chunk c) {
        if (c.shared() != 0) {
            common.sharedBodies().release(c.shared());
        }
    }

    /** Those between these boundaries are in memory no more. */
    public void forget(long from, long to) {
        Map<Long, LiveChunk> gone = chunks.subMap(from, to);
        common.residents().less(gone.size());
        gone.clear();
    }

    /** Adds those between these boundaries. */
    public void addTo(Map<Long, Chunk> some, long from, long to) {
        chunks.subMap(from, to).forEach((first, c) -> some.put(first, c.chunk));
    }

    /** The queue is deleted and purged: what is left of the chunks that were begun is another's. */
    public void bequeath(Consumer<TreeMap<Long, LiveChunk>> heir) {
        for (LiveChunk c : dirtyChunks) {
            c.dirty = false;
            if (c.live() > 0) {
                common.store().put(Keys.of(Keys.SETTLED, queue, c.chunk.firstSeq()), c.bits());
            }
        }
        noneIsDirty();
        if (!chunks.isEmpty()) {
            common.residents().less(chunks.size());
            begunChange.accept(-chunks.size());
            heir.accept(new TreeMap<>(chunks));
            chunks.clear();
        }
    }

    /**
     * The queue is deleted and purged: the rest goes.
     *
     * @param later whether it is taken out by later entries
     */
    public void deleteRest(boolean later) {
        if (later && !chunks.isEmpty()) {
            common.owed()
                    .these(queue, chunks.values().stream().map(c -> c.chunk).toList());
            common.residents().less(chunks.size());
            begunChange.accept(-chunks.size());
            chunks.clear();
        } else {
            new ArrayList<>(chunks.values()).forEach(this::remove);
        }
        noneIsDirty();
    }

    public void writeDirty() {
        for (LiveChunk c : dirtyChunks) {
            c.dirty = false;
            if (c.live() > 0) {
                common.store().put(Keys.of(Keys.SETTLED, queue, c.chunk.firstSeq()), c.bits());
                c.stored = true;
            }
        }
        noneIsDirty();
    }

    private void noneIsDirty() {
        if (dirtyChunks.size() > MOST_KEPT) {
            dirtyChunks = new ArrayList<>();
        } else {
            dirtyChunks.clear();
        }
    }

    /** Some messages of this chunk are settled. */
    public void restoreSettled(long firstSeq, byte[] bits) {
        chunks.put(firstSeq, new LiveChunk(chunks.get(firstSeq).chunk, bits));
    }

    /** Those up to the cursor. */
    public void digestBegun(StateDigest d, long cursor) {
        chunks.headMap(cursor).values().forEach(c -> c.digest(d));
    }

    /** Those of these messages. */
    public void digest(StateDigest d, long first, long last) {
        chunks.subMap(first, true, last, true).values().forEach(c -> c.digest(d));
    }
}
