package io.tallymq.broker.queue;

import io.tallymq.broker.aside.AsideTotals;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.ReturnedMessages;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.reports.Death;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.SeqRuns;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * x-last-value: of the messages with one value of a header only the newest waits; one that comes takes the place of the one that is there,
 * at the end. What somebody holds stays his, and is gone if it comes back behind a newer one. What waits of such a queue is at once
 * as if it had come back, so that any of it can be taken out.
 */
final class LastValues implements ReturnedMessages.Watcher {
    /** The level of the state from which on there are limits for all queues together, and for what consumers hold. */
    private static final int LEVEL = 5;
    /** Consumers of one queue hold at most this part of the limit of all. */
    private static final int OF_QUEUE = 10;
    /** The same while there are twice as many as the limit of all. */
    private static final int AT_LEAST = 2_000;
    /** Messages that go at once, at most. */
    private static final int MOST_AT_ONCE = 64;

    private final Queue queue;
    private final String header;
    private final MessageStore store;
    private final BodyLook look;
    private final Common common;
    private final AsideTotals totals;
    /** All that is to be had is there, in one lane. */
    private final ReturnedMessages returned;
    /** Of each value the newest message. */
    private final TreeMap<String, Long> newest = new TreeMap<>();
    /** Of each message with a value, whose it is. */
    private final TreeMap<Long, String> valueOf = new TreeMap<>();
    /** Of these, those that are to be had. */
    private final TreeSet<Long> waiting = new TreeSet<>();
    /** Dead letters of which the store still has the value: programs of level 4 left it until they were gone. */
    private final TreeSet<Long> died = new TreeSet<>();
    /** By so many it grew of which it is still to be seen whether older ones have to go for them. */
    private long owed;

    LastValues(Queue queue, String header, Common common) {
        this.queue = queue;
        this.header = header;
        this.store = common.store();
        this.look = common.look();
        this.common = common;
        this.totals = common.aside();
        this.returned = queue.lanes().chain().at(queue.lanes().lane()).returned();
        returned.watch(this);
    }

    private boolean isBounded() {
        return common.level().getAsInt() >= LEVEL;
    }

    /** How many there are in all queues at most, if it can be helped. */
    private long limit() {
        return common.limits().state().of(StateLimit.LAST_VALUES);
    }

    /** How many all queues have beyond that. */
    private long tooManyOfAll() {
        return isBounded() ? totals.lastValues() - limit() : 0;
    }

    @Override
    public void came(long first, long last) {
        waiting.addAll(valueOf.subMap(first, true, last, true).keySet());
    }

    @Override
    public void went(long first, long last) {
        waiting.subSet(first, true, last, true).clear();
    }

    /** How many of its own have to go: of what is too many in all queues not more than it grew by, and one stays. What has no value stays. */
    long owes() {
        return Math.min(Math.min(owed, tooManyOfAll()), waiting.size() - 1L);
    }

    /** The oldest that wait and have a value go, some of them; it {@link #owes} some. */
    void makeRoom() {
        long most = Math.min(owes(), MOST_AT_ONCE);
        final long before = owed;
        long first = waiting.first();
        long last = first;
        while (last - first + 1 < most && waiting.contains(last + 1)) {
            last++;
        }
        queue.lanes().takeReturned(first, last, (a, b, record) -> queue.dying().die(a, b, Death.MAXLEN));
        owed = Math.min(owed, before - (last - first + 1));
    }

    /** What had to go for those that came has gone. Returns whether anything changed. */
    boolean settle() {
        if (owed == 0 || queue.holdings().waitsForLeaving()) {
            return false;
        }
        owed = 0;
        return true;
    }

    /**
     * How many more its consumers may be given: what they hold stays in memory, and no limit can take it from them. Only what somebody has or
     * what comes again by itself counts, so that there is an end to waiting.
     */
    long room() {
        if (!isBounded()) {
            return Long.MAX_VALUE;
        }
        long away = (long) valueOf.size() - waiting.size();
        long had = queue.holdings().count();
        long gone = Math.min(away, had + queue.resting().count());
        return part(tooManyOfAll() < limit() ? OF_QUEUE : AT_LEAST) - gone;
    }

