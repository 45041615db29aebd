package io.tallymq.broker.queue;

import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.LaneChain;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.QueueRecords;
import io.tallymq.broker.store.SeqRuns;
import java.util.Arrays;

/** Messages of a queue that are picked from its middle, by a filter or for another queue: chunks are begun that were not next. */
public final class Picking {
    /** Of a lane so many chunks may be begun out of turn: this part of what one consumer may hold. */
    private static final int BEGUN_PART = 5;
    /** The level of the state from which on later entries take out many records of that. */
    private static final int LATER = 5;

    private final LaneChain lanes;
    private final Partings partings;
    private final Common common;
    /** Chunks that were begun out of turn; null as long as none ever was. */
    private SeqRuns begun;

    Picking(LaneChain lanes, Partings partings, Common common) {
        this.lanes = lanes;
        this.partings = partings;
        this.common = common;
    }

    /**
     * Messages that are to be had.
     *
     * @param chunk all of them are in it; null: they can not be taken out of turn, the lane has been begun in too many places
     */
    public record Run(Chunk chunk, long first, long last) {}

    /** What is to be had of [from, to]: at most so many ranges, as pairs of first and last. */
    public long[] ready(long from, long to, int most) {
        long[] found = new long[2 * most];
        int n = 0;
        for (QueueLog lane = lanes.first(); lane != null && n < found.length; lane = lanes.after(lane)) {
            long last = Math.min(to, lane.tail() - 1);
            for (long at = lane.nextReady(from);
                    at <= last && n < found.length;
                    at = lane.nextReady(found[n - 1] + 1)) {
                found[n++] = at;
                found[n++] = Math.min(last, lane.endOfReady(at));
            }
        }
        return Arrays.copyOf(found, n);
    }

    /** The first of what is to be had of [from, to], and what follows it in its chunk; null for none. */
    public Run next(long from, long to) {
        for (QueueLog lane = lanes.first(); lane != null; lane = lanes.after(lane)) {
            long next = lane.last() < from ? Long.MAX_VALUE : lane.nextReady(from);
            if (next <= Math.min(to, lane.tail() - 1)) {
                return next(lane, next, to);
            }
        }
        return null;
    }

    private Run next(QueueLog lane, long seq, long to) {
        boolean fresh = lane.isFresh(seq);
        long end = Math.min(to, lane.endOfReady(seq));
        if (fresh && areBegunTooOften(lane)
                || !fresh && lane.returned().isTooTorn(seq, seq, common.limits().mostHeld())) {
            return new Run(null, seq, end);
        }
        Chunk chunk = fresh ? lane.freshChunk(seq) : lane.chunks().of(seq);
        return new Run(chunk, seq, Math.min(end, chunk.endSeq() - 1));
    }

    /** Messages that are to be had are gone: somebody has taken them elsewhere. */
    public void leave(long first, long last) {
        partings.unacked(first, last);
        QueueLog lane = lanes.having(first);
        for (long at = first; at <= last; ) {
            if (lane.isFresh(at)) {
                begin(lane, at);
            }
            // Of the chunk that is next some may have come back, and the rest is still to be begun.
            long end = Math.min(
                    Math.min(last, lane.endOfReady(at)), lane.chunks().of(at).endSeq() - 1);
            lane.returned().isHeld(at, end);
            partings.settle(at, end);
            at = end + 1;
        }
    }

    /** A message that nobody was given may be taken: as {@link QueueLog#begin}. */
    void begin(QueueLog lane, long seq) {
        lane.begin(seq, begun());
    }

    private SeqRuns begun() {
        if (begun == null) {
            begun = new SeqRuns(Keys.OUT_OF_TURN);
        }
        return begun;
    }

    /** Whether a lane has been begun in so many places that it would be too much to begin another chunk. */
    boolean areBegunTooOften(QueueLog lane) {
        int most = common.limits().mostHeld() / BEGUN_PART;
        return lane.begunChunks() >= most || begun != null && begun.runs() >= most;
    }

    /** The lanes are purged: there is nothing before which something was begun. Many records of it later entries take out. */
    void purged(long queue) {
        for (QueueLog lane = lanes.first(); lane != null; lane = lanes.after(lane)) {
            lane.noneIsOutOfTurn();
        }
        if (begun == null) {
            return;
        }
        if (begun.runs() > common.limits().work().atOnce() && common.level().getAsInt() >= LATER) {
            begun.writeDirty(common.store(), queue); // so that a start finds as many
            common.aside().pickedLeft().add(queue, begun);
            begun = null;
        } else {
            begun.forget(0, Long.MAX_VALUE);
        }
    }

    void writeDirty(long queue) {
        if (begun != null) {
            begun.writeDirty(common.store(), queue);
        }
    }

    /** The lanes know where they are: what is before that a purge left. */
    void restore(long queue, QueueRecords records) {
        SeqRuns stored = new SeqRuns(Keys.OUT_OF_TURN);
        SeqRuns left = new SeqRuns(Keys.OUT_OF_TURN);
        stored.restore(records, queue);
        stored.moveTo(left, first -> first < lanes.having(first).head());
        common.aside().pickedLeft().add(queue, left);
        if (!stored.isEmpty()) {
            begun = stored;
            stored.forEach((from, to) -> lanes.having(from).restoreOutOfTurn(from, to, stored));
        }
    }

    /** For the start: what a queue left that is not there any more. */
    public static void restoreLeft(long queue, QueueRecords records, Common common) {
        SeqRuns left = new SeqRuns(Keys.OUT_OF_TURN);
        left.restore(records, queue);
        common.aside().pickedLeft().add(queue, left);
    }

    void digest(StateDigest d) {
        if (begun != null) {
            begun.digest(d);
        }
    }
}
