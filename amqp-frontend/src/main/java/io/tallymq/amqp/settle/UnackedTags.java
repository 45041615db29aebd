package io.tallymq.amqp.settle;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/**
 * The delivery tags of a channel that are not settled yet (3.1.9 of the specification: tags are per channel). Runs of tags
 * that stand for runs of one holder's messages are one object, whatever their length; acks in order shorten a run, acks out of
 * order mark bits in it. Event loop only.
 */
public final class UnackedTags {
    /** A run is not extended beyond this, so that its bits stay small. */
    private static final int MAX_RUN = 1 << 15;

    private static final int MIN_CAPACITY = 8;

    /** So many runs are kept without a look at whose they are. */
    private static final int FEW_RUNS = 256;
    /** Room for so many is given back when none is left. */
    private static final int MUCH_ROOM = 4_096;

    private final TagBudget budget;
    /** Runs that the budget knows of. */
    private int counted;

    /** Runs {@code head} to {@code tail - 1}, by tag; null where all of a run is settled. */
    private TagRun[] runs = new TagRun[MIN_CAPACITY];
    /** A tag of each run that none before it reaches, also where the run is settled: any of them is found without a look at those. */
    private long[] firsts = new long[MIN_CAPACITY];

    private int head;
    private int tail;
    private int holes;
    /** Tags that are outstanding, those of {@link #gone} among them. */
    private int size;
    /** Ranges of messages that {@link #forEach} tells of. */
    private int ranges;
    /** What is outstanding and in no run any more. */
    private final GoneTags gone = new GoneTags();
    /** Fewest runs that there were since the last look at whose they are. */
    private int fewest;
    /** Runs whenever something is settled; null for nothing. */
    private Runnable onSettled;

    /** @param budget of the node */
    public UnackedTags(TagBudget budget) {
        this.budget = budget;
    }

    /** Runs the action whenever something is settled. */
    public void onSettled(Runnable action) {
        onSettled = action;
    }

    /** Tags that are not settled. */
    public int size() {
        return size;
    }

    /** How many ranges settling all of it tells of, at most. */
    int ranges() {
        return ranges + gone.ranges();
    }

    /** Tags {@code firstTag} and up, which are above all earlier ones, stand for messages {@code firstSeq} and up. */
    public void add(Holding holder, long firstTag, long firstSeq, int count) {
        size += count;
        holder.sent(count);
        if (tail > head) {
            TagRun last = runs[tail - 1];
            if (last != null
                    && last.holder == holder
                    && last.settled == null
                    && last.first + last.count == firstTag
                    && last.seq + last.count == firstSeq
                    && last.count + count <= MAX_RUN) {
                last.count += count;
                last.open += count;
                return;
            }
        }
        if (tail == runs.length) {
            makeRoom();
        }
        ranges++;
        fewest = Math.min(fewest, used());
        firsts[tail] = firstTag;
        runs[tail++] = new TagRun(holder, firstTag, firstSeq, count);
        if (used() > counted + TagBudget.FEW) {
            count(TagBudget.AT_ONCE);
        }
    }

    private void count(int more) {
        counted += more;
        budget.changed(more);
    }

    /** How many runs there may be beyond those that there are; a reader of a stream may have as many messages, for each can be one. */
    public int room() {
        return budget.mostOfChannel() - used();
    }

    private int used() {
        return tail - head - holes;
    }

    /** Whether there are so many more runs than at the last {@link #gone(Set)} that some of their holders may have gone since. */
    public boolean mayHaveGone() {
        return used() > Math.max(FEW_RUNS, 2 * fewest);
    }

    /** The broker's numbers of those who hold messages. */
    public long[] holders() {
        return Arrays.stream(runs, head, tail)
                .filter(Objects::nonNull)
                .mapToLong(run -> run.holder.number())
                .distinct()
                .toArray();
    }

    /** The broker knows these holders no more: the client may still settle what it has of them, which is all that is kept of it. */
    public void gone(Set<Long> holders) {
        for (int i = head; i < tail; i++) {
            TagRun run = runs[i];
            if (run != null && holders.contains(run.holder.number())) {
                run.forEach((holder, firstSeq, lastSeq) -> {
                    ranges--;
                    gone.add(holder, run.first + (firstSeq - run.seq), run.first + (lastSeq - run.seq));
                });
                runs[i] = null;
                holes++;
            }
        }
        skipHoles();
        compact(runs);
        fewest = used();
    }