    private long part(int of) {
        return Math.max(1, limit() / of);
    }

    /** Messages were published. */
    void came(Chunk c) {
        queue.lanes().takeIn(c);
        ChunkBody body = look.of(c);
        for (int i = 0; i < c.count(); i++) {
            byte[] bytes = body.bytes();
            int at = body.at(i);
            String value = MessageHeaders.text(
                    bytes,
                    MessageRecord.propertiesOffset(bytes, at),
                    MessageRecord.propertiesLength(bytes, at),
                    header);
            if (value != null) {
                came(c.firstSeq() + i, value);
            }
        }
    }

    private void came(long seq, String value) {
        Long before = newest.put(value, seq);
        known(seq, value);
        owed += isBounded() ? 1 : 0;
        write(seq, value, true);
        if (before != null) {
            replace(before);
            if (valueOf.containsKey(before)) {
                write(before, value, false);
            }
        }
    }

    private void known(long seq, String value) {
        valueOf.put(seq, value);
        totals.lastValuesChange(1);
        if (returned.has(seq)) {
            waiting.add(seq);
        }
    }

    private void write(long seq, String value, boolean isNewest) {
        ByteWriter w = new ByteWriter(8 + value.length()).bool(isNewest).string(value);
        store.put(Keys.of(Keys.LAST_VALUE, queue.number(), seq), w.toBytes());
    }

    /** It goes if it waits. */
    private void replace(long seq) {
        queue.lanes().takeReturned(seq, seq, (a, b, record) -> {
            queue.counters.replaced(1);
            queue.lanes().partings().part(a, b, Parting.REPLACED);
        });
    }

    /** Messages wait again. */
    void cameBack(long first, long last) {
        for (Map.Entry<Long, String> e :
                List.copyOf(valueOf.subMap(first, true, last, true).entrySet())) {
            if (!e.getKey().equals(newest.get(e.getValue()))) { // a newer one is there, or was
                replace(e.getKey());
            }
        }
    }

    /** Messages are gone. */
    void gone(long first, long last) {
        for (Map.Entry<Long, String> e :
                List.copyOf(valueOf.subMap(first, true, last, true).entrySet())) {
            long seq = e.getKey();
            valueOf.remove(seq);
            waiting.remove(seq);
            totals.lastValuesChange(-1);
            owed = Math.max(0, owed - 1);
            newest.remove(e.getValue(), seq);
            delete(seq);
        }
        for (long seq : List.copyOf(died.subSet(first, true, last, true))) {
            died.remove(seq);
            delete(seq);
        }
    }

    private void delete(long seq) {
        store.delete(Keys.of(Keys.LAST_VALUE, queue.number(), seq));
    }

    /** Messages that have a value. */
    int count() {
        return valueOf.size();
    }

    /** The queue is deleted: so many go. Returns how many these were. */
    int deleteSome(int most) {
        int n = 0;
        for (; n < most && !valueOf.isEmpty(); n++) {
            gone(valueOf.firstKey(), valueOf.firstKey());
        }
        return n;
    }

    /** For the start. */
    void restore() {
        store.scan(Keys.of(Keys.LAST_VALUE, queue.number()), (k, v) -> {
            long seq = ByteReader.int64(k, 9);
            ByteReader r = new ByteReader(v);
            boolean isNewest = r.bool();
            String value = r.string();
            TaggedFields.endRecord(r);
            if (queue.lanes().dead().of(seq) != SeqRuns.NONE) {
                died.add(seq);
                return;
            }
            if (isNewest) {
                newest.put(value, seq);
            }
            known(seq, value);
        });
    }

    /** For how many that came room is still to be made; null for none. */
    byte[] encodeOwed() {
        return owed == 0 ? null : new ByteWriter(9).varint(owed).toBytes();
    }

    void decodeOwed(ByteReader r) {
        owed = r.varint();
    }

    void digest(StateDigest d) {
        if (owed != 0) {
            d.add(owed);
        }
    }
}
