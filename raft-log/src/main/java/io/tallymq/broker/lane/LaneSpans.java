package io.tallymq.broker.lane;

import io.tallymq.broker.store.Chunk;

/** Numbers of a lane that stand together, for who looks through it: of one chunk that was begun, or of what nobody was given. */
public final class LaneSpans {
    private final QueueLog lane;

    public LaneSpans(QueueLog lane) {
        this.lane = lane;
    }

    /**
     * Numbers that stand together, from {@code seq} on: of one chunk that was begun, or of what nobody was given. Null when nothing is
     * behind.
     */
    public long[] from(long seq) {
        for (long at = Math.max(seq, lane.base()); at < lane.tail(); ) {
            if (lane.isFresh(at)) {
                return new long[] {at, lane.endOfReady(at)};
            }
            Chunk c = lane.chunks().with(at);
            long bound = at < lane.head() ? lane.head() : lane.begunOutOfTurn().endFrom(at);
            if (c != null) {
                return new long[] {at, Math.min(c.endSeq(), bound) - 1};
            }
            Chunk next = lane.chunks().behind(at);
            at = next == null ? bound : Math.min(next.firstSeq(), bound);
        }
        return null;
    }

    /** The same, up to {@code seq}. */
    public long[] before(long seq) {
        for (long at = Math.min(seq, lane.tail() - 1); at >= lane.base(); ) {
            if (lane.isFresh(at)) {
                long end = lane.begunOutOfTurn() == null
                        ? lane.head()
                        : Math.max(lane.head(), lane.begunOutOfTurn().endBefore(at));
                return new long[] {end, at};
            }
            Chunk c = lane.chunks().with(at);
            if (c != null) {
                return new long[] {c.firstSeq(), at};
            }
            Chunk below = lane.chunks().before(at);
            long bound = (at < lane.head() ? lane.base() : lane.begunOutOfTurn().firstOf(at)) - 1;
            at = below == null ? bound : Math.max(below.endSeq() - 1, bound);
        }
        return null;
    }
}
