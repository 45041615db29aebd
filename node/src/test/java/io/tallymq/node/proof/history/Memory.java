package io.tallymq.node.proof.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * For how long the broker remembers names: each by itself from its entry on, or what became of all of a producer's since that was used last; which of these came it
 * remembers for ever. Times are the log's.
 */
final class Memory {
    /** Something that used a producer, between two times. */
    private record Use(long from, long to) {}

    private final long millis;
    private final boolean byUse;
    private final Map<String, List<Use>> uses = new HashMap<>();

    private Memory(long millis, boolean byUse) {
        this.millis = millis;
        this.byUse = byUse;
    }

    /** Each id for so long. */
    static Memory ofIds(long window) {
        return new Memory(window, false);
    }

    /** Of each producer all, until it was not used for so long. */
    static Memory ofProducers(long retention) {
        return new Memory(retention, true);
    }

    long millis() {
        return millis;
    }

    /** Whether what is over is told as forgotten; else as never seen. */
    boolean isOfProducers() {
        return byUse;
    }

    /** Something that certainly used the producer. */
    void used(String producer, long from, long to) {
        if (byUse) {
            uses.computeIfAbsent(producer, p -> new ArrayList<>()).add(new Use(from, to));
        }
    }

    /** Whether what was decided at {@code from}, or later, may be decided anew at {@code to}, or earlier. */
    boolean mayBeAnew(String producer, long from, long to) {
        return !byUse && mayForget(producer, from, to);
    }

    /** There are no more uses. */
    void end() {
        uses.values().forEach(of -> of.sort(Comparator.comparingLong(Use::to)));
    }

    /**
     * Whether what was decided at {@code from}, or later, may be forgotten at {@code to}, or earlier. Of producers: whether there can be a time without any
     * use that is long enough. In the order in which uses end at the latest, the first one behind such a time ends behind it, and all before it began before it.
     */
    boolean mayForget(String producer, long from, long to) {
        long used = from;
        for (Use use : uses.getOrDefault(producer, List.of())) {
            if (use.to <= from || use.from >= to) {
                continue;
            }
            if (Math.min(use.to, to) - used >= millis) {
                return true;
            }
            used = Math.max(used, use.from);
        }
        return to - used >= millis;
    }
}
