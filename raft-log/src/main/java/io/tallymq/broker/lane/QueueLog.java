package io.tallymq.broker.lane;

import io.tallymq.broker.chunk.ChunkBuilder;
import io.tallymq.broker.filter.OutOfTurn;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.SeqRuns;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The messages of one lane of a queue in their order. Never delivered ones stand in [cursor, tail); earlier ones
 * are held by somebody, returned and ready again, or gone.
 *
 * <p>Memory does not grow with the backlog: descriptors of chunks are kept for what was delivered and for a window after the
 * cursor. From {@code middle} on only the store knows the chunks; they are contiguous there, so the next one is always found
 * by its first sequence number.
 */
public final class QueueLog {
    /** What was not begun is taken out at once if it is in so few pieces. */
    private static final int FEW_PIECES = 16;

    private final long queue;
    private final int lane;
    private final Common common;
    private final ResidentChunks resident;
    /** Chunks beyond {@code middle} that the store can't yet read back, because they are not committed. */
    private final TreeMap<Long, Chunk> uncommitted = new TreeMap<>();

    /** Those of the queue. */
    private final SeqRuns attempts;

    private final ReturnedMessages returned;
    private long cursor;
    private long tail;
    private long middle;
    private int ahead;
    private final FreshTotals fresh = new FreshTotals();
    /** Chunks behind the cursor's that were begun out of turn; null as long as none ever was. */
    private OutOfTurn outOfTurn;

    /** Changes with everything appended, so that replicas that differ in content differ in their digest. */
    private long contentHash;
    /** The chunk being made of the entry in hand, or null. */
    public ChunkBuilder building;
    /** A message of the entry in hand will be put here. */
    public boolean expects;
    /** The next lane of its queue; null for none. */
    public QueueLog behind;
    /** Of its next message; null for nothing. */
    public KnownExpiry known;

    /**
     * @param lastValues whether the queue keeps last values
     * @param attempts of the queue
     */
    public QueueLog(long queue, int lane, Common common, boolean lastValues, SeqRuns attempts) {
        this.queue = queue;
        this.lane = lane;
        this.common = common;
        this.attempts = attempts;
        this.resident = new ResidentChunks(queue, common, lastValues);
        this.returned = new ReturnedMessages(resident, attempts);
        this.cursor = base();
        this.tail = cursor;
        this.middle = cursor;
    }

    public int lane() {
        return lane;
    }

    /** Its chunks that are in memory. */
    public ResidentChunks chunks() {
        return resident;
    }

    /** What is to be had again. */
    public ReturnedMessages returned() {
        return returned;
    }

    /** The number of its first message ever. */
    public long base() {
        return (long) lane << LaneChain.BITS;
    }

    /** The last of its numbers, past and future. */
    public long last() {
        return base() + ((1L << LaneChain.BITS) - 1);
    }

    /** Whether all its messages are gone, and none comes with the entry in hand. */
    public boolean isEmpty() {
        return cursor == tail && resident.isEmpty() && !isBuilding() && !expects;
    }

    /** Whether it never had a message. */
    public boolean isUnused() {
        return tail == base();
    }

    /** Whether the entry in hand has added something that is no chunk yet. */
    public boolean isBuilding() {
        return building != null && !building.isEmpty();
    }

    /** The first message that nobody was given; the first one kept, of a stream. */
    public long head() {
        return cursor;
    }

    /** Chunks behind the cursor's that were begun out of turn; null as long as none ever was. */
    public OutOfTurn begunOutOfTurn() {
        return outOfTurn;
    }

    /** The number of the next message. */
    public long tail() {
        return tail;
    }

    public long ready() {
        return tail - cursor - (outOfTurn == null ? 0 : outOfTurn.count()) + returned.count();
    }

    /** Body bytes of all messages, held ones included. */
    public long bytes() {
        return fresh.bytes() + resident.begunBytes();
    }

