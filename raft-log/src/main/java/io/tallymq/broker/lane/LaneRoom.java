package io.tallymq.broker.lane;

import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;

/**
 * Whether a queue may have one lane more, see {@link StateLimit#LANES}, and where messages go if not: into the nearest of its lanes. So do all that follow, also
 * when there is room again, until the queue is empty: none comes before one of the same priority or key that was published before it.
 */
public final class LaneRoom {
    /** The level of the state from which on there is a limit for all queues together. */
    private static final int LEVEL = 5;

    private final LaneChain chain;
    private final Common common;
    /** Messages may be in other lanes than theirs. */
    private boolean crowded;

    public LaneRoom(LaneChain chain, Common common) {
        this.chain = chain;
        this.common = common;
    }

    /** Where the next message goes that belongs in this lane, of those from first to last. */
    public int take(int lane, int first, int last) {
        int its = instead(lane, first, last);
        expect(its);
        return its;
    }

    /** The next message goes into this lane. */
    public void expect(int lane) {
        if (chain.expect(lane)) {
            common.aside().lanesChange(1);
        }
    }

    /** Where messages go that belong in this lane: another one of these if it is not there and there is no room for it. If none is there it is made. */
    public int instead(int lane, int first, int last) {
        if (chain.isThere(lane) || mayHaveMore()) {
            return lane;
        }
        int nearest = chain.nearest(lane, first, last);
        crowded |= nearest >= 0;
        return nearest < 0 ? lane : nearest;
    }

    /** Where those went that belong in this lane and are not gone. */
    public int before(int lane, int first, int last) {
        int nearest = !crowded || chain.isThere(lane) ? lane : chain.nearest(lane, first, last);
        return nearest < 0 ? lane : nearest;
    }

    /** Whether the queue may have a lane that is not there. */
    public boolean mayHaveMore() {
        if (common.level().getAsInt() < LEVEL) {
            return true;
        }
        if (common.aside().lanes() >= common.limits().state().of(StateLimit.LANES)) {
            return false;
        }
        crowded = crowded && !chain.areEmpty();
        return !crowded;
    }

    /** For the start: its lanes are there. */
    public void restored() {
        common.aside().lanesChange(chain.more());
    }

    /** The queue is deleted. */
    public void leave() {
        common.aside().lanesChange(-chain.more());
    }

    /** Whether messages may be in other lanes than theirs; null if not. */
    public byte[] encode() {
        return crowded ? new ByteWriter(1).bool(true).toBytes() : null;
    }

    /** Takes up what {@link #encode} wrote. */
    public void decode(ByteReader r) {
        crowded = r.bool();
    }

    public void digest(StateDigest d) {
        if (crowded) {
            d.add(true);
        }
    }
}
