package io.tallymq.broker.store;

import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Route;

/**
 * The messages of a chunk in memory, immutable, for any thread: some of the {@link Records} of a log entry or of what was read
 * from the store.
 *
 * @param first the record of the first message, if they stand in a row
 * @param picks the record of each message, if they do not; else null
 */
public record ChunkBody(Records records, int first, int count, int[] picks, long timeToLive) {
    /** In place of a time to live: it was not kept. */
    public static final long UNKNOWN = -2;

    /** One that does not know its queue's time to live. */
    public ChunkBody(Records records, int first, int count, int[] picks) {
        this(records, first, count, picks, UNKNOWN);
    }

    /** The same, and what it knows of that. */
    public ChunkBody withTimeToLive(long milliseconds) {
        return new ChunkBody(records, first, count, picks, milliseconds);
    }

    /** All the records, in order. */
    public static ChunkBody of(Records records) {
        return new ChunkBody(records, 0, records.count(), null);
    }

    /** Where the record of message {@code i} of the chunk begins in {@link #bytes}. */
    public int at(int i) {
        return records.at(record(i));
    }

    public byte[] bytes() {
        return records.bytes();
    }

    public Route route(int i) {
        return records.route(record(i));
    }

    /** Milliseconds since the epoch. */
    public long publishedAt() {
        return records.publishedAt();
    }

    /** Bytes on the heap beside the records. */
    public long heapBytes() {
        return picks == null ? 0 : 16 + 4L * picks.length;
    }

    private int record(int i) {
        return picks == null ? first + i : picks[i];
    }
}