    /** Whether what is next was had by somebody before, or passed over. */
    public boolean hasReturned() {
        return !returned.isEmpty() && (outOfTurn == null || returned.lowest() < cursor);
    }

    /** The chunk takes the next numbers; it must begin at {@link #tail}. */
    public void append(Chunk chunk) {
        if (middle == tail
                && ahead < common.limits().residentAhead()
                && common.residents().haveRoom()) {
            resident.keep(chunk);
            ahead++;
            middle = chunk.endSeq();
        } else {
            uncommitted.put(chunk.firstSeq(), chunk);
        }
        tail = chunk.endSeq();
        expects = false;
        fresh.came(chunk);
        StateDigest content = new StateDigest().add(contentHash).add((long) chunk.count());
        content.add(chunk.bytes());
        contentHash = chunk.hasReports() ? content.add(true).value() : content.value();
        if (chunk.shared() != 0) {
            common.sharedBodies().refer(chunk.shared());
        }
    }

    /** The chunk of the next never delivered message, or null when there is none. */
    public Chunk chunkAtCursor() {
        if (cursor == tail) {
            return null;
        }
        if (cursor == middle) {
            loadNext();
        }
        return resident.of(cursor);
    }

    private void loadNext() {
        Chunk chunk = uncommitted.remove(middle);
        if (chunk == null) {
            chunk = common.store().chunkAt(queue, middle);
        }
        resident.keep(chunk);
        ahead++;
        middle = chunk.endSeq();
    }

    /** All messages of a chunk that has just been appended, behind nothing that was never delivered, are as if they had come back unsent. */
    public void takeIn(Chunk chunk) {
        Chunk next = chunkAtCursor();
        long first = take(next, next.count());
        returned.giveBack(first, first + chunk.count() - 1, Attempts::released);
    }

    /** Where the next never delivered message stands within its chunk. */
    public int cursorIn(Chunk chunk) {
        return (int) (cursor - chunk.firstSeq());
    }

    /** The next n messages, all of one chunk, go to somebody. Returns the first one's number. */
    public long take(Chunk chunk, int n) {
        long from = cursor;
        if (from == chunk.firstSeq()) {
            ahead--;
            fresh.began(chunk);
            resident.begun(chunk);
        }
        cursor += n;
        if (outOfTurn != null) {
            cursor = outOfTurn.passed(cursor);
            middle = Math.max(middle, cursor);
        }
        return from;
    }

    /** The first message from {@code seq} on that is to be had; {@link Long#MAX_VALUE} for none. */
    public long nextReady(long seq) {
        long next = Math.max(seq, cursor);
        next = outOfTurn == null ? next : outOfTurn.endFrom(next);
        return Math.min(returned.ceiling(seq), next < tail ? next : Long.MAX_VALUE);
    }

    /** The last message up to which all are to be had from {@code seq} on, which is. */
    public long endOfReady(long seq) {
        if (isFresh(seq)) {
            return (outOfTurn == null ? tail : outOfTurn.nextFrom(seq, tail)) - 1;
        }
        return returned.endOfSame(seq);
    }

    /** Whether a message that is to be had is in no chunk that was begun. */
    public boolean isFresh(long seq) {
        return seq >= cursor && (outOfTurn == null || !outOfTurn.has(seq));
    }

    /** Chunks in memory of which something was given, or passed over. */
    public int begunChunks() {
        return resident.size() - ahead;
    }

    /**
     * The chunk of a fresh message is begun, out of turn if it is not its: all of it is to be had as what came back is.
     *
     * @param runs of the queue
     */
    public void begin(long seq, SeqRuns runs) {
        Chunk chunk = freshChunk(seq);
        long first = chunk.firstSeq();
        if (first <= cursor) {
            first = take(chunkAtCursor(), (int) (chunk.endSeq() - cursor));
        } else {
            if (first < middle) {
                ahead--;
            } else {
                uncommitted.remove(first);
                resident.keep(chunk);
            }
            fresh.began(chunk);
            resident.begun(chunk);
            outOfTurn = outOfTurn == null ? new OutOfTurn(runs) : outOfTurn;
            outOfTurn.add(first, chunk.endSeq() - 1);
        }
        returned.put(first, chunk.endSeq() - 1);
    }

