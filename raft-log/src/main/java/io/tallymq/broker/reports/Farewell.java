package io.tallymq.broker.reports;

import io.tallymq.broker.chunk.LiveChunk;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Chunk;
import java.util.TreeMap;

/** Some chunks of a queue that are gone, of one lane: of which nothing was delivered, or all that were begun. */
final class Farewell {
    final long queue;
    final String vhost;
    /** Of the queue. */
    final String name;

    /** Whether all of it is told in the stream of receipts. */
    final boolean audited;

    final Parting how;
    /** The first message, which names it. */
    final long first;

    final long end;
    final boolean isBegun;
    /** All before this message are told of. */
    long at;
    /** Where the chunk begins that is next. */
    long chunkOfNext;
    /** The chunk that is next, if it is known; of those that were not begun. */
    Chunk current;
    /** Those that the store may not have yet; of those that were not begun. */
    final TreeMap<Long, Chunk> known = new TreeMap<>();

    final TreeMap<Long, LiveChunk> begun = new TreeMap<>();

    Farewell(
            long queue,
            String vhost,
            String name,
            boolean audited,
            Parting how,
            long first,
            long end,
            boolean isBegun) {
        this.audited = audited;
        this.queue = queue;
        this.vhost = vhost;
        this.name = name;
        this.how = how;
        this.first = first;
        this.end = end;
        this.isBegun = isBegun;
        this.at = first;
        this.chunkOfNext = first;
    }

    boolean isDone() {
        return isBegun ? begun.isEmpty() : at == end;
    }

    /** All before this message are told of, and what is next stands in the chunk that begins there. */
    void goOn(long next, long chunk) {
        at = next;
        chunkOfNext = chunk;
    }

    byte[] encode() {
        ByteWriter w = new ByteWriter(64).bool(isBegun).bool(audited).uint8(how.ordinal());
        w.string(vhost).string(name).int64(end).int64(at);
        return w.int64(chunkOfNext).toBytes();
    }

    static Farewell decode(long queue, long first, byte[] value) {
        ByteReader r = new ByteReader(value);
        boolean begun = r.bool();
        boolean audited = r.bool();
        Parting how = Parting.of(r.uint8());
        String vhost = r.string();
        Farewell f = new Farewell(queue, vhost, r.string(), audited, how, first, r.int64(), begun);
        f.at = r.int64();
        f.chunkOfNext = r.int64();
        TaggedFields.endRecord(r);
        return f;
    }
}
