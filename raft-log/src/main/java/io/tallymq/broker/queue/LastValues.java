package io.tallymq.broker.queue;

import io.tallymq.broker.aside.AsideTotals;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.lane.QueueLog;
import io.tallymq.broker.lane.ReturnedMessages;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.SeqRanges;
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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * x-last-value: of the messages with one value of a header only the newest waits; one that comes takes the place of the one that is there,
 * at the end. What somebody holds stays his, and is gone if it comes back behind a newer one. What waits of such a queue is at once
 * as if it had come back, so that any of it can be taken out.
 */
public final class LastValues implements ReturnedMessages.Watcher {
    /** The level of the state from which on there are limits for all queues together, and for what consumers hold. */
    private static final int LEVEL = 5;
    /** Consumers of one queue hold at most this part of the limit of all. */
    private static final int OF_QUEUE = 10;
    /** The same while there are twice as many as the limit of all. */
    private static final int AT_LEAST = 2_000;
    /** Messages that go at once, at most. */
    private static final int MOST_AT_ONCE = 64;

    private static final long SETTLED = -1;

    private final Queue queue;
    private final String header;
    private final MessageStore store;
    private final BodyLook look;
    private final Common common;
    private final AsideTotals totals;
    /** All that is to be had is there, in one lane. */
    private final ReturnedMessages returned;
    /** Of each value the newest message. */
    private TreeMap<String, Long> newest = new TreeMap<>();
    /** Of each message with a value, whose it is. */
    private TreeMap<Long, String> valueOf = new TreeMap<>();
    /** Of these, those that are to be had. */
    private TreeSet<Long> waiting = new TreeSet<>();
    /** Dead letters of which the store still has the value: programs of level 4 left it until they were gone. */
    private final TreeSet<Long> died = new TreeSet<>();
    /** By so many it grew of which it is still to be seen whether older ones have to go for them. */
    private long owed;
    /** How many chunks it had when the first one came for which it is still to be seen the same; {@link #SETTLED}: none did. */
    private long chunksBefore = SETTLED;

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

    /** Whether some of its own have to go. */
    boolean owes() {
        return valuesOwed() > 0 || chunksOwed() > 0;
    }

    /** How many of those with a value have to go: of what is too many in all queues not more than it grew by, and one stays. What has no value stays. */
    private long valuesOwed() {
        return Math.min(Math.min(owed, tooManyOfAll()), waiting.size() - 1L);
    }

    private QueueLog lane() {
        return queue.lanes().chain().at(queue.lanes().lane());
    }

    /** The same of chunks: each that came costs one, whether it goes as a whole or somebody has a part of it. The last one stays. */
    private long chunksOwed() {
        if (chunksBefore == SETTLED || returned.isEmpty() || oldest().endSeq() == lane().tail()) {
            return 0;
        }
        long tooMany = common.residents().ofLastValues() - mostChunks();
        return Math.min(lane().begunChunks() - chunksBefore, tooMany);
    }

    /** The chunk of the first one that waits, which there is. */
    private Chunk oldest() {
        return lane().chunks().of(returned.lowest());
    }

    /** The oldest that wait go, some of them; it {@link #owes} some. */
    void makeRoom() {
        if (valuesOwed() > 0) {
            dropValues();
        } else {
            dropOldest();
        }
    }

    /** With a value or without one. */
    private void dropOldest() {
        int before = lane().begunChunks();
        queue.lanes().takeReturned(returned.lowest(), oldest().endSeq() - 1, (a, b, record) -> queue.dying()
                .die(a, b, Death.MAXLEN));
        chunksBefore += 1 - (before - lane().begunChunks());
    }