    /** The chunk of a message that nobody was given: the state has it, or it is committed. */
    public Chunk freshChunk(long seq) {
        if (seq < middle) {
            return resident.of(seq);
        }
        Map.Entry<Long, Chunk> next = uncommitted.floorEntry(seq);
        return next != null && next.getValue().endSeq() > seq
                ? next.getValue()
                : common.store().chunkNear(queue, seq);
    }

    /** The oldest that are ready, of one chunk, at most so many; at least one is ready. They are nobody's then, and {@code gone} hears which. */
    public void takeHead(long most, SeqRanges.Visitor gone) {
        Chunk chunk = headChunk();
        long first;
        long n;
        if (hasReturned()) {
            ReturnedMessages.Run r = returned.take(most, 0);
            first = chunk.firstSeq() + r.from();
            n = r.to() - r.from();
        } else {
            n = Math.min(most, (long) chunk.count() - cursorIn(chunk));
            first = take(chunk, (int) n);
        }
        gone.range(first, first + n - 1);
    }

    /** The chunk of the message that is next, or null when none is ready. */
    public Chunk headChunk() {
        return hasReturned() ? resident.of(returned.lowest()) : chunkAtCursor();
    }

    /** The same without asking the store: null also if only that knows the chunk. */
    public Chunk headInMemory() {
        if (hasReturned()) {
            return resident.of(returned.lowest());
        } else if (cursor == tail) {
            return null;
        }
        return cursor < middle ? resident.of(cursor) : uncommitted.get(cursor);
    }

    /** Where that message stands within its chunk. */
    public int headIn(Chunk chunk) {
        return (int) ((hasReturned() ? returned.lowest() : cursor) - chunk.firstSeq());
    }

    /**
     * Of the chunks in memory, committed or not, the one that has this message, or the first one behind it; null when there is none. Others
     * may be between, in the store: it is not asked here, for who asks holds up what is applied.
     */
    public Chunk chunkNear(long seq) {
        if (seq >= tail) {
            return null;
        }
        Chunk kept = resident.with(seq);
        if (kept != null) {
            return kept;
        }
        Map.Entry<Long, Chunk> next = uncommitted.floorEntry(seq);
        if (next != null && next.getValue().endSeq() > seq) {
            return next.getValue();
        }
        next = uncommitted.higherEntry(seq);
        return Chunk.first(resident.behind(seq), next == null ? null : next.getValue());
    }

    /** Live messages, all delivered or returned before, are gone. */
    public void settle(long from, long to) {
        attempts.forget(from, to);
        resident.settle(from, to);
    }

    /** Chunks of which nothing was delivered, if some refer to shared bodies; else 0: then they go at once, however many. */
    public long sharedAhead() {
        return fresh.areShared() ? fresh.chunks() : 0;
    }

    /**
     * Drops everything ready.
     *
     * @param later whether chunks that refer to shared bodies are taken out by later entries
     */
    public void purge(boolean later) {
        purgeAll(this::settle, pieces -> drop(pieces, later));
    }

    /**
     * Everything ready goes, and others take it out.
     *
     * @param back hears what somebody had, and what is left of a chunk that was begun
     * @param begins hears between which boundaries chunks are of which nothing was delivered, those from one on
     */
    public void purge(SeqRanges.Visitor back, SeqRanges.Visitor begins) {
        purgeAll(back, pieces -> pieces.forEach(begins));
    }

    private void purgeAll(SeqRanges.Visitor begun, Consumer<FreshPieces> rest) {
        purgeBegun(begun);
        if (cursor < tail) {
            FreshPieces pieces = FreshPieces.from(cursor, tail, outOfTurn);
            rest.accept(pieces);
            forgetFresh(pieces);
        }
        cursor = tail;
        middle = tail;
        ahead = 0;
    }

