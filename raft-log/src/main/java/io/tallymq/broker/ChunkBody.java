package io.tallymq.broker;

/**
 * The messages of a chunk in memory, immutable, for any thread. {@code offsets[i]} is where message i's
 * {@link MessageRecord} begins in {@code bytes}, which is either the log entry itself or a value read from the store.
 *
 * @param routes by the records' route numbers; null where this chunk does not use the number
 * @param publishedAt the entry's time, milliseconds since the epoch
 */
public record ChunkBody(byte[] bytes, int[] offsets, Route[] routes, long publishedAt) {
    public Route route(int message) {
        return routes[MessageRecord.route(bytes, offsets[message])];
    }
}
