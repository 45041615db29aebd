package io.tallymq.broker;

import java.util.List;

/**
 * The value of a stored chunk, big-endian:
 *
 * <pre>
 * u8 version, u32 messages, u64 body bytes, u64 shared body (0 none), u64 log index, u64 time of the entry,
 * u64 earliest and u64 latest expiry (0: none), u16 routes, then per route: u16 number, vhost, exchange, routing key;
 * then the {@link MessageRecord}s
 * </pre>
 */
public final class ChunkCodec {
    public static final int VERSION = 1;
    /** Bytes from which {@link #describe} can tell the descriptor. */
    public static final int DESCRIPTOR = 21;

    private ChunkCodec() {}

    /** A route that the chunk's messages name by number. */
    public record NumberedRoute(int number, Route route) {}

    /** Writes everything that stands before the messages. */
    public static void writeHeader(ByteWriter w, Chunk chunk, Entry entry, List<NumberedRoute> routes) {
        w.uint8(VERSION).int32(chunk.count()).int64(chunk.bytes()).int64(chunk.shared());
        w.int64(entry.index()).int64(entry.time()).int64(0).int64(0).uint16(routes.size());
        for (NumberedRoute r : routes) {
            w.uint16(r.number());
            w.string(r.route().vhost())
                    .string(r.route().exchange())
                    .string(r.route().routingKey());
        }
    }

    /** The descriptor, from the first {@link #DESCRIPTOR} bytes of the value. */
    public static Chunk describe(long queue, long firstSeq, byte[] value) {
        ByteReader r = new ByteReader(value);
        checkVersion(r.uint8());
        int count = r.int32();
        long bytes = r.int64();
        return new Chunk(queue, firstSeq, count, bytes, r.int64());
    }

    /** The messages, from the whole value, which the result keeps. */
    public static ChunkBody body(byte[] value) {
        ByteReader r = new ByteReader(value);
        checkVersion(r.uint8());
        int count = r.int32();
        r.skip(24);
        long time = r.int64();
        r.skip(16);
        Route[] routes = new Route[0];
        for (int i = r.uint16(); i > 0; i--) {
            int number = r.uint16();
            if (number >= routes.length) {
                routes = java.util.Arrays.copyOf(routes, number + 1);
            }
            routes[number] = new Route(r.string(), r.string(), r.string());
        }
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = r.position();
            r.skip(MessageRecord.length(value, r.position()));
        }
        return new ChunkBody(value, offsets, routes, time);
    }

    private static void checkVersion(int version) {
        if (version != VERSION) {
            throw new IllegalStateException("chunk of version " + version + ": this program reads " + VERSION);
        }
    }
}