    private void purgeBegun(SeqRanges.Visitor goes) {
        returned.takeAll(goes);
        if (cursor < middle) {
            Chunk c = resident.of(cursor);
            if (c.firstSeq() < cursor) {
                long end = c.endSeq();
                goes.range(cursor, end - 1);
                cursor = end;
            }
        }
    }

    /** Removes all chunks of which nothing was delivered. */
    private void drop(FreshPieces pieces, boolean later) {
        if (fresh.areShared() && later || pieces.count() > FEW_PIECES) {
            common.owed().all(queue, pieces.bounds());
        } else {
            pieces.forEach(this::drop);
        }
    }

    /** Memory has no chunks any more of which nothing was delivered. */
    private void forgetFresh(FreshPieces pieces) {
        pieces.forEachBefore(middle, resident::forget); // beyond that memory has what was begun alone
        uncommitted.clear();
        fresh.none();
    }

    /** All is purged, also what was begun out of turn. */
    public void noneIsOutOfTurn() {
        outOfTurn = null;
    }

    /** The chunks between these boundaries that the store may not have yet. */
    public Map<Long, Chunk> known(long from, long to) {
        Map<Long, Chunk> some = new TreeMap<>(uncommitted.subMap(from, to));
        resident.addTo(some, from, to);
        return some;
    }

    private void drop(long from, long to) {
        for (long at = from; fresh.areShared() && at < to; ) {
            Chunk c = chunkAhead(at);
            resident.release(c);
            at = c.endSeq();
        }
        common.store().deleteChunks(queue, from, to);
    }

    private Chunk chunkAhead(long firstSeq) {
        Chunk c = resident.beginningAt(firstSeq);
        c = c != null ? c : uncommitted.get(firstSeq);
        return c != null ? c : common.store().chunkAt(queue, firstSeq);
    }

    public void encode(ByteWriter w) {
        long head = resident.isEmpty() ? cursor : Math.min(cursor, resident.first());
        w.int64(head).int64(cursor).int64(tail).int64(resident.begunBytes()).int64(contentHash);
        fresh.encode(w);
    }

    /** Restores from what {@link #encode} wrote. */
    public void decode(ByteReader r) {
        long head = r.int64();
        cursor = r.int64();
        tail = r.int64();
        resident.begunBytes(r.int64());
        contentHash = r.int64();
        fresh.decode(r);
        middle = cursor;
        List<Chunk> there = common.owed().without(queue, common.store().chunks(queue, head, cursor));
        for (Chunk c : common.untold().farewells().without(queue, there)) {
            resident.keepBegun(c);
            middle = Math.max(middle, c.endSeq());
        }
    }

    /** Chunks in these numbers were begun out of turn, after {@link #decode}. */
    public void restoreOutOfTurn(long first, long last, SeqRuns runs) {
        outOfTurn = outOfTurn == null ? new OutOfTurn(runs) : outOfTurn;
        outOfTurn.restored(first, last);
        // Nothing of these was purged with what was not begun: a purge forgets them.
        resident.keepStored(first, last + 1);
    }

    /** The settled bits are there: what is left of the chunks that were begun went back, as far as nobody has it. */
    public void restoreReturned() {
        returned.restore(cursor);
    }

    /** What was written can be read. */
    public void committed() {
        uncommitted.clear();
    }

    public void digest(StateDigest d) {
        d.add(cursor)
                .add(tail)
                .add(fresh.shared())
                .add(fresh.bytes())
                .add(resident.begunBytes())
                .add(contentHash);
        resident.digestBegun(d, cursor);
        if (outOfTurn != null) {
            outOfTurn.forEach(cursor, last(), (a, b) -> resident.digest(d, a, b));
        }
    }
}
