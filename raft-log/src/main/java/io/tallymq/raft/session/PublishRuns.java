package io.tallymq.raft.session;

import io.tallymq.broker.message.ByteWriter;
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

    /** Returns whether that took another run. */
    boolean add(int ordinal, Mark mark, long seq) {
        int last = size - 1;
        if (last >= 0 && marks[last] == mark && seqs[last] + (ordinal - ordinals[last]) == seq) {
            return false;
        }
        if (size == ordinals.length) {
            ordinals = Arrays.copyOf(ordinals, 2 * size);
            marks = Arrays.copyOf(marks, 2 * size);
            seqs = Arrays.copyOf(seqs, 2 * size);
        }
        ordinals[size] = ordinal;
        marks[size] = mark;
        seqs[size++] = seq;
        return true;
    }

    /** Writes which mark each of so many messages belongs to: see {@link io.tallymq.broker.command.Origins}. */
    void write(ByteWriter w, int messages) {
        w.varint(size);
        for (int i = 0; i < size; i++) {
            int end = i + 1 < size ? ordinals[i + 1] : messages;
            w.varint(end - ordinals[i]).varint(marks[i].position);
        }
    }

    Mark mark(int ordinal) {
        return marks[run(ordinal)];
    }

    long seq(int ordinal) {
        int run = run(ordinal);
        return seqs[run] + (ordinal - ordinals[run]);
    }

    /** Hears of a channel's part in some messages: so many publishes from number {@code seq} on. */
    interface Visitor {
        void part(Mark mark, long seq, int messages);
    }

    /** Tells whose the messages {@code first} to {@code end} (exclusive) are. */
    void forEach(int first, int end, Visitor visitor) {
        int at = first;
        for (int run = run(first); at < end; run++) {
            int to = run + 1 < size ? Math.min(end, ordinals[run + 1]) : end;
            visitor.part(marks[run], seqs[run] + (at - ordinals[run]), to - at);
            at = to;
        }
    }

    private int run(int ordinal) {
        int i = Arrays.binarySearch(ordinals, 0, size, ordinal);
        return i >= 0 ? i : -i - 2;
    }
}
