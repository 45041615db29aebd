package io.tallymq.broker.store;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.function.LongPredicate;

/**
 * A number for some messages of a queue. Neighbours with the same number are one run, in memory and in the store: what happens to a
 * million messages at once makes one run, not a million records.
 */
public final class SeqRuns {
    /** What a message has that is in no run. */
    public static final int NONE = -1;

    private record Run(long last, int value) {}

    private final byte keyType;
    private final TreeMap<Long, Run> runs = new TreeMap<>();
    /** First numbers of runs whose record in the store differs. */
    private final TreeMap<Long, Boolean> dirty = new TreeMap<>();

    private long count;

    /** @param keyType of {@link Keys}, for the records: of a queue, by the first number of the run */
    public SeqRuns(byte keyType) {
        this.keyType = keyType;
    }

    public boolean isEmpty() {
        return runs.isEmpty();
    }

    /** How many messages are in a run. */
    public long count() {
        return count;
    }

    /** The lowest number that is in a run; there is one. */
    public long lowest() {
        return runs.firstKey();
    }

    /** The number of this message, or {@link #NONE}. */
    public int at(long seq) {
        Map.Entry<Long, Run> e = runs.floorEntry(seq);
        return e != null && e.getValue().last >= seq ? e.getValue().value : NONE;
    }

    /** The last message of the run that holds {@code seq}, which is in one. */
    public long endOfRun(long seq) {
        return runs.floorEntry(seq).getValue().last;
    }

    /** The first message of the run that holds {@code seq}, which is in one. */
    public long firstOfRun(long seq) {
        return runs.floorKey(seq);
    }

    /** Behind the last run that ends before {@code seq}, which is in none; 0 for none. */
    public long endBefore(long seq) {
        Map.Entry<Long, Run> e = runs.floorEntry(seq);
        return e == null ? 0 : e.getValue().last + 1;
    }

    /** The last message up to which all are in the run of {@code seq}, or all are in none as it is. */
    public long endOfSame(long seq) {
        Map.Entry<Long, Run> e = runs.floorEntry(seq);
        if (e != null && e.getValue().last >= seq) {
            return e.getValue().last;
        }
        Long next = runs.higherKey(seq);
        return next == null ? Long.MAX_VALUE : next - 1;
    }

    /** How many runs there are. */
    public int runs() {
        return runs.size();
    }

    /** Messages get the number that follows theirs. */
    public void change(long from, long to, IntUnaryOperator next) {
        split(from);
        split(to + 1);
        for (long at = from; at <= to; ) {
            Map.Entry<Long, Run> e = runs.ceilingEntry(at);
            if (e == null || e.getKey() > at) {
                long end = e == null ? to : Math.min(to, e.getKey() - 1);
                put(at, end, next.applyAsInt(NONE));
                at = end + 1;
            } else {
                Run run = e.getValue();
                put(at, run.last, next.applyAsInt(run.value));
                at = run.last + 1;
            }
        }
        join(from, to);
    }

    /** These messages are in no run any more. */
    public void forget(long from, long to) {
        if (runs.isEmpty()) {
            return;
        }
        split(from);
        if (to < Long.MAX_VALUE) {
            split(to + 1);
        }
        for (Long at = runs.ceilingKey(from); at != null && at <= to; at = runs.ceilingKey(at)) {
            drop(at);
        }
    }

    /** So many of the lowest runs are no more; returns how many these were. */
    public int forgetLowest(int most) {
        int n = 0;
        for (; n < most && !runs.isEmpty(); n++) {
            drop(runs.firstKey());
        }
        return n;
    }

    /** Makes {@code seq} the first number of its run, if it is in one. */
    private void split(long seq) {
        Map.Entry<Long, Run> e = runs.lowerEntry(seq);
        if (e != null && e.getValue().last >= seq) {
            put(e.getKey(), seq - 1, e.getValue().value);
            put(seq, e.getValue().last, e.getValue().value);
        }
    }

    private void join(long from, long to) {
        Map.Entry<Long, Run> before = runs.lowerEntry(from);
        Map.Entry<Long, Run> left = before != null ? before : runs.firstEntry();
        while (left != null && left.getKey() <= to) {
            Map.Entry<Long, Run> right = runs.higherEntry(left.getKey());
            if (right == null) {
                return;
            }
            if (left.getValue().last + 1 == right.getKey() && left.getValue().value == right.getValue().value) {
                drop(right.getKey());
                put(left.getKey(), right.getValue().last, left.getValue().value);
                left = runs.floorEntry(left.getKey());
            } else {
                left = right;
            }
        }
    }

    private void put(long first, long last, int value) {
        Run before = runs.put(first, new Run(last, value));
        count += last - first + 1 - (before == null ? 0 : before.last - first + 1);
        dirty.put(first, true);
    }

    private void drop(long first) {
        count -= runs.remove(first).last - first + 1;
        dirty.put(first, false);
    }

    /** For the start: runs that begin with such a number are another one's from now on. */
    public void moveTo(SeqRuns other, LongPredicate begins) {
        List<Long> some = runs.keySet().stream().filter(begins::test).toList();
        for (long first : some) {
            Run run = runs.remove(first);
            count -= run.last - first + 1;
            other.put(first, run.last, run.value);
            other.dirty.remove(first);
        }
    }

    public void writeDirty(MessageStore store, long queue) {
        for (Map.Entry<Long, Boolean> e : dirty.entrySet()) {
            byte[] key = Keys.of(keyType, queue, e.getKey());
            if (e.getValue()) {
                Run run = runs.get(e.getKey());
                store.put(
                        key,
                        new ByteWriter(16)
                                .varint(run.last - e.getKey())
                                .varint(run.value)
                                .toBytes());
            } else {
                store.delete(key);
            }
        }
        dirty.clear();
    }

    public void restore(QueueRecords records, long queue) {
        records.scan(keyType, queue, (k, v) -> {
            ByteReader r = new ByteReader(v);
            long first = ByteReader.int64(k, 9);
            put(first, first + r.varint(), (int) r.varint());
            TaggedFields.endRecord(r);
        });
        dirty.clear();
    }

    /** Hears of each run, ascending. */
    public void forEach(SeqRanges.Visitor v) {
        runs.forEach((first, run) -> v.range(first, run.last));
    }

    /** Hears of each run that begins in [from, to], ascending. */
    public void forEach(long from, long to, SeqRanges.Visitor v) {
        runs.subMap(from, true, to, true).forEach((first, run) -> v.range(first, run.last));
    }

    public void digest(StateDigest d) {
        runs.forEach((first, run) -> d.add(first).add(run.last).add((long) run.value));
    }
}
