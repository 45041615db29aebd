package io.tallymq.raft.log.state;

import io.tallymq.raft.log.config.LogAmount;
import java.util.ArrayDeque;

/**
 * How much of the log lies behind an index, and how far it may be cut so that a given amount stays. Counts what was
 * applied, and at a start what the store held already; remembers one index per eighth of what is kept. Thread-safe.
 */
public final class LogTail {
    private static final long STEP_BYTES = 1 << 20;
    private static final int STEPS = 8;

    private record Mark(long index, LogAmount at) {}

    private final LogAmount keep;
    private final LogAmount step;
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    private LogAmount total = LogAmount.NONE;
    private LogAmount lastMark = LogAmount.NONE;
    /** What was counted up to {@link #cut}. */
    private LogAmount cutAt = LogAmount.NONE;

    private long cut = -1;

    LogTail(LogAmount keep) {
        this.keep = keep;
        this.step = new LogAmount(
                Math.max(1, Math.min(STEP_BYTES, keep.bytes() / STEPS)), Math.max(1, keep.entries() / STEPS));
    }

    /** In the order of the log; those that the store held at the start as well. */
    synchronized void applied(long index, int bytes) {
        total = total.plus(bytes, 1);
        if (marks.isEmpty() || total.minus(lastMark).reaches(step)) {
            lastMark = total;
            marks.addLast(new Mark(index, total));
        }
    }

    /** All that was counted so far, cut or not. */
    public synchronized LogAmount total() {
        return total;
    }

    /** How much was counted after this index; too much by a step at most. */
    public synchronized LogAmount beyond(long index) {
        LogAmount before = cutAt;
        for (Mark mark : marks) {
            if (mark.index() > index) {
                break;
            }
            before = mark.at();
        }
        return total.minus(before);
    }

    /** The last index that may be cut off, never less than before; -1: nothing. */
    synchronized long cutUpTo(long durable) {
        while (!marks.isEmpty()) {
            Mark first = marks.getFirst();
            if (first.index() > durable || !total.minus(first.at()).reaches(keep)) {
                break;
            }
            cut = Math.max(cut, first.index());
            cutAt = first.at();
            marks.removeFirst();
        }
        return cut;
    }

    /** A checkpoint replaced everything up to here. */
    synchronized void installed(long index) {
        marks.clear();
        lastMark = total;
        cutAt = total;
        cut = Math.max(cut, index);
    }
}
