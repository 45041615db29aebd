package io.tallymq.broker.aside;

import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/** What messages that rested left behind in deleted queues: their records, which later entries take out, some each. Nobody sees anything of them. */
public final class RestingLeft {
    private final AsideTotals totals;
    private final TreeMap<Long, ArrayDeque<RestingRanges>> byQueue = new TreeMap<>();
    private int ranges;

    RestingLeft(AsideTotals totals) {
        this.totals = totals;
    }

    public boolean isEmpty() {
        return byQueue.isEmpty();
    }

    public int ranges() {
        return ranges;
    }

    /** A queue is deleted and had these. */
    public void add(long queue, RestingRanges some) {
        if (!some.isEmpty()) {
            byQueue.computeIfAbsent(queue, q -> new ArrayDeque<>()).add(some);
            ranges += some.ranges();
        }
    }

    /** For the start: a record of a queue that is not there any more. */
    public void restore(long queue, long first) {
        ArrayDeque<RestingRanges> all = byQueue.computeIfAbsent(queue, q -> new ArrayDeque<>());
        if (all.isEmpty()) {
            all.add(new RestingRanges(totals));
        }
        all.peek().add(first, first, 0, 0);
        ranges++;
    }

    /** Takes out so many; returns how many these were. */
    public int step(int most, MessageStore store) {
        int n = 0;
        for (; n < most && !byQueue.isEmpty(); n++) {
            Map.Entry<Long, ArrayDeque<RestingRanges>> next = byQueue.firstEntry();
            RestingRanges some = next.getValue().peek();
            RestingRanges.Range r = some.first();
            some.remove(r, some.due(), 0);
            ranges--;
            store.delete(Keys.of(Keys.RESTING, next.getKey(), r.first()));
            if (some.isEmpty()) {
                next.getValue().poll();
            }
            if (next.getValue().isEmpty()) {
                byQueue.pollFirstEntry();
            }
        }
        return n;
    }
}
