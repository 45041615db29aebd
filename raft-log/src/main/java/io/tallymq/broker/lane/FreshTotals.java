package io.tallymq.broker.lane;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.store.Chunk;

/** How much a lane has in chunks of which nothing was given to anybody: they are not in memory, so they can't be asked. */
final class FreshTotals {
    private long chunks;
    /** Those of them that refer to a shared body. */
    private long shared;
    /** Of bodies. */
    private long bytes;

    long chunks() {
        return chunks;
    }

    long shared() {
        return shared;
    }

    boolean areShared() {
        return shared > 0;
    }

    long bytes() {
        return bytes;
    }

    void came(Chunk chunk) {
        chunks++;
        shared += chunk.shared() != 0 ? 1 : 0;
        bytes += chunk.bytes();
    }

    void began(Chunk chunk) {
        chunks--;
        shared -= chunk.shared() != 0 ? 1 : 0;
        bytes -= chunk.bytes();
    }

    void none() {
        chunks = 0;
        shared = 0;
        bytes = 0;
    }

    void encode(ByteWriter w) {
        w.int64(chunks).int64(shared).int64(bytes);
    }

    void decode(ByteReader r) {
        chunks = r.int64();
        shared = r.int64();
        bytes = r.int64();
    }
}
