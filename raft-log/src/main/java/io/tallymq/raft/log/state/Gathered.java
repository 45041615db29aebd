package io.tallymq.raft.log.state;

import io.tallymq.raft.log.config.ApplyTuning;

/** How much was applied that the state has not written yet: it writes in groups. Whoever applies; {@link #isSome} any thread. */
final class Gathered {
    private final ApplyTuning tuning;
    private volatile boolean some;
    private int entries;
    private int bytes;

    Gathered(ApplyTuning tuning) {
        this.tuning = tuning;
    }

    /**
     * One entry more.
     *
     * @return whether that is enough to write it
     */
    boolean add(int entryBytes) {
        entries++;
        bytes += entryBytes;
        some = true;
        return entries >= tuning.flushEntries() || bytes >= tuning.flushBytes();
    }

    /** It is written, or void. */
    void clear() {
        some = false;
        entries = 0;
        bytes = 0;
    }

    boolean isSome() {
        return some;
    }
}
