package io.tallymq.broker.lane;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import java.util.Arrays;

/** How far a consumer's client is in each lane of its queue: numbers behind the highest message that it let go of and may have been sent. */
public final class Passed {
    private static final long[] NOWHERE = {};

    /** In the first of these lanes; 0 for none. */
    private long first;
    /** In the others, ascending. */
    private long[] more = NOWHERE;

    /** The client may have been sent the message {@code highest}, and it let go of it. */
    public void add(long highest) {
        if (first == 0 || LaneChain.lane(first - 1) == LaneChain.lane(highest)) {
            first = Math.max(first, highest + 1);
            return;
        }
        int i = 0;
        while (i < more.length && LaneChain.lane(more[i] - 1) < LaneChain.lane(highest)) {
            i++;
        }
        if (i < more.length && LaneChain.lane(more[i] - 1) == LaneChain.lane(highest)) {
            more[i] = Math.max(more[i], highest + 1);
        } else {
            insert(i, highest + 1);
        }
    }

    private void insert(int i, long end) {
        long[] longer = Arrays.copyOf(more, more.length + 1);
        System.arraycopy(more, i, longer, i + 1, more.length - i);
        longer[i] = end;
        more = longer;
        if (end < first) {
            longer[0] = first;
            first = end;
        }
    }

    /** The highest of the numbers up to {@code end}; 0 for none. */
    public long upTo(long end) {
        for (int i = more.length - 1; i >= 0; i--) {
            if (more[i] <= end) {
                return more[i];
            }
        }
        return first <= end ? first : 0;
    }

    /** In the first of the lanes that it has been in; 0 for none. */
    public long first() {
        return first;
    }

    /** What {@link #first} leaves out; null for nothing. */
    public byte[] encodeMore() {
        if (more.length == 0) {
            return null;
        }
        ByteWriter w = new ByteWriter(10 * more.length);
        for (long end : more) {
            w.varint(end);
        }
        return w.toBytes();
    }

    /** Takes up {@link #first}. */
    public void decode(long one) {
        first = one;
    }

    /** Takes up what {@link #encodeMore} wrote. */
    public void decodeMore(ByteReader r) {
        while (r.hasRemaining()) {
            add(r.varint() - 1);
        }
    }

    /** Adds it up. */
    public void digest(StateDigest d) {
        d.add(first);
        for (long end : more) { // else programs that do not know of lanes have the same digest
            d.add(end);
        }
    }
}