    /** Settles one tag; false if it is not outstanding. */
    public boolean settle(long tag, SettleBatch.Sink sink) {
        int at = find(tag);
        if (at < 0) {
            return settleGone(tag, sink);
        }
        if (runs[at].isSettled(tag)) {
            return false;
        }
        TagRun run = runs[at];
        long seq = run.seqOf(tag);
        // A range ends, is cut short or becomes two.
        ranges += (run.isOpen(tag - 1) ? 1 : 0) + (run.isOpen(tag + 1) ? 1 : 0) - 1;
        sink.settled(run.holder, seq, seq);
        settled(run, 1);
        if (run.open == 0) {
            drop(at);
        } else if (tag == run.first) {
            run.dropFirst(1);
            while (run.isSettled(run.first)) {
                run.dropFirst(1);
            }
        } else if (tag == run.first + run.count - 1 && run.settled == null) {
            run.count--;
        } else {
            run.mark(tag);
        }
        return true;
    }

    private boolean settleGone(long tag, SettleBatch.Sink sink) {
        boolean is = gone.settle(tag, sink);
        if (is) {
            settled(1);
        }
        return is;
    }

    private void settleGoneThrough(long tag, SettleBatch.Sink sink) {
        int before = gone.size();
        gone.settleThrough(tag, sink);
        if (gone.size() < before) {
            settled(before - gone.size());
        }
    }

    /** Settles this tag and all below it that are outstanding; false, and nothing settled, if this one is not. */
    public boolean settleUpTo(long tag, SettleBatch.Sink sink) {
        if (gone.contains(tag)) {
            settleThrough(tag, sink);
            return true;
        }
        int at = find(tag);
        if (at < 0 || runs[at].isSettled(tag)) {
            return false;
        }
        for (int i = head; i < at; i++) {
            if (runs[i] != null) {
                settleFirst(runs[i], runs[i].count, sink);
            }
        }
        TagRun run = runs[at];
        settleFirst(run, (int) (tag - run.first) + 1, sink);
        int from = run.open == 0 ? at + 1 : at;
        for (int i = head; i < from; i++) {
            if (runs[i] == null) {
                holes--;
            }
            runs[i] = null;
        }
        head = from;
        skipHoles();
        if (run.open > 0) {
            while (run.isSettled(run.first)) {
                run.dropFirst(1);
            }
        }
        settleGoneThrough(tag, sink);
        return true;
    }

    /** Settles all tags up to this one that are outstanding. */
    void settleThrough(long tag, SettleBatch.Sink sink) {
        int at = head;
        while (at < tail && (runs[at] == null || runs[at].first + runs[at].count - 1 <= tag)) {
            if (runs[at] == null) {
                holes--;
            } else {
                settleFirst(runs[at], runs[at].count, sink);
                runs[at] = null;
            }
            at++;
        }
        if (at < tail && runs[at].first <= tag) {
            TagRun run = runs[at];
            settleFirst(run, (int) (tag - run.first) + 1, sink);
            if (run.open == 0) {
                runs[at++] = null;
            } else {
                while (run.isSettled(run.first)) {
                    run.dropFirst(1);
                }
            }
        }
        head = at;
        skipHoles();
        settleGoneThrough(tag, sink);
    }

    /** Whether the tag is outstanding. */
    boolean contains(long tag) {
        int at = find(tag);
        return at < 0 ? gone.contains(tag) : !runs[at].isSettled(tag);
    }

    /** The highest tag that may be outstanding; 0 for none. */
    long highest() {
        long last = head == tail ? 0 : runs[tail - 1].first + runs[tail - 1].count - 1;
        return Math.max(last, gone.highest());
    }

    /** Tells of all that is outstanding and has a holder, and settles nothing. */
    public void forEach(SettleBatch.Sink sink) {
        for (int i = head; i < tail; i++) {
            if (runs[i] != null) {
                runs[i].forEach(sink);
            }
        }
    }

    /** The same of one holder. */
    public void forEachOf(Holding of, SettleBatch.Sink sink) {
        for (int i = head; i < tail; i++) {
            if (runs[i] != null && runs[i].holder == of) {
                runs[i].forEach(sink);
            }
        }
    }

    /** The first message of a holder that is outstanding, of one whose messages came in order; -1 for none. */
    public long firstOf(Holding of) {
        for (int i = head; i < tail && of.outstanding() > 0; i++) {
            if (runs[i] != null && runs[i].holder == of) {
                return runs[i].seq;
            }
        }
        return -1;
    }

