package io.tallymq.broker.queue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * How often the messages of a queue that went back were tried. Neighbours with the same record are one run, in memory and in
 * the store: a consumer that goes with a million messages makes one run of them, not a million records. A message that never
 * went back has no record.
 */
final class Attempts {
    /** No record: the message never went back. */
    static final int NONE = -1;
    /** It was assigned and went back before its client was sent it. */
    static final int NEVER_SENT = 0;

    private record Run(long last, int tries) {}

    private final TreeMap<Long, Run> runs = new TreeMap<>();
    /** First numbers of runs whose record in the store differs. */
    private final TreeMap<Long, Boolean> dirty = new TreeMap<>();

    /** {@link #NONE}, {@link #NEVER_SENT}, or one more than the number of failed attempts. */
    int at(long seq) {
        Map.Entry<Long, Run> e = runs.floorEntry(seq);
        return e != null && e.getValue().last >= seq ? e.getValue().tries : NONE;
    }

    /** The last number of the run that holds {@code seq}, which has a record. */
    long endOfRun(long seq) {
        return runs.floorEntry(seq).getValue().last;
    }

    /** A failed attempt: it was sent, and that counts. */
    static int failed(int tries) {
        return Math.max(tries, NEVER_SENT + 1) + 1;
    }

    /** It was sent and came back without counting. */
    static int returned(int tries) {
        return Math.max(tries, NEVER_SENT + 1);
    }

    /** It came back before it was sent. */
    static int released(int tries) {
        return Math.max(tries, NEVER_SENT);
    }

    /** Messages that went back get the record that follows theirs. */
    void change(long from, long to, IntUnaryOperator next) {
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
                put(at, run.last, next.applyAsInt(run.tries));
                at = run.last + 1;
            }
        }
        join(from, to);
    }

    /** Messages that are gone have no record. */
    void forget(long from, long to) {
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

    /** Makes {@code seq} the first number of its run, if it is in one. */
    private void split(long seq) {
        Map.Entry<Long, Run> e = runs.lowerEntry(seq);
        if (e != null && e.getValue().last >= seq) {
            put(seq, e.getValue().last, e.getValue().tries);
            put(e.getKey(), seq - 1, e.getValue().tries);
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
            if (left.getValue().last + 1 == right.getKey() && left.getValue().tries == right.getValue().tries) {
                drop(right.getKey());
                put(left.getKey(), right.getValue().last, left.getValue().tries);
                left = runs.floorEntry(left.getKey());
            } else {
                left = right;
            }
        }
    }

    private void put(long first, long last, int tries) {
        runs.put(first, new Run(last, tries));
        dirty.put(first, true);
    }

    private void drop(long first) {
        runs.remove(first);
        dirty.put(first, false);
    }

    void writeDirty(MessageStore store, long queue) {
        for (Map.Entry<Long, Boolean> e : dirty.entrySet()) {
            byte[] key = Keys.of(Keys.ATTEMPTS, queue, e.getKey());
            if (e.getValue()) {
                Run run = runs.get(e.getKey());
                store.put(
                        key,
                        new ByteWriter(16)
                                .varint(run.last - e.getKey())
                                .varint(run.tries)
                                .toBytes());
            } else {
                store.delete(key);
            }
        }
        dirty.clear();
    }

    void restore(MessageStore store, long queue) {
        store.scan(Keys.of(Keys.ATTEMPTS, queue), (k, v) -> {
            ByteReader r = new ByteReader(v);
            long first = ByteReader.int64(k, 9);
            runs.put(first, new Run(first + r.varint(), (int) r.varint()));
            TaggedFields.endRecord(r);
        });
    }

    /** Hears of each run, ascending. */
    void forEach(SeqRanges.Visitor v) {
        runs.forEach((first, run) -> v.range(first, run.last));
    }

    void digest(StateDigest d) {
        runs.forEach((first, run) -> d.add(first).add(run.last).add((long) run.tries));
    }
}
