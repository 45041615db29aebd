package io.tallymq.store;

import java.util.Arrays;
import java.util.NavigableSet;

/** Which of its chunks the database does not know yet to be removed, in order. */
final class BatchChanges {
    private enum Kind {
        REMOVED,
        /** This one and all with larger numbers. */
        REMOVED_FROM
    }

    private static final Kind[] KINDS = Kind.values();
    private static final int FIELDS = 3;

    private long[] changes = new long[64 * FIELDS];
    private int size;

    void removed(long queue, long firstSeq) {
        add(queue, firstSeq, Kind.REMOVED);
    }

    void removedFrom(long queue, long fromSeq) {
        add(queue, fromSeq, Kind.REMOVED_FROM);
    }

    private void add(long queue, long seq, Kind kind) {
        if (size == changes.length) {
            changes = Arrays.copyOf(changes, 2 * size);
        }
        changes[size] = queue;
        changes[size + 1] = seq;
        changes[size + 2] = kind.ordinal();
        size += FIELDS;
    }

    void clear() {
        size = 0;
    }

    /** Turns committed chunks of a queue into those that the batch leaves. */
    void apply(long queue, NavigableSet<Long> chunks) {
        for (int i = 0; i < size; i += FIELDS) {
            long seq = changes[i + 1];
            if (changes[i] == queue) {
                switch (KINDS[(int) changes[i + 2]]) {
                    case REMOVED -> chunks.remove(seq);
                    case REMOVED_FROM -> chunks.tailSet(seq, true).clear();
                }
            }
        }
    }
}
