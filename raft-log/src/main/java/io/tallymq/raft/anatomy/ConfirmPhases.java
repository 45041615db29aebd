package io.tallymq.raft.anatomy;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The phases of the confirms that a node had a part in. Any thread. */
public final class ConfirmPhases {
    private final Map<Phase, Times> phases = new EnumMap<>(Phase.class);

    /** @param nanoTime as {@link System#nanoTime} */
    public ConfirmPhases(LongSupplier nanoTime) {
        for (Phase phase : Phase.values()) {
            phases.put(phase, new Times(nanoTime));
        }
    }

    public Times of(Phase phase) {
        return phases.get(phase);
    }
}
