package io.tallymq.broker.lane;

import io.tallymq.broker.filter.OutOfTurn;
import io.tallymq.broker.message.SeqRanges;
import java.util.stream.LongStream;

/**
 * Where the chunks of a lane are of which nothing was delivered: pieces between chunks that were begun out of turn.
 *
 * @param bounds pairs of the first number and the one behind the last, ascending
 */
record FreshPieces(long[] bounds) {
    /**
     * Those from a boundary on, up to the lane's end.
     *
     * @param outOfTurn null for nothing
     */
    static FreshPieces from(long boundary, long tail, OutOfTurn outOfTurn) {
        if (outOfTurn == null) {
            return new FreshPieces(new long[] {boundary, tail});
        }
        long[] at = {outOfTurn.endFrom(boundary)};
        LongStream.Builder all = LongStream.builder();
        if (at[0] < tail) {
            outOfTurn.forEach(at[0], tail - 1, (first, last) -> {
                all.add(at[0]).add(first);
                at[0] = last + 1;
            });
        }
        if (at[0] < tail) {
            all.add(at[0]).add(tail);
        }
        return new FreshPieces(all.build().toArray());
    }

    int count() {
        return bounds.length / 2;
    }

    /** Hears of the boundaries of each. */
    void forEach(SeqRanges.Visitor v) {
        forEachBefore(Long.MAX_VALUE, v);
    }

    /** The same of those that begin before a number. */
    void forEachBefore(long end, SeqRanges.Visitor v) {
        for (int i = 0; i < bounds.length && bounds[i] < end; i += 2) {
            v.range(bounds[i], bounds[i + 1]);
        }
    }
}
