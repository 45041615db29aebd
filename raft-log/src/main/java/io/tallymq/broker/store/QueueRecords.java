package io.tallymq.broker.store;

import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * For the start: what the store has of single queues, one kind of record at a time. Most queues have none of most kinds, so which have some is found out
 * once for each kind, and not by looking for each queue, which took most of a start with 100,000. Nothing may be committed while it is used.
 */
public final class QueueRecords {
    private final MessageStore store;
    /** By kind. */
    private final Map<Byte, NavigableSet<Long>> having = new TreeMap<>();

    public QueueRecords(MessageStore store) {
        this.store = store;
    }

    /** The records of this type of a queue, in key order. */
    public void scan(byte type, long queue, BiConsumer<byte[], byte[]> visitor) {
        if (having.computeIfAbsent(type, store::numbersWith).contains(queue)) {
            store.scan(Keys.of(type, queue), visitor);
        }
    }
}
