package io.tallymq.broker.settings;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import java.util.function.IntSupplier;

/** What the arguments of all queues, exchanges, bindings and consumers take together. Counted anew at each start, from what is there. */
public final class ArgumentRoom {
    /** The level of the state from which on there is a limit. */
    private static final int LEVEL = 5;

    private final StateLimits limits;
    private final IntSupplier level;
    private long used;

    /**
     * Made once.
     *
     * @param level of the state
     */
    public ArgumentRoom(StateLimits limits, IntSupplier level) {
        this.limits = limits;
        this.level = level;
    }

    /** Something has come with these. */
    public void came(Arguments arguments) {
        change(ArgumentSize.cost(arguments));
    }

    /** It has gone. */
    public void went(Arguments arguments) {
        change(-ArgumentSize.cost(arguments));
    }

    /** The same, of what knows its cost. */
    public void change(long by) {
        used += by;
    }

    /** Units of all. */
    public long used() {
        return used;
    }

    /** Why there is no room for more; null when there is. What has none is welcome. */
    public Reply.Rejected refusal(Arguments more) {
        return refusal(ArgumentSize.cost(more));
    }

    public Reply.Rejected refusal(long more) {
        return more <= 0 || used + more <= limits.of(StateLimit.ARGUMENTS) || level.getAsInt() < LEVEL
                ? null
                : Reply.limit(limits, StateLimit.ARGUMENTS);
    }
}
