package io.tallymq.raft.log;

import java.util.ArrayDeque;

/**
 * How far the log may be cut so that a given number of bytes stays below the durable position. Remembers one index per
 * {@link #STEP_BYTES} of applied entries. Thread-safe.
 */
final class LogTail {
    static final long STEP_BYTES = 1 << 20;

    private record Mark(long index, long bytes) {}

    private final long keepBytes;
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    private long total;
    private long cut = -1;

    LogTail(long keepBytes) {
        this.keepBytes = keepBytes;
    }

    synchronized void applied(long index, int bytes) {
        total += bytes;
        if (marks.isEmpty() || total - marks.getLast().bytes() >= Math.min(STEP_BYTES, Math.max(1, keepBytes / 8))) {
            marks.addLast(new Mark(index, total));
        }
    }

    /** The last index that may be cut off, never less than before; -1: nothing. */
    synchronized long cutUpTo(long durable) {
        while (!marks.isEmpty()) {
            Mark first = marks.getFirst();
            if (first.index() > durable || total - first.bytes() < keepBytes) {
                break;
            }
            cut = Math.max(cut, first.index());
            marks.removeFirst();
        }
        return cut;
    }

    /** A checkpoint replaced everything up to here. */
    synchronized void installed(long index) {
        marks.clear();
        cut = Math.max(cut, index);
    }
}
