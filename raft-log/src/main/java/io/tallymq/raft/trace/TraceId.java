package io.tallymq.raft.trace;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.Comparator;

/**
 * Which message is meant: where it stands in the log, so every node calls it the same, and a later one is greater.
 *
 * @param index of the entry
 * @param batch its position within the entry
 * @param ordinal of the message within the batch
 */
public record TraceId(long index, int batch, int ordinal) implements Comparable<TraceId> {
    private static final Comparator<TraceId> ORDER = Comparator.comparingLong(TraceId::index)
            .thenComparingInt(TraceId::batch)
            .thenComparingInt(TraceId::ordinal);

    @Override
    public int compareTo(TraceId other) {
        return ORDER.compare(this, other);
    }

    void write(ByteWriter w) {
        w.varint(index).varint(batch).varint(ordinal);
    }

    static TraceId read(ByteReader r) {
        return new TraceId(r.varint(), (int) r.varint(), (int) r.varint());
    }

    @Override
    public String toString() {
        return index + "." + batch + "." + ordinal;
    }
}
