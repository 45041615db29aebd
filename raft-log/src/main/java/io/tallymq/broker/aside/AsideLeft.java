package io.tallymq.broker.aside;

import io.tallymq.broker.store.MessageStore;
import java.util.ArrayDeque;

/**
 * What deleted queues knew of their messages beside what they knew of all: records, which later entries take out, some each. Nobody sees anything
 * of them, but they count in the {@link AsideTotals}: so which kind goes first is not left to chance.
 */
public final class AsideLeft {
    private final AsideTotals totals;
    private final ArrayDeque<Overlays> overlays = new ArrayDeque<>();
    private final ArrayDeque<Deferred> deferred = new ArrayDeque<>();
    private int records;

    AsideLeft(AsideTotals totals) {
        this.totals = totals;
    }

    public boolean isEmpty() {
        return records == 0;
    }

    public int records() {
        return records;
    }

    void add(Overlays some) {
        if (some.count() > 0) {
            overlays.add(some);
            records += some.count();
        }
    }

    public void add(Deferred some) {
        if (some.count() > 0) {
            deferred.add(some);
            records += some.count();
        }
    }

    /** For the start: headers of a queue that is not there any more. */
    public void restoreOverlay(long queue, long seq, byte[] value, MessageStore store) {
        if (overlays.isEmpty() || overlays.getLast().queue() != queue) {
            overlays.add(new Overlays(queue, store, totals));
        }
        overlays.getLast().restore(seq, value);
        records++;
    }

    /** For the start: a message that such a queue had put aside. Its token is anybody's. */
    public void restoreDeferred(long queue, long seq, byte[] value, MessageStore store) {
        if (deferred.isEmpty() || deferred.getLast().queue() != queue) {
            deferred.add(new Deferred(queue, "", store, totals));
        }
        deferred.getLast().restoreVoid(seq, value);
        records++;
    }

    /** Takes out so many; returns how many these were. */
    public int step(int most) {
        int n = 0;
        for (; n < most && !overlays.isEmpty(); n++) {
            if (overlays.peek().removeLowest()) {
                overlays.poll();
            }
        }
        for (; n < most && !deferred.isEmpty(); n++) {
            Deferred some = deferred.peek();
            some.remove(some.lowest());
            if (some.count() == 0) {
                deferred.poll();
            }
        }
        records -= n;
        return n;
    }
}
