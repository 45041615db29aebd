package io.tallymq.broker.queue;

import io.tallymq.broker.chunk.ChunkBuilder;
import io.tallymq.broker.chunk.LiveChunk;
import io.tallymq.broker.filter.OutOfTurn;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.SeqRuns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;

/**
 * The messages of one lane of a queue (see {@link Lanes}) in their order. Never delivered ones stand in [cursor, tail); earlier ones
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
    private final TreeMap<Long, LiveChunk> resident = new TreeMap<>();
    /** Chunks beyond {@code middle} that the store can't yet read back, because their commit is still to come. */
    private final TreeMap<Long, Chunk> uncommitted = new TreeMap<>();

    /** Those of the queue. */
    private final SeqRuns attempts;

    private final SeqRanges returned = new SeqRanges();
    private final List<LiveChunk> dirtyChunks = new ArrayList<>();
    private long cursor;
    private long tail;
    private long middle;
    private int ahead;
    /** Chunks of which nothing was delivered, and those of them that refer to a shared body. */
    private long aheadChunks;

    private long aheadShared;
    /** Body bytes of these chunks, and of the live messages of the others. */
    private long aheadBytes;

    private long begunBytes;
    /** Chunks behind the cursor's that were begun out of turn; null as long as none ever was. */
    private OutOfTurn outOfTurn;

    /** Changes with everything appended, so that replicas that differ in content differ in their digest. */
    private long contentHash;
    /** The chunk being made of the entry in hand, or null. */
    ChunkBuilder building;
    /** A message of the entry in hand will be put here. */
    boolean expects;
    /** The next lane of its queue; null for none. */
    QueueLog behind;
    /** As {@link Expiry} knows it; null for nothing. */
    Expiry.Known known;

    QueueLog(long queue, int lane, Common common, SeqRuns attempts) {
        this.queue = queue;
        this.lane = lane;
        this.common = common;
        this.attempts = attempts;
        this.cursor = base();
        this.tail = cursor;
        this.middle = cursor;
    }

    int lane() {
        return lane;
    }

    /** The number of its first message ever. */
    private long base() {
        return (long) lane << Lanes.BITS;
    }

    /** The last of its numbers, past and future. */
    long last() {
        return base() + ((1L << Lanes.BITS) - 1);
    }

    /** Whether all its messages are gone, and none comes with the entry in hand. */
    boolean isEmpty() {
        return cursor == tail && resident.isEmpty() && !isBuilding() && !expects;
    }

    /** Whether it never had a message. */
    boolean isUnused() {
        return tail == base();
    }

    /** Whether the entry in hand has added something that is no chunk yet. */
    boolean isBuilding() {
        return building != null && !building.isEmpty();
    }

    /** The first message that nobody was given; the first one kept, of a stream. */
    long head() {
        return cursor;
    }

    /** The number of the next message. */
    public long tail() {
        return tail;
    }

    public long ready() {
        return tail - cursor - (outOfTurn == null ? 0 : outOfTurn.count()) + returned.count();
    }

    /** Body bytes of all messages, held ones included. */
    long bytes() {
        return aheadBytes + begunBytes;
    }

    /** Body bytes of live messages. */
    long bytes(long from, long to) {
        long sum = 0;
        for (long at = from; at <= to; ) {
            Chunk c = resident.floorEntry(at).getValue().chunk;
            long end = Math.min(to + 1, c.endSeq());
            sum += common.sizes().of(c, (int) (at - c.firstSeq()), (int) (end - c.firstSeq()));
            at = end;
        }
        return sum;
    }

    /** Whether what is next was had by somebody before, or passed over. */
    boolean hasReturned() {
        return !returned.isEmpty() && (outOfTurn == null || returned.lowest() < cursor);
    }

    /** The lowest that is ready again; there is one. */
    long firstReturned() {
        return returned.lowest();
    }

    /** The chunk takes the next numbers; it must begin at {@link #tail}. */
    public void append(Chunk chunk) {
        if (middle == tail
                && ahead < common.limits().residentAhead()
                && common.residents().haveRoom()) {
            keep(chunk);
            ahead++;
            middle = chunk.endSeq();
        } else {
            uncommitted.put(chunk.firstSeq(), chunk);
        }
        tail = chunk.endSeq();
        expects = false;
        aheadChunks++;
        aheadBytes += chunk.bytes();
        StateDigest content = new StateDigest().add(contentHash).add((long) chunk.count());
        content.add(chunk.bytes());
        contentHash = chunk.hasReports() ? content.add(true).value() : content.value();
        if (chunk.shared() != 0) {
            aheadShared++;
            common.sharedBodies().refer(chunk.shared());
        }
    }

    private void keep(Chunk chunk) {
        resident.put(chunk.firstSeq(), new LiveChunk(chunk));
        common.residents().more();
    }

    /** The chunk of the next never delivered message, or null when there is none. */
    Chunk chunkAtCursor() {
        if (cursor == tail) {
            return null;
        }
        if (cursor == middle) {
            loadNext();
        }
        return resident.floorEntry(cursor).getValue().chunk;
    }

    private void loadNext() {
        Chunk chunk = uncommitted.remove(middle);
        if (chunk == null) {
            chunk = common.store().chunkAt(queue, middle);
        }
        keep(chunk);
        ahead++;
        middle = chunk.endSeq();
    }

    /** All messages of a chunk that has just been appended, behind nothing that was never delivered, are as if they had come back unsent. */
    void takeIn(Chunk chunk) {
        Chunk next = chunkAtCursor();
        long first = take(next, next.count());
        giveBack(first, first + chunk.count() - 1, Attempts::released);
    }

    void forEachReturned(SeqRanges.Visitor visitor) {
        returned.forEach(visitor);
    }

    /** Where the next never delivered message stands within its chunk. */
    int cursorIn(Chunk chunk) {
        return (int) (cursor - chunk.firstSeq());
    }

    /** The next n messages, all of one chunk, go to somebody. Returns the first one's number. */
    long take(Chunk chunk, int n) {
        long from = cursor;
        if (from == chunk.firstSeq()) {
            ahead--;
            aheadChunks--;
            aheadShared -= chunk.shared() != 0 ? 1 : 0;
            aheadBytes -= chunk.bytes();
            begunBytes += chunk.bytes();
        }
        cursor += n;
        if (outOfTurn != null) {
            cursor = outOfTurn.passed(cursor);
            middle = Math.max(middle, cursor);
        }
        return from;
    }

    /**
     * Takes returned messages: the lowest one and what follows it, of one chunk and with as many attempts.
     *
     * @param at all of them are before this number or none
     */
    Returned takeReturned(long most, long at) {
        return takeReturned(returned.lowest(), returned.lowestRangeEnd(), most, at);
    }

    private Returned takeReturned(long first, long last, long most, long at) {
        Chunk chunk = chunkOf(first);
        long end = Math.min(Math.min(last + 1, chunk.endSeq()), first + Math.min(most, chunk.count()));
        if (first < at) {
            end = Math.min(end, at);
        }
        long next = Math.min(end - 1, attempts.endOfSame(first)) + 1;
        returned.remove(first, next - 1, (a, b) -> {});
        return new Returned(
                chunk, (int) (first - chunk.firstSeq()), (int) (next - chunk.firstSeq()), attempts.at(first));
    }

    /** One that somebody had and that is nobody's and not ready. */
    Returned alone(long seq) {
        Chunk chunk = chunkOf(seq);
        int at = (int) (seq - chunk.firstSeq());
        return new Returned(chunk, at, at + 1, attempts.at(seq));
    }

    /** Messages ready again, as positions within their chunk. {@code tries}: see {@link Attempts#at}. */
    record Returned(Chunk chunk, int from, int to, int tries) {}

    /** What somebody held is ready again, in its old place; its record of attempts becomes what follows it. */
    void giveBack(long from, long to, IntUnaryOperator next) {
        returned.add(from, to);
        attempts.change(from, to, next);
    }

    /**
     * Those of some messages that went back die that failed too often.
     *
     * @param limit failures that a message survives
     */
    void dieOfFailures(long from, long to, long limit, SeqRanges.Visitor gone) {
        for (long at = from; at <= to; ) {
            long end = Math.min(to, attempts.endOfRun(at));
            if (Attempts.failures(attempts.at(at)) > limit) {
                returned.remove(at, end, (a, b) -> {});
                gone.range(at, end);
            }
            at = end + 1;
        }
    }

    /** Hears of ranges of messages with one record of attempts each. */
    interface AttemptsVisitor {
        void range(long first, long last, int record);
    }

    /** The first message from {@code seq} on that is to be had; {@link Long#MAX_VALUE} for none. */
    long nextReady(long seq) {
        long fresh = Math.max(seq, cursor);
        fresh = outOfTurn == null ? fresh : outOfTurn.endFrom(fresh);
        return Math.min(returned.ceiling(seq), fresh < tail ? fresh : Long.MAX_VALUE);
    }

    /** The last message up to which all are to be had from {@code seq} on, which is. */
    long endOfReady(long seq) {
        if (isFresh(seq)) {
            return (outOfTurn == null ? tail : outOfTurn.nextFrom(seq, tail)) - 1;
        }
        return returned.endOfSame(seq);
    }

    /**
     * Numbers that stand together, from {@code seq} on: of one chunk that was begun, or of what nobody was given. Null when nothing is
     * behind.
     */
    long[] spanFrom(long seq) {
        for (long at = Math.max(seq, base()); at < tail; ) {
            if (isFresh(at)) {
                return new long[] {at, endOfReady(at)};
            }
            LiveChunk c = begunWith(at);
            long bound = at < cursor ? cursor : outOfTurn.endFrom(at);
            if (c != null) {
                return new long[] {at, Math.min(c.chunk.endSeq(), bound) - 1};
            }
            Long next = resident.higherKey(at);
            at = next == null ? bound : Math.min(next, bound);
        }
        return null;
    }

    /** The same, up to {@code seq}. */
    long[] spanBefore(long seq) {
        for (long at = Math.min(seq, tail - 1); at >= base(); ) {
            if (isFresh(at)) {
                long end = outOfTurn == null ? cursor : Math.max(cursor, outOfTurn.endBefore(at));
                return new long[] {end, at};
            }
            LiveChunk c = begunWith(at);
            if (c != null) {
                return new long[] {c.chunk.firstSeq(), at};
            }
            Map.Entry<Long, LiveChunk> below = resident.floorEntry(at);
            long bound = (at < cursor ? base() : outOfTurn.firstOf(at)) - 1;
            at = below == null ? bound : Math.max(below.getValue().chunk.endSeq() - 1, bound);
        }
        return null;
    }

    private LiveChunk begunWith(long seq) {
        Map.Entry<Long, LiveChunk> kept = resident.floorEntry(seq);
        return kept != null && kept.getValue().chunk.endSeq() > seq ? kept.getValue() : null;
    }

    /** Hears of what is not gone of [first, last], all of one chunk that was begun. */
    void forEachLive(long first, long last, SeqRanges.Visitor v) {
        begunWith(first).forEachLive(last + 1, (a, b) -> {
            if (b >= first) {
                v.range(Math.max(a, first), b);
            }
        });
    }

    /** Whether a message was had by somebody, or passed over, and is ready. */
    boolean isReturned(long seq) {
        return returned.contains(seq);
    }

    /** The last message up to which {@link #isReturned} is the same. */
    long endOfSameReturned(long seq) {
        return returned.endOfSame(seq);
    }

    /** Whether a message that is to be had is in no chunk that was begun. */
    boolean isFresh(long seq) {
        return seq >= cursor && (outOfTurn == null || !outOfTurn.has(seq));
    }

    /** Chunks in memory of which something was given, or passed over. */
    int begunChunks() {
        return resident.size() - ahead;
    }

    /** Whether to take these messages out of what came back would make it one range more, and it has so many already. */
    boolean isTooTorn(long first, long last, int most) {
        return returned.ranges() >= most && returned.contains(first - 1) && returned.contains(last + 1);
    }

    /**
     * The chunk of a fresh message is begun, out of turn if it is not its: all of it is to be had as what came back is.
     *
     * @param runs of the queue
     */
    void begin(long seq, SeqRuns runs) {
        Chunk chunk = freshChunk(seq);
        long first = chunk.firstSeq();
        if (first <= cursor) {
            first = take(chunkAtCursor(), (int) (chunk.endSeq() - cursor));
        } else {
            if (first < middle) {
                ahead--;
            } else {
                uncommitted.remove(first);
                keep(chunk);
            }
            aheadChunks--;
            aheadShared -= chunk.shared() != 0 ? 1 : 0;
            aheadBytes -= chunk.bytes();
            begunBytes += chunk.bytes();
            outOfTurn = outOfTurn == null ? new OutOfTurn(runs) : outOfTurn;
            outOfTurn.add(first, chunk.endSeq() - 1);
        }
        returned.add(first, chunk.endSeq() - 1);
    }

    /** The chunk of a message that nobody was given: the state has it, or it is committed. */
    Chunk freshChunk(long seq) {
        if (seq < middle) {
            return resident.floorEntry(seq).getValue().chunk;
        }
        Map.Entry<Long, Chunk> fresh = uncommitted.floorEntry(seq);
        return fresh != null && fresh.getValue().endSeq() > seq
                ? fresh.getValue()
                : common.store().chunkNear(queue, seq);
    }

    /** As the other one, from a message on that is to be had and is not fresh. */
    Returned takeReturnedAt(long seq, long most, long at) {
        return takeReturned(seq, returned.endOfSame(seq), most, at);
    }

    /** Some messages that have just gone back are not ready, after all. */
    void takeReturned(long from, long to, AttemptsVisitor each) {
        for (long at = from; at <= to; ) {
            long end = Math.min(to, attempts.endOfRun(at));
            int record = attempts.at(at);
            returned.remove(at, end, (a, b) -> each.range(a, b, record));
            at = end + 1;
        }
    }

    /** Messages that went back some time ago are ready now. */
    void putReturned(long from, long to) {
        returned.add(from, to);
    }

    /**
     * The oldest that are ready go, of one chunk: as many as are too much, or less. At least one is ready.
     *
     * @param messages how many are too many, 0 or less for none
     * @param bytes how many bytes of bodies are too many, 0 or less for none
     * @param gone hears which went; they are nobody's now
     */
    void dropHead(long messages, long bytes, SeqRanges.Visitor gone) {
        Chunk chunk = headChunk();
        long each = chunk.isMixed() ? 0 : chunk.bytes() / chunk.count();
        long forBytes = bytes <= 0 ? 0 : each == 0 ? 1 : (bytes + each - 1) / each;
        takeHead(Math.max(messages, forBytes), gone);
    }

    /** The oldest that are ready, of one chunk, at most so many; at least one is ready. They are nobody's then, and {@code gone} hears which. */
    void takeHead(long most, SeqRanges.Visitor gone) {
        Chunk chunk = headChunk();
        long first;
        long n;
        if (hasReturned()) {
            Returned r = takeReturned(most, 0);
            first = chunk.firstSeq() + r.from();
            n = r.to() - r.from();
        } else {
            n = Math.min(most, (long) chunk.count() - cursorIn(chunk));
            first = take(chunk, (int) n);
        }
        gone.range(first, first + n - 1);
    }

    /** The chunk of the message that is next, or null when none is ready. */
    Chunk headChunk() {
        return hasReturned() ? chunkOf(returned.lowest()) : chunkAtCursor();
    }

    /** The same without asking the store: null also if only that knows the chunk. */
    Chunk headInMemory() {
        if (hasReturned()) {
            return chunkOf(returned.lowest());
        } else if (cursor == tail) {
            return null;
        }
        return cursor < middle ? resident.floorEntry(cursor).getValue().chunk : uncommitted.get(cursor);
    }

    /** Where that message stands within its chunk. */
    int headIn(Chunk chunk) {
        return (int) ((hasReturned() ? returned.lowest() : cursor) - chunk.firstSeq());
    }

    /**
     * Of the chunks in memory, committed or not, the one that has this message, or the first one behind it; null when there is none. Others
     * may be between, in the store: it is not asked here, for who asks holds up what is applied.
     */
    Chunk chunkNear(long seq) {
        if (seq >= tail) {
            return null;
        }
        Map.Entry<Long, LiveChunk> kept = resident.floorEntry(seq);
        if (kept != null && kept.getValue().chunk.endSeq() > seq) {
            return kept.getValue().chunk;
        }
        Map.Entry<Long, Chunk> fresh = uncommitted.floorEntry(seq);
        if (fresh != null && fresh.getValue().endSeq() > seq) {
            return fresh.getValue();
        }
        kept = resident.higherEntry(seq);
        Chunk near = kept == null ? null : kept.getValue().chunk;
        fresh = uncommitted.higherEntry(seq);
        return Chunk.first(near, fresh == null ? null : fresh.getValue());
    }

    Chunk chunkOf(long seq) {
        return resident.floorEntry(seq).getValue().chunk;
    }

    /** Live messages, all delivered or returned before, are gone. */
    void settle(long from, long to) {
        attempts.forget(from, to);
        long at = from;
        while (at <= to) {
            LiveChunk c = resident.floorEntry(at).getValue();
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

    /** Messages leave that somebody had or could have: {@code reported} hears of those of chunks with reports, the others are gone. */
    void part(long from, long to, SeqRanges.Visitor reported) {
        for (long at = from; at <= to; ) {
            Chunk c = chunkOf(at);
            long end = Math.min(to, c.endSeq() - 1);
            if (c.hasReports()) {
                reported.range(at, end);
            } else {
                settle(at, end);
            }
            at = end + 1;
        }
    }

    private void remove(LiveChunk c) {
        resident.remove(c.chunk.firstSeq());
        common.residents().less(1);
        common.store().deleteChunk(c.chunk);
        common.sizes().forget(c.chunk);
        release(c.chunk);
        if (c.stored) {
            common.store().delete(Keys.of(Keys.SETTLED, queue, c.chunk.firstSeq()));
        }
    }

    private void release(Chunk c) {
        if (c.shared() != 0) {
            common.sharedBodies().release(c.shared());
        }
    }

    /** Chunks of which nothing was delivered, if some refer to shared bodies; else 0: then they go at once, however many. */
    long sharedAhead() {
        return aheadShared > 0 ? aheadChunks : 0;
    }

    /**
     * Drops everything ready.
     *
     * @param later whether chunks that refer to shared bodies are taken out by later entries
     */
    void purge(boolean later) {
        purgeBegun(this::settle);
        if (cursor < tail) {
            long[] pieces = pieces(cursor);
            drop(pieces, later);
            forgetFresh(pieces);
        }
        toTheEnd();
    }

    /**
     * Everything ready goes, and others take it out.
     *
     * @param back hears what somebody had, and what is left of a chunk that was begun
     * @param fresh hears between which boundaries chunks are of which nothing was delivered, those from one on
     */
    void purge(SeqRanges.Visitor back, SeqRanges.Visitor fresh) {
        purgeBegun(back);
        if (cursor < tail) {
            long[] pieces = pieces(cursor);
            for (int i = 0; i < pieces.length; i += 2) {
                fresh.range(pieces[i], pieces[i + 1]);
            }
            forgetFresh(pieces);
        }
        toTheEnd();
    }

    private void purgeBegun(SeqRanges.Visitor goes) {
        List<long[]> again = new ArrayList<>();
        returned.forEach((a, b) -> again.add(new long[] {a, b}));
        returned.clear();
        again.forEach(r -> goes.range(r[0], r[1]));
        if (cursor < middle) {
            LiveChunk c = resident.floorEntry(cursor).getValue();
            if (c.chunk.firstSeq() < cursor) {
                long end = c.chunk.endSeq();
                goes.range(cursor, end - 1);
                cursor = end;
            }
        }
    }

    private void toTheEnd() {
        cursor = tail;
        middle = tail;
        ahead = 0;
    }

    /** Removes all chunks of which nothing was delivered. */
    private void drop(long[] pieces, boolean later) {
        if (aheadShared > 0 && later || pieces.length > 2 * FEW_PIECES) {
            common.owed().all(queue, pieces);
        } else {
            for (int i = 0; i < pieces.length; i += 2) {
                drop(pieces[i], pieces[i + 1]);
            }
        }
    }

    /** Memory has no chunks any more of which nothing was delivered. */
    private void forgetFresh(long[] pieces) {
        for (int i = 0; i < pieces.length; i += 2) {
            Map<Long, LiveChunk> gone = resident.subMap(pieces[i], pieces[i + 1]);
            common.residents().less(gone.size());
            gone.clear();
        }
        if (outOfTurn != null) {
            outOfTurn.clear(cursor, tail - 1);
        }
        uncommitted.clear();
        aheadChunks = 0;
        aheadShared = 0;
        aheadBytes = 0;
    }

    /** The chunks between these boundaries that the store may not have yet. */
    Map<Long, Chunk> known(long from, long to) {
        Map<Long, Chunk> some = new TreeMap<>(uncommitted.subMap(from, to));
        resident.subMap(from, to).forEach((first, c) -> some.put(first, c.chunk));
        return some;
    }

    /** The queue is deleted and purged: what is left of the chunks that were begun is another's. */
    void bequeath(Consumer<TreeMap<Long, LiveChunk>> heir) {
        for (LiveChunk c : dirtyChunks) {
            c.dirty = false;
            if (c.live() > 0) {
                common.store().put(Keys.of(Keys.SETTLED, queue, c.chunk.firstSeq()), c.bits());
            }
        }
        dirtyChunks.clear();
        if (!resident.isEmpty()) {
            common.residents().less(resident.size());
            heir.accept(new TreeMap<>(resident));
            resident.clear();
        }
    }

    /** Pairs of boundaries: between them are the chunks from one on of which nothing was delivered. */
    private long[] pieces(long boundary) {
        if (outOfTurn == null) {
            return new long[] {boundary, tail};
        }
        List<Long> all = new ArrayList<>();
        for (long at = outOfTurn.endFrom(boundary); at < tail; at = outOfTurn.endFrom(at)) {
            all.add(at);
            at = outOfTurn.nextFrom(at, tail);
            all.add(at);
        }
        return all.stream().mapToLong(Long::longValue).toArray();
    }

    private void drop(long from, long to) {
        for (long at = from; aheadShared > 0 && at < to; ) {
            Chunk c = chunkAhead(at);
            release(c);
            at = c.endSeq();
        }
        common.store().deleteChunks(queue, from, to);
    }

    private Chunk chunkAhead(long firstSeq) {
        LiveChunk known = resident.get(firstSeq);
        if (known != null) {
            return known.chunk;
        }
        Chunk c = uncommitted.get(firstSeq);
        return c != null ? c : common.store().chunkAt(queue, firstSeq);
    }

    /** The queue is deleted: what went back goes with what is held. */
    void forgetReturned() {
        returned.clear();
    }

    long chunksInMemory() {
        return resident.size();
    }

    /**
     * The queue is deleted and purged: the rest goes.
     *
     * @param later whether it is taken out by later entries
     */
    void deleteRest(boolean later) {
        if (later && !resident.isEmpty()) {
            common.owed()
                    .these(queue, resident.values().stream().map(c -> c.chunk).toList());
            common.residents().less(resident.size());
            resident.clear();
        } else {
            new ArrayList<>(resident.values()).forEach(this::remove);
        }
        dirtyChunks.clear();
    }

    void writeDirty() {
        for (LiveChunk c : dirtyChunks) {
            c.dirty = false;
            if (c.live() > 0) {
                common.store().put(Keys.of(Keys.SETTLED, queue, c.chunk.firstSeq()), c.bits());
                c.stored = true;
            }
        }
        dirtyChunks.clear();
        uncommitted.clear();
    }

    void encode(ByteWriter w) {
        long head = resident.isEmpty() ? cursor : Math.min(cursor, resident.firstKey());
        w.int64(head).int64(cursor).int64(tail).int64(begunBytes).int64(contentHash);
        w.int64(aheadChunks).int64(aheadShared).int64(aheadBytes);
    }

    /** Restores from what {@link #encode} wrote. */
    void decode(ByteReader r) {
        long head = r.int64();
        cursor = r.int64();
        tail = r.int64();
        begunBytes = r.int64();
        contentHash = r.int64();
        aheadChunks = r.int64();
        aheadShared = r.int64();
        aheadBytes = r.int64();
        middle = cursor;
        List<Chunk> there = common.owed().without(queue, common.store().chunks(queue, head, cursor));
        for (Chunk c : common.untold().farewells().without(queue, there)) {
            keep(c);
            middle = Math.max(middle, c.endSeq());
        }
    }

    /** Chunks in these numbers were begun out of turn, after {@link #decode}. */
    void restoreOutOfTurn(long first, long last, SeqRuns runs) {
        outOfTurn = outOfTurn == null ? new OutOfTurn(runs) : outOfTurn;
        outOfTurn.restored(first, last);
        // Nothing of these was purged with what was not begun: a purge forgets them.
        common.store().chunks(queue, first, last + 1).forEach(this::keep);
    }

    /** The settled bits are there: what is left of the chunks that were begun went back, as far as nobody has it. */
    void restoreReturned() {
        for (LiveChunk c : resident.values()) {
            boolean isNext = c.chunk.firstSeq() <= cursor && cursor < c.chunk.endSeq();
            c.forEachLive(isNext ? cursor : c.chunk.endSeq(), returned::add);
        }
    }

    /** Some messages of this chunk are settled. */
    void restoreSettled(long firstSeq, byte[] bits) {
        resident.put(firstSeq, new LiveChunk(resident.get(firstSeq).chunk, bits));
    }

    /** They are not ready any more: somebody has them, or they are about to go. */
    void isHeld(long from, long to) {
        returned.remove(from, to, (a, b) -> {});
    }

    void digest(StateDigest d) {
        d.add(cursor).add(tail).add(aheadShared).add(aheadBytes).add(begunBytes).add(contentHash);
        resident.headMap(cursor).values().forEach(c -> c.digest(d));
        if (outOfTurn != null) {
            outOfTurn.forEach(cursor, last(), (a, b) -> resident.subMap(a, true, b, true)
                    .values()
                    .forEach(c -> c.digest(d)));
        }
    }

    void digestReturned(StateDigest d) {
        returned.forEach((a, b) -> d.add(a).add(b));
    }
}
