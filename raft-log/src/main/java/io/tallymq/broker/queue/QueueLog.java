package io.tallymq.broker.queue;

import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * The messages of one queue in their order. Never delivered ones stand in [cursor, tail); earlier ones are held by somebody,
 * returned and ready again, or gone.
 *
 * <p>Memory does not grow with the backlog: descriptors of chunks are kept for what was delivered and for a window after the
 * cursor. From {@code middle} on only the store knows the chunks; they are contiguous there, so the next one is always found
 * by its first sequence number.
 */
public final class QueueLog {
    private final long queue;
    private final MessageStore store;
    private final SharedBodies sharedBodies;
    private final Owed owed;
    private final BodySizes sizes;
    private final MachineLimits limits;
    private final Residents residents;
    private final TreeMap<Long, LiveChunk> resident = new TreeMap<>();
    /** Chunks beyond {@code middle} that the store can't yet read back, because their commit is still to come. */
    private final TreeMap<Long, Chunk> uncommitted = new TreeMap<>();

    private final SeqRuns attempts = new SeqRuns(Keys.ATTEMPTS);
    /** Messages that died and wait for their way to the dead letter exchange, by {@link Death}. */
    private final SeqRuns dead = new SeqRuns(Keys.DEAD);

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
    /** Changes with everything appended, so that replicas that differ in content differ in their digest. */
    private long contentHash;
    /** Some message had a time to live. */
    private boolean mayExpire;

    QueueLog(
            long queue,
            MessageStore store,
            SharedBodies sharedBodies,
            Owed owed,
            BodySizes sizes,
            Residents residents,
            MachineLimits limits) {
        this.sizes = sizes;
        this.limits = limits;
        this.owed = owed;
        this.residents = residents;
        this.queue = queue;
        this.store = store;
        this.sharedBodies = sharedBodies;
    }

    public long tail() {
        return tail;
    }

