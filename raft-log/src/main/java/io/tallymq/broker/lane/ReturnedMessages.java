package io.tallymq.broker.lane;

import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.SeqRuns;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Messages of a lane that somebody had, or that were passed over, and that are to be had again, each in its old place and with its record of {@link Attempts}. */
public final class ReturnedMessages {
    private final SeqRanges returned = new SeqRanges();
    private final ResidentChunks chunks;
    /** Those of the queue. */
    private final SeqRuns attempts;
    /** Null for most. */
    private Watcher watcher;

    public ReturnedMessages(ResidentChunks chunks, SeqRuns attempts) {
        this.chunks = chunks;
        this.attempts = attempts;
    }

    /** Hears of all that is to be had again, and of what is not any more. */
    public interface Watcher {
        void came(long first, long last);

        void went(long first, long last);
    }

    /** Of each lane one at most. */
    public void watch(Watcher by) {
        watcher = by;
    }

    private void add(long first, long last) {
        returned.add(first, last);
        if (watcher != null) {
            watcher.came(first, last);
        }
    }

    private void remove(long first, long last, SeqRanges.Visitor removed) {
        returned.remove(first, last, removed);
        if (watcher != null) {
            watcher.went(first, last);
        }
    }

    public boolean isEmpty() {
        return returned.isEmpty();
    }

    public long count() {
        return returned.count();
    }

    public int ranges() {
        return returned.ranges();
    }

    /** The first one from {@code seq} on; {@link Long#MAX_VALUE} for none. */
    public long ceiling(long seq) {
        return returned.ceiling(seq);
    }

    /** The lowest that is ready again; there is one. */
    public long lowest() {
        return returned.lowest();
    }

    /** Whether a message was had by somebody, or passed over, and is ready. */
    public boolean has(long seq) {
        return returned.contains(seq);
    }

    /** The last message up to which {@link #has} is the same. */
    public long endOfSame(long seq) {
        return returned.endOfSame(seq);
    }

    /** Whether to take these messages out of what came back would make it one range more, and it has so many already. */
    public boolean isTooTorn(long first, long last, int most) {
        return returned.ranges() >= most && returned.contains(first - 1) && returned.contains(last + 1);
    }

    public void forEach(SeqRanges.Visitor visitor) {
        returned.forEach(visitor);
    }

    /** Messages ready again, as positions within their chunk. {@code tries}: see {@link Attempts#at}. */
    public record Run(Chunk chunk, int from, int to, int tries) {}

    /**
     * Takes returned messages: the lowest one and what follows it, of one chunk and with as many attempts.
     *
     * @param at all of them are before this number or none
     */
    public Run take(long most, long at) {
        return take(returned.lowest(), returned.lowestRangeEnd(), most, at);
    }

    /** As the other one, from a message on that is to be had and is not fresh. */
    public Run takeAt(long seq, long most, long at) {
        return take(seq, returned.endOfSame(seq), most, at);
    }

    private Run take(long first, long last, long most, long at) {
        Chunk chunk = chunks.of(first);
        long end = Math.min(Math.min(last + 1, chunk.endSeq()), first + Math.min(most, chunk.count()));
        if (first < at) {
            end = Math.min(end, at);
        }
        long next = Math.min(end - 1, attempts.endOfSame(first)) + 1;
        remove(first, next - 1, (a, b) -> {});
        return new Run(chunk, (int) (first - chunk.firstSeq()), (int) (next - chunk.firstSeq()), attempts.at(first));
    }

    /** One that somebody had and that is nobody's and not ready. */
    public Run alone(long seq) {
        Chunk chunk = chunks.of(seq);
        int at = (int) (seq - chunk.firstSeq());
        return new Run(chunk, at, at + 1, attempts.at(seq));
    }

    /** What somebody held is ready again, in its old place; its record of attempts becomes what follows it. */
    public void giveBack(long from, long to, IntUnaryOperator next) {
        add(from, to);
        attempts.change(from, to, next);
    }

    /**
     * Those of some messages that went back die that failed too often.
     *
     * @param limit failures that a message survives
     */
    public void dieOfFailures(long from, long to, long limit, SeqRanges.Visitor gone) {
        for (long at = from; at <= to; ) {
            long end = Math.min(to, attempts.endOfRun(at));
            if (Attempts.failures(attempts.at(at)) > limit) {
                remove(at, end, (a, b) -> {});
                gone.range(at, end);
            }
            at = end + 1;
        }
    }

    /** Hears of ranges of messages with one record of attempts each. */
    public interface AttemptsVisitor {
        void range(long first, long last, int record);
    }

    /** Some messages that have just gone back are not ready, after all. */
    public void takeOut(long from, long to, AttemptsVisitor each) {
        for (long at = from; at <= to; ) {
            long end = Math.min(to, attempts.endOfRun(at));
            int record = attempts.at(at);
            remove(at, end, (a, b) -> each.range(a, b, record));
            at = end + 1;
        }
    }

    /** Messages that went back some time ago are ready now. */
    public void put(long from, long to) {
        add(from, to);
    }

    /** They are not ready any more: somebody has them, or they are about to go. */
    public void isHeld(long from, long to) {
        remove(from, to, (a, b) -> {});
    }

    /** The queue is deleted: what went back goes with what is held. */
    public void clear() {
        takeAll((a, b) -> {});
    }

    /** All go; each range is heard of. */
    public void takeAll(SeqRanges.Visitor goes) {
        List<long[]> again = new ArrayList<>();
        returned.forEach((a, b) -> again.add(new long[] {a, b}));
        returned.clear();
        for (long[] r : again) {
            if (watcher != null) {
                watcher.went(r[0], r[1]);
            }
            goes.range(r[0], r[1]);
        }
    }

    /** For the start: what is left of the chunks that were begun went back, as far as nobody has it. */
    public void restore(long cursor) {
        chunks.forEachLive(cursor, this::add);
    }

    public void digest(StateDigest d) {
        returned.forEach((a, b) -> d.add(a).add(b));
    }
}
