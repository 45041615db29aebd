package io.tallymq.store;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;

/**
 * Which of its chunks the database does not know yet to be removed, in order and queue by queue: each time those that begin in a range of numbers. Who removes the
 * few chunks of one queue does not look through what others acked since the last commit.
 */
final class BatchChanges {
    /** Pairs of the first number and the one behind the last. */
    private static final class Ranges {
        long[] pairs = new long[8];
        int size;

        void add(long from, long to) {
            if (size == pairs.length) {
                pairs = Arrays.copyOf(pairs, 2 * size);
            }
            pairs[size] = from;
            pairs[size + 1] = to;
            size += 2;
        }
    }

    private final Map<Long, Ranges> byQueue = new HashMap<>();
    /** The queue whose chunks were removed last, and mostly are again; null for none. */
    private Ranges last;

    private long lastQueue;

    void removed(long queue, long firstSeq) {
        removed(queue, firstSeq, firstSeq + 1);
    }

    void removed(long queue, long fromSeq, long toSeq) {
        if (last == null || lastQueue != queue) {
            last = byQueue.computeIfAbsent(queue, q -> new Ranges());
            lastQueue = queue;
        }
        last.add(fromSeq, toSeq);
    }

    void clear() {
        byQueue.clear();
        last = null;
    }

    /** How many ranges of a queue {@link #apply} looks at. */
    int of(long queue) {
        Ranges its = byQueue.get(queue);
        return its == null ? 0 : its.size / 2;
    }

    /** Turns committed chunks of a queue into those that the batch leaves. */
    void apply(long queue, NavigableSet<Long> chunks) {
        Ranges its = chunks.isEmpty() ? null : byQueue.get(queue);
        for (int i = 0; its != null && i < its.size; i += 2) {
            remove(chunks, its.pairs[i], its.pairs[i + 1]);
        }
    }

    private static void remove(NavigableSet<Long> chunks, long fromSeq, long toSeq) {
        if (toSeq == fromSeq + 1) {
            chunks.remove(fromSeq);
        } else {
            chunks.subSet(fromSeq, toSeq).clear();
        }
    }
}
