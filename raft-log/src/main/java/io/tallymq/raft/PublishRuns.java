package io.tallymq.raft;

import java.util.Arrays;

/**
 * Which message of a batch is which publish of which channel. Only asked for refused and returned messages, so it stores
 * runs: consecutive messages of one channel.
 */
final class PublishRuns {
    private int[] ordinals = new int[8];
    private Mark[] marks = new Mark[8];
    private long[] seqs = new long[8];
    private int size;

    void add(int ordinal, Mark mark, long seq) {
        int last = size - 1;
        if (last >= 0 && marks[last] == mark && seqs[last] + (ordinal - ordinals[last]) == seq) {
            return;
        }
        if (size == ordinals.length) {
            ordinals = Arrays.copyOf(ordinals, 2 * size);
            marks = Arrays.copyOf(marks, 2 * size);
            seqs = Arrays.copyOf(seqs, 2 * size);
        }
        ordinals[size] = ordinal;
        marks[size] = mark;
        seqs[size++] = seq;
    }

    Mark mark(int ordinal) {
        return marks[run(ordinal)];
    }

    long seq(int ordinal) {
        int run = run(ordinal);
        return seqs[run] + (ordinal - ordinals[run]);
    }

    private int run(int ordinal) {
        int i = Arrays.binarySearch(ordinals, 0, size, ordinal);
        return i >= 0 ? i : -i - 2;
    }
}