    public long ready() {
        return tail - cursor + returned.count();
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
            sum += sizes.of(c, (int) (at - c.firstSeq()), (int) (end - c.firstSeq()));
            at = end;
        }
        return sum;
    }

    /** Body bytes of what is assigned now. */
    long bytes(Delivery d) {
        return sizes.of(d.chunk(), d.from(), d.to());
    }

    boolean hasReturned() {
        return !returned.isEmpty();
    }

    /** The chunk takes the next numbers; it must begin at {@link #tail}. */
    public void append(Chunk chunk) {
        if (middle == tail && ahead < limits.residentAhead() && residents.haveRoom()) {
            keep(chunk);
            ahead++;
            middle = chunk.endSeq();
        } else {
            uncommitted.put(chunk.firstSeq(), chunk);
        }
        tail = chunk.endSeq();
        mayExpire |= chunk.earliest() != 0;
        aheadChunks++;
        aheadBytes += chunk.bytes();
        contentHash = new StateDigest()
                .add(contentHash)
                .add((long) chunk.count())
                .add(chunk.bytes())
                .value();
        if (chunk.shared() != 0) {
            aheadShared++;
            sharedBodies.refer(chunk.shared());
        }
    }

    /** Whether a message ever had a time to live. */
    boolean mayExpire() {
        return mayExpire;
    }

    /** For the start. */
    void mayExpire(boolean does) {
        mayExpire = does;
    }

    private void keep(Chunk chunk) {
        resident.put(chunk.firstSeq(), new LiveChunk(chunk));
        residents.more();
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
            chunk = store.chunkAt(queue, middle);
        }
        keep(chunk);
        ahead++;
        middle = chunk.endSeq();
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
        return from;
    }

    /**
     * Takes returned messages: the lowest one and what follows it, of one chunk and with as many attempts.
     *
     * @param at all of them are before this number or none
     */
    Returned takeReturned(long most, long at) {
        long first = returned.lowest();
        Chunk chunk = chunkOf(first);
        long end = Math.min(
                Math.min(returned.lowestRangeEnd() + 1, chunk.endSeq()), first + Math.min(most, chunk.count()));
        if (first < at) {
            end = Math.min(end, at);
        }
        long next = Math.min(end, attempts.endOfRun(first) + 1);
        returned.remove(first, next - 1, (a, b) -> {});
        return new Returned(
                chunk, (int) (first - chunk.firstSeq()), (int) (next - chunk.firstSeq()), attempts.at(first));
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
        if (!returned.isEmpty()) {
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
        return returned.isEmpty() ? chunkAtCursor() : chunkOf(returned.lowest());
    }

    /** Where that message stands within its chunk. */
    int headIn(Chunk chunk) {
        return (int) ((returned.isEmpty() ? cursor : returned.lowest()) - chunk.firstSeq());
    }

    private Chunk chunkOf(long seq) {
        return resident.floorEntry(seq).getValue().chunk;
    }

    /** Messages that are nobody's wait as dead letters. */
    void die(long from, long to, Death why) {
        attempts.forget(from, to);
        dead.change(from, to, before -> why.ordinal());
    }

    boolean hasDead() {
        return !dead.isEmpty();
    }

    long dead() {
        return dead.count();
    }

    /** The first messages that wait as dead letters: of one chunk, and dead for one reason. At most so many; there is one. */
    DeadRun firstDead(int most) {
        long first = dead.lowest();
        Chunk chunk = chunkOf(first);
        long end = Math.min(Math.min(dead.endOfRun(first) + 1, chunk.endSeq()), first + most);
        return new DeadRun(
                chunk, (int) (first - chunk.firstSeq()), (int) (end - chunk.firstSeq()), Death.of(dead.at(first)));
    }

    /** Some dead letters, as positions within their chunk. */
    public record DeadRun(Chunk chunk, int from, int to, Death why) {}

    /** Dead letters have gone where they go. */
    void buried(long from, long to) {
        dead.forget(from, to);
        settle(from, to);
    }

    /** Live messages, all delivered or returned before, are gone. */
    void settle(long from, long to) {
        attempts.forget(from, to);
        long at = from;
        while (at <= to) {
            LiveChunk c = resident.floorEntry(at).getValue();
            long end = Math.min(to, c.chunk.endSeq() - 1);
            begunBytes -= sizes.of(c.chunk, (int) (at - c.chunk.firstSeq()), (int) (end + 1 - c.chunk.firstSeq()));
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
        resident.remove(c.chunk.firstSeq());
        residents.less(1);
        store.deleteChunk(c.chunk);
        sizes.forget(c.chunk);
        release(c.chunk);
        if (c.stored) {
            store.delete(Keys.of(Keys.SETTLED, queue, c.chunk.firstSeq()));
        }
    }

    private void release(Chunk c) {
        if (c.shared() != 0) {
            sharedBodies.release(c.shared());
        }
    }

    /** Drops everything ready; returns how many messages that were. */
    public long purge() {
        long n = ready();
        List<long[]> again = new ArrayList<>();
        returned.forEach((a, b) -> again.add(new long[] {a, b}));
        returned.clear();
        again.forEach(r -> settle(r[0], r[1]));
        if (cursor < middle) {
            LiveChunk c = resident.floorEntry(cursor).getValue();
            if (c.chunk.firstSeq() < cursor) {
                long end = c.chunk.endSeq();
                settle(cursor, end - 1);
                cursor = end;
            }
        }
        dropFrom(cursor);
        cursor = tail;
        middle = tail;
        ahead = 0;
        return n;
    }

    /** Removes all chunks from a boundary on; nothing of them was delivered. */
    private void dropFrom(long boundary) {
        if (boundary == tail) {
            return;
        }
        if (aheadShared > 0 && aheadChunks > limits.work().atOnce()) {
            owed.all(queue, boundary, tail);
        } else {
            for (long at = boundary; aheadShared > 0 && at < tail; ) {
                Chunk c = chunkAhead(at);
                release(c);
                at = c.endSeq();
            }
            store.deleteChunks(queue, boundary);
        }
        residents.less(resident.tailMap(boundary, true).size());
        resident.tailMap(boundary, true).clear();
        uncommitted.clear();
        aheadChunks = 0;
        aheadShared = 0;
        aheadBytes = 0;
    }

    private Chunk chunkAhead(long firstSeq) {
        LiveChunk known = resident.get(firstSeq);
        if (known != null) {
            return known.chunk;
        }
        Chunk c = uncommitted.get(firstSeq);
        return c != null ? c : store.chunkAt(queue, firstSeq);
    }

    /** The queue is deleted: everything goes, held or not. */
    void deleteAll() {
        returned.clear();
        purge();
        if (resident.size() > limits.work().atOnce()) {
            owed.these(queue, resident.values().stream().map(c -> c.chunk).toList());
            residents.less(resident.size());
            resident.clear();
        } else {
            new ArrayList<>(resident.values()).forEach(this::remove);
        }
        attempts.forget(0, Long.MAX_VALUE);
        dead.forget(0, Long.MAX_VALUE);
        dirtyChunks.clear();
        writeDirty();
    }

    void writeDirty() {
        for (LiveChunk c : dirtyChunks) {
            c.dirty = false;
            if (c.live() > 0) {
                store.put(Keys.of(Keys.SETTLED, queue, c.chunk.firstSeq()), c.bits());
                c.stored = true;
            }
        }
        dirtyChunks.clear();
        attempts.writeDirty(store, queue);
        dead.writeDirty(store, queue);
        uncommitted.clear();
    }

    void encode(ByteWriter w) {
        long head = resident.isEmpty() ? cursor : Math.min(cursor, resident.firstKey());
        w.int64(head).int64(cursor).int64(tail).int64(begunBytes).int64(contentHash);
        w.int64(aheadChunks).int64(aheadShared).int64(aheadBytes);
    }

    /** Restores from what {@link #encode} wrote and from the records of settled bits and attempts. */
    void decode(ByteReader r, List<Holder> holders) {
        long head = r.int64();
        cursor = r.int64();
        tail = r.int64();
        begunBytes = r.int64();
        contentHash = r.int64();
        aheadChunks = r.int64();
        aheadShared = r.int64();
        aheadBytes = r.int64();
        middle = cursor;
        for (Chunk c : owed.without(queue, store.chunks(queue, head, cursor))) {
            keep(c);
            middle = Math.max(middle, c.endSeq());
        }
        store.scan(Keys.of(Keys.SETTLED, queue), (k, v) -> {
            long first = ByteReader.int64(k, 9);
            resident.put(first, new LiveChunk(resident.get(first).chunk, v));
        });
        attempts.restore(store, queue);
        dead.restore(store, queue);
        attempts.forEach(returned::add);
        for (Holder h : holders) {
            h.held.forEach((from, to) -> returned.remove(from, to, (a, b) -> {}));
        }
    }

    void digest(StateDigest d) {
        d.add(cursor).add(tail).add(aheadShared).add(aheadBytes).add(begunBytes).add(contentHash);
        resident.headMap(cursor).values().forEach(c -> c.digest(d));
        attempts.digest(d);
        dead.digest(d);
        returned.forEach((a, b) -> d.add(a).add(b));
    }
}