    private void dropValues() {
        long most = Math.min(valuesOwed(), MOST_AT_ONCE);
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
    public boolean settle() {
        if (owed == 0 && chunksBefore == SETTLED || queue.holdings().waitsForLeaving()) {
            return false;
        }
        owed = 0;
        chunksBefore = SETTLED;
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
        long had = queue.holdings().count() + queue.resting().count();
        return areTooManyOfAll()
                ? part(AT_LEAST) - had // with or without a value: each may keep a chunk in memory
                : part(OF_QUEUE) - Math.min(away, had);
    }

    /** Whether all queues have so much together that each one's consumers get little more; the same for all that have last values. */
    boolean areTooManyOfAll() {
        return isBounded() && (common.residents().ofLastValues() >= mostChunks() || tooManyOfAll() >= limit());
    }

    private int mostChunks() {
        return common.limits().state().of(StateLimit.LAST_VALUE_CHUNKS);
    }

    private long part(int of) {
        return Math.max(1, limit() / of);
    }

    /** Messages were published. */
    void came(Chunk c) {
        if (isBounded() && chunksBefore == SETTLED) {
            chunksBefore = lane().begunChunks();
        }
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

    /** All that waits is purged. The records of many are taken out by later entries. */
    void purged() {
        if (!isBounded() || waiting.size() <= common.limits().work().atOnce()) {
            List.copyOf(waiting).forEach(seq -> gone(seq, seq));
            return;
        }
        TreeMap<Long, String> kept = new TreeMap<>();
        TreeMap<String, Long> newestKept = new TreeMap<>();
        Iterator<Long> gone = waiting.iterator(); // all of them have a value
        long next = gone.next();
        for (Map.Entry<Long, String> e : valueOf.entrySet()) {
            long seq = e.getKey();
            if (seq == next) {
                next = gone.hasNext() ? gone.next() : Long.MAX_VALUE;
                continue;
            }
            kept.put(seq, e.getValue());
            if (e.getKey().equals(newest.get(e.getValue()))) {
                newestKept.put(e.getValue(), seq);
            }
        }
        totals.lastValuesChange(-waiting.size());
        owed = Math.max(0, owed - waiting.size());
        totals.valuesLeft().add(queue.number(), waiting);
        valueOf = kept;
        newest = newestKept;
        waiting = new TreeSet<>();
    }

    /** The same of what somebody still had who left. */
    void purged(SeqRanges held) {
        TreeSet<Long> gone = new TreeSet<>();
        held.forEach((a, b) -> valueOf.subMap(a, true, b, true).forEach((seq, value) -> {
            newest.remove(value, seq);
            gone.add(seq);
        }));
        gone.forEach(valueOf::remove);
        totals.lastValuesChange(-gone.size());
        owed = Math.max(0, owed - gone.size());
        totals.valuesLeft().add(queue.number(), gone);
    }

    /** The queue is deleted, and taken out by later entries: none of its values counts any more. */
    void deleted() {
        if (!isBounded()) {
            return;
        }
        totals.lastValuesChange(-valueOf.size());
        totals.valuesLeft().add(queue.number(), valueOf.navigableKeySet());
        valueOf = new TreeMap<>();
        newest = new TreeMap<>();
        waiting = new TreeSet<>();
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

    /** What has left and is still to be told of is in its chunk. */
    private boolean isLive(long seq) {
        return queue.lanes().chain().having(seq).chunks().isLive(seq)
                && !queue.lanes().partings().has(seq)
                && !queue.holdings().departed().isPurged(seq);
    }

    /** For the start: all holders are there, and what they have. */
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
            } else if (queue.deleted && isBounded() || !isLive(seq)) {
                totals.valuesLeft().restore(queue.number(), seq);
                return;
            }
            if (isNewest) {
                newest.put(value, seq);
            }
            known(seq, value);
        });
    }

    /** For how many that came room is still to be made, and since how many chunks; null for none. */
    byte[] encodeOwed() {
        if (chunksBefore != SETTLED) {
            return new ByteWriter(18).varint(owed).varint(chunksBefore).toBytes();
        }
        return owed == 0 ? null : new ByteWriter(9).varint(owed).toBytes();
    }

    void decodeOwed(ByteReader r) {
        owed = r.varint();
        chunksBefore = r.hasRemaining() ? r.varint() : SETTLED;
    }

    void digest(StateDigest d) {
        if (owed != 0) {
            d.add(owed);
        }
        if (chunksBefore != SETTLED) {
            d.add(chunksBefore);
        }
    }
}
