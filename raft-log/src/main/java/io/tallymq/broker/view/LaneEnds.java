package io.tallymq.broker.view;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Where a queue ended at some moment: the number of the last message of each of its lanes that had any. What came later is beyond. Immutable.
 */
public final class LaneEnds {
    /** The lane of a message is in front of so many bits of its number. */
    public static final int BITS = 55;
    /** In place of a number: there is nothing further. */
    public static final long NONE = -1;

    private final long[] ends;

    /** @param ends ascending, one of a lane */
    public LaneEnds(long... ends) {
        this.ends = ends.clone();
    }

    private static long lane(long seq) {
        return seq >>> BITS;
    }

    /** This message if it is not beyond, else where the next lane begins; {@link #NONE} behind the last. */
    public long from(long seq) {
        for (long end : ends) {
            if (lane(end) >= lane(seq) && end >= seq) {
                return lane(end) == lane(seq) ? seq : lane(end) << BITS;
            }
        }
        return NONE;
    }

    /** Without what comes behind this message. */
    public LaneEnds until(long seq) {
        return new LaneEnds(LongStream.of(ends)
                .filter(end -> lane(end) <= lane(seq))
                .map(end -> Math.min(end, seq))
                .toArray());
    }

    /** Without what is beyond the others. */
    public LaneEnds until(LaneEnds others) {
        return new LaneEnds(LongStream.of(ends)
                .flatMap(end -> LongStream.of(others.ends)
                        .filter(other -> lane(other) == lane(end))
                        .map(other -> Math.min(end, other)))
                .toArray());
    }

    /** The numbers, with commas between them; empty for none. */
    @Override
    public String toString() {
        return Arrays.stream(ends).mapToObj(Long::toString).collect(Collectors.joining(","));
    }
}
