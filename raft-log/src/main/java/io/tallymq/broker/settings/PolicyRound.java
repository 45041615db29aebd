package io.tallymq.broker.settings;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import java.util.function.LongUnaryOperator;

/**
 * How far the way round is, once past every queue and exchange, on which they learn of a change of the policies; or once past the holders of one
 * queue. Another change makes it go on until it is back here: so whoever changes policies all the time keeps none of them waiting for ever. Part of the state.
 */
public final class PolicyRound {
    /** There is no number behind this one. */
    public static final long NONE = -1;

    private boolean active;
    /** The last one that was passed; 0 at the beginning. */
    private long at;
    /** Where it ends, once it began anew. */
    private long until;

    private boolean again;

    /** Policies have changed. */
    public void begin() {
        active = true;
        until = at;
        again = false;
    }

    public boolean isActive() {
        return active;
    }

    /**
     * Who is next.
     *
     * @param behind the lowest number behind another one, or {@link #NONE}
     * @return {@link #NONE}: the way is done
     */
    public long next(LongUnaryOperator behind) {
        long number = active ? behind.applyAsLong(at) : NONE;
        if (active && number == NONE && !again) {
            again = true;
            number = behind.applyAsLong(0);
        }
        if (number == NONE || again && number > until) {
            active = false;
            at = 0;
            return NONE;
        }
        at = number;
        return number;
    }

    /** Null when there is nothing to tell. */
    public byte[] encode() {
        return active ? new ByteWriter(20).varint(at).varint(until).bool(again).toBytes() : null;
    }

    /** Takes up what {@link #encode} wrote. */
    public void decode(ByteReader r) {
        active = true;
        at = r.varint();
        until = r.varint();
        again = r.bool();
    }

    public void digest(StateDigest d) {
        if (active) {
            d.add(at).add(until).add(again);
        }
    }
}
