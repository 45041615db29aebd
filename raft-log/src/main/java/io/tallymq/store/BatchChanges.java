package io.tallymq.store;

import java.util.Arrays;
import java.util.NavigableSet;

/** Which of its chunks the database does not know yet to be removed, in order: each time those that begin in a range of numbers. */
final class BatchChanges {
    private static final int FIELDS = 3;

    private long[] changes = new long[64 * FIELDS];
    private int size;

    void removed(long queue, long firstSeq) {
        removed(queue, firstSeq, firstSeq + 1);
    }

    void removed(long queue, long fromSeq, long toSeq) {
        if (size == changes.length) {
            changes = Arrays.copyOf(changes, 2 * size);
        }
        changes[size] = queue;
        changes[size + 1] = fromSeq;
        changes[size + 2] = toSeq;
        size += FIELDS;
    }

    void clear() {
        size = 0;
    }

    /** Turns committed chunks of a queue into those that the batch leaves. */
    void apply(long queue, NavigableSet<Long> chunks) {
        for (int i = 0; i < size; i += FIELDS) {
            if (changes[i] == queue) {
                remove(chunks, changes[i + 1], changes[i + 2]);
            }
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
