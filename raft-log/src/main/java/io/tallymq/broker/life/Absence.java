package io.tallymq.broker.life;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;

/**
 * When there was no cluster: nobody could use anything then, and what ends for want of use begins anew. The log alone tells. As long as
 * something is due the leader of a cluster that lives adds an entry every few seconds, so a longer pause between the times of two entries
 * is an outage, or a time without a majority.
 */
public final class Absence {
    /** The level of the state from which on it counts. */
    public static final int LEVEL = 5;
    /** The longest pause of a cluster that lives, in milliseconds: an election and the leader's pause are shorter together. */
    static final long LONGEST_PAUSE = 10_000;

    /** Milliseconds since the epoch; 0: never. */
    private long until;

    /**
     * An entry came.
     *
     * @param before time of the one before it; 0 for none
     */
    public void ended(long before, long now) {
        if (before != 0 && now - before > LONGEST_PAUSE) {
            until = now;
        }
    }

    /** When the last one was over, milliseconds since the epoch; 0: there was none. */
    public long until() {
        return until;
    }

    /** Null for nothing. */
    public byte[] encode() {
        return until == 0 ? null : new ByteWriter(10).varint(until).toBytes();
    }

    public void decode(ByteReader r) {
        until = r.varint();
    }

    public void digest(StateDigest d) {
        if (until != 0) {
            d.add(until);
        }
    }
}