    /** The same of all readers of streams, in one walk; those of whom nothing is outstanding are not in it. */
    public Map<Holding, Long> firstsOfReaders() {
        Map<Holding, Long> firsts = new HashMap<>();
        for (int i = head; i < tail; i++) {
            if (runs[i] != null && runs[i].holder.isReader() && !firsts.containsKey(runs[i].holder)) {
                firsts.put(runs[i].holder, runs[i].seq);
            }
        }
        return firsts;
    }

    /** Who holds tags that are outstanding, by the broker's number; null if none of them is its. */
    public Holding holder(long number) {
        for (int i = head; i < tail; i++) {
            if (runs[i] != null && runs[i].holder.number() == number) {
                return runs[i].holder;
            }
        }
        return null;
    }

    /** Settles what is outstanding, but for tags that are kept. */
    void settleAllBut(LongPredicate kept, SettleBatch.Sink sink) {
        LongStream.Builder others = LongStream.builder();
        gone.forEach((first, last) ->
                LongStream.rangeClosed(first, last).filter(kept.negate()).forEach(others::add));
        for (int i = head; i < tail; i++) {
            TagRun run = runs[i];
            for (int n = 0; run != null && n < run.count; n++) {
                long tag = run.first + n;
                if (!run.isSettled(tag) && !kept.test(tag)) {
                    others.add(tag);
                }
            }
        }
        others.build().forEach(tag -> settle(tag, sink));
    }

    /** Settles all that is outstanding. */
    public void settleAll(SettleBatch.Sink sink) {
        settleGoneThrough(gone.highest(), sink);
        for (int i = head; i < tail; i++) {
            if (runs[i] != null) {
                settleFirst(runs[i], runs[i].count, sink);
            }
        }
        clear();
    }

    /** Forgets all tags. */
    public void clear() {
        runs = new TagRun[MIN_CAPACITY];
        firsts = new long[MIN_CAPACITY];
        head = 0;
        tail = 0;
        holes = 0;
        size = 0;
        ranges = 0;
        fewest = 0;
        count(-counted);
        gone.clear();
    }

    private void settleFirst(TagRun run, int n, SettleBatch.Sink sink) {
        if (run.settled == null) {
            ranges -= n == run.count ? 1 : 0;
            sink.settled(run.holder, run.seq, run.seq + n - 1);
            settled(run, n);
        } else {
            long end = run.first + n;
            for (long tag = run.first; tag < end; tag++) {
                if (!run.isSettled(tag)) {
                    ranges -= run.isOpen(tag + 1) ? 0 : 1;
                    sink.settled(run.holder, run.seqOf(tag), run.seqOf(tag));
                    settled(run, 1);
                }
            }
        }
        run.dropFirst(n);
    }

    private void settled(TagRun run, int n) {
        run.holder.settled(n);
        run.open -= n;
        settled(n);
    }

    private void settled(int n) {
        size -= n;
        if (onSettled != null) {
            onSettled.run();
        }
    }

    /** The run that has this tag, or -1. */
    private int find(long tag) {
        int low = head;
        int high = tail - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (tag < firsts[middle]) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        TagRun run = high < head ? null : runs[high];
        return run != null && tag >= run.first && tag < run.first + run.count ? high : -1;
    }

    private void drop(int at) {
        runs[at] = null;
        holes++;
        skipHoles();
        // One old unacked message would let holes pile up.
        if (holes > MIN_CAPACITY && holes > (tail - head) / 2) {
            compact(runs);
        }
    }

    private void skipHoles() {
        while (head < tail && runs[head] == null) {
            head++;
            holes--;
        }
        while (tail > head && runs[tail - 1] == null) {
            tail--;
            holes--;
        }
        if (head == tail) {
            head = 0;
            tail = 0;
            if (runs.length > MUCH_ROOM) {
                runs = new TagRun[MIN_CAPACITY];
                firsts = new long[MIN_CAPACITY];
            }
        }
        while (counted > 0 && used() < counted - TagBudget.AT_ONCE) {
            count(-TagBudget.AT_ONCE);
        }
    }

    private void makeRoom() {
        compact(used() > runs.length / 2 ? new TagRun[runs.length * 2] : runs);
    }

    private void compact(TagRun[] to) {
        long[] toFirsts = to == runs ? firsts : new long[to.length];
        int n = 0;
        for (int i = head; i < tail; i++) {
            TagRun run = runs[i];
            if (run != null) {
                toFirsts[n] = run.first;
                to[n++] = run;
            }
        }
        if (to == runs) {
            Arrays.fill(runs, n, tail, null);
        }
        runs = to;
        firsts = toFirsts;
        head = 0;
        tail = n;
        holes = 0;
    }
}
