package io.tallymq.broker.queue;

import io.tallymq.broker.lane.Common;
import io.tallymq.broker.store.SeqRuns;

/**
 * What is noted of single messages of a queue, of its keys and of its readers: a record each. Of a queue that went later entries take it out, some each, before
 * they take out the queue. Nobody sees anything of it.
 */
public final class Remains {
    /** The level of the state from which on it counts. */
    private static final int LEVEL = 5;

    private final Queue queue;
    private final Common common;
    private final SeqRuns attempts;
    private final DeadMessages dead;
    private final KeyedLanes keyed;

    /** @param keyed null for none */
    Remains(Queue queue, Common common, SeqRuns attempts, DeadMessages dead, KeyedLanes keyed) {
        this.queue = queue;
        this.common = common;
        this.attempts = attempts;
        this.dead = dead;
        this.keyed = keyed;
    }

    /** How many records there are, if that counts. */
    public int count() {
        if (common.level().getAsInt() < LEVEL) {
            return 0;
        }
        int values = queue.lastValues() == null ? 0 : queue.lastValues().count();
        int readers = queue.isStream() ? queue.streamOffsets().count() : 0;
        return attempts.runs() + dead.runs() + (keyed == null ? 0 : keyed.known()) + values + readers;
    }

    /** The queue went: takes out so many, or all if it has less. Returns how many these were. */
    public int takeOut(int most) {
        int n = delete(most);
        attempts.writeDirty(common.store(), queue.number());
        dead.writeDirty(common.store(), queue.number());
        return n;
    }

    /** The queue is deleted. */
    void deleteAll() {
        delete(Integer.MAX_VALUE);
        queue.gone(0, Long.MAX_VALUE);
    }

    private int delete(int most) {
        int n = attempts.forgetLowest(most);
        n += dead.deleteSome(most - n);
        n += keyed == null ? 0 : keyed.deleteSome(most - n);
        n += queue.isStream() ? queue.streamOffsets().deleteSome(most - n) : 0;
        return n + (queue.lastValues() == null ? 0 : queue.lastValues().deleteSome(most - n));
    }
}
