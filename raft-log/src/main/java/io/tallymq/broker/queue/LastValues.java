package io.tallymq.broker.queue;

import io.tallymq.broker.aside.AsideTotals;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.store.BodyLook;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * x-last-value: of the messages with one value of a header only the newest waits; one that comes takes the place of the one that is there,
 * at the end. What somebody holds stays his, and is gone if it comes back behind a newer one. What waits of such a queue is at once
 * as if it had come back, so that any of it can be taken out.
 */
final class LastValues {
    /** The level of the state from which on there is a limit for all queues together. */
    private static final int LEVEL = 5;

    private final Queue queue;
    private final String header;
    private final MessageStore store;
    private final BodyLook look;
    private final Common common;
    private final AsideTotals totals;
    /** Of each value the newest message. */
    private final TreeMap<String, Long> newest = new TreeMap<>();
    /** Of each message with a value, whose it is. */
    private final TreeMap<Long, String> valueOf = new TreeMap<>();

    LastValues(Queue queue, String header, Common common) {
        this.queue = queue;
        this.header = header;
        this.store = common.store();
        this.look = common.look();
        this.common = common;
        this.totals = common.aside();
    }

    /** How many all queues have beyond what is kept of them in memory. */
    long tooManyOfAll() {
        return common.level().getAsInt() < LEVEL
                ? 0
                : common.aside().lastValues() - common.limits().state().aside().lastValues();
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
        valueOf.put(seq, value);
        totals.lastValuesChange(1);
        write(seq, value, true);
        if (before != null) {
            replace(before);
            if (valueOf.containsKey(before)) {
                write(before, value, false);
            }
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
            totals.lastValuesChange(-1);
            newest.remove(e.getValue(), seq);
            store.delete(Keys.of(Keys.LAST_VALUE, queue.number(), seq));
        }
    }

    /** For the start. */
    void restore() {
        store.scan(Keys.of(Keys.LAST_VALUE, queue.number()), (k, v) -> {
            long seq = ByteReader.int64(k, 9);
            ByteReader r = new ByteReader(v);
            boolean isNewest = r.bool();
            String value = r.string();
            TaggedFields.endRecord(r);
            if (isNewest) {
                newest.put(value, seq);
            }
            valueOf.put(seq, value);
            totals.lastValuesChange(1);
        });
    }
}
