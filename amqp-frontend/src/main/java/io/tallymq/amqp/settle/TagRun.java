package io.tallymq.amqp.settle;

/** Tags {@code first} to {@code first + count - 1} stand for sequence numbers from {@code seq} on. Event loop only. */
final class TagRun {
    final Holding holder;
    long first;
    long seq;
    int count;
    /** Tags of the run that are not settled. */
    int open;
    /** Which ones are settled, by distance from {@link #bitsFrom}; null when none is. */
    long[] settled;

    long bitsFrom;

    TagRun(Holding holder, long first, long seq, int count) {
        this.holder = holder;
        this.first = first;
        this.seq = seq;
        this.count = count;
        this.open = count;
    }

    boolean isSettled(long tag) {
        if (settled == null) {
            return false;
        }
        long bit = tag - bitsFrom;
        return (settled[(int) (bit >> 6)] & 1L << (bit & 63)) != 0;
    }

    boolean isOpen(long tag) {
        return tag >= first && tag < first + count && !isSettled(tag);
    }

    void mark(long tag) {
        if (settled == null) {
            settled = new long[(count + 63) >> 6];
            bitsFrom = first;
        }
        long bit = tag - bitsFrom;
        settled[(int) (bit >> 6)] |= 1L << (bit & 63);
    }

    long seqOf(long tag) {
        return seq + (tag - first);
    }

    void dropFirst(int n) {
        first += n;
        seq += n;
        count -= n;
    }

    /** Tells of what is outstanding, in ranges. */
    void forEach(SettleBatch.Sink sink) {
        if (settled == null) {
            if (count > 0) {
                sink.settled(holder, seq, seq + count - 1);
            }
            return;
        }
        for (int from = 0; from < count; from++) {
            if (!isSettled(first + from)) {
                int to = from;
                while (to + 1 < count && !isSettled(first + to + 1)) {
                    to++;
                }
                sink.settled(holder, seq + from, seq + to);
                from = to;
            }
        }
    }
}
