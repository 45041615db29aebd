package io.tallymq.broker.filter;

import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.store.SeqRuns;

/**
 * Chunks of one lane of a queue that were begun out of turn: the lane's next message nobody was given yet is before them, and what is left
 * of them is to be had as what came back is. Only their numbers are kept here, also of those that are gone by now.
 */
public final class OutOfTurn {
    private final SeqRuns runs;
    /** Numbers of this lane. */
    private long count;

    /** @param runs those of the queue: all lanes have them together, and the store */
    public OutOfTurn(SeqRuns runs) {
        this.runs = runs;
    }

    /** How many numbers these are. */
    public long count() {
        return count;
    }

    public boolean has(long seq) {
        return runs.at(seq) != SeqRuns.NONE;
    }

    /** The first number from {@code seq} on that is none of these. */
    public long endFrom(long seq) {
        return has(seq) ? runs.endOfRun(seq) + 1 : seq;
    }

    /** The first number from {@code seq} on that is one of these, if it is before {@code end}; else that. */
    public long nextFrom(long seq, long end) {
        return has(seq) ? seq : Math.min(end - 1, runs.endOfSame(seq)) + 1;
    }

    /** Behind the last of these that is before {@code seq}, which is none; 0 if none is. */
    public long endBefore(long seq) {
        return runs.endBefore(seq);
    }

    /** The first of the run that has {@code seq}, which is one of these. */
    public long firstOf(long seq) {
        return runs.firstOfRun(seq);
    }

    /** A chunk is begun. */
    public void add(long first, long last) {
        runs.change(first, last, before -> 0);
        count += last - first + 1;
    }

    /** For the start: the lane has these. */
    public void restored(long first, long last) {
        count += last - first + 1;
    }

    /** The lane's next message would be this one. Returns which it is: what was begun is behind it then, as all that had its turn. */
    public long passed(long seq) {
        long end = endFrom(seq);
        if (end > seq) {
            clear(seq, end - 1);
        }
        return end;
    }

    /** The lane is beyond all of them. */
    public void clear(long first, long last) {
        forEach(first, last, (a, b) -> count -= b - a + 1);
        runs.forget(first, last);
    }

    /** Hears of each run of them that begins in [first, last], ascending. */
    public void forEach(long first, long last, SeqRanges.Visitor v) {
        runs.forEach(first, last, v);
    }
}
