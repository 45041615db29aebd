package io.tallymq.broker.store;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Records;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.format.Versions;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The value of a stored chunk, big-endian:
 *
 * <pre>
 * u8 version, u32 messages, i64 body bytes (~ bytes if the bodies differ in length), u64 shared body (0 none), u64 log index, u64 time of the entry,
 * u64 earliest (0: none) and u64 latest expiry (0: not all), u16 routes, then per route: u16 number, vhost, exchange, routing key;
 * varint pieces, then per piece: varint messages, varint 0: they stand here, else 1 + the first one's place in the block;
 * then the {@link MessageRecord}s that stand here
 * </pre>
 *
 * Version 2 is the same, and says that somebody is to be told when some of the messages leave the queue.
 *
 * A block holds the messages of one log entry that several queues have; the chunks refer to it as their shared body:
 *
 * <pre>
 * u8 version, u32 messages, u64 time of the entry, u16 routes, then per route as above; then the {@link MessageRecord}s
 * </pre>
 *
 * Behind the last message stand {@link TaggedFields}: of chunks whose messages expire at different times what their queue said when they came.
 */
public final class ChunkCodec {
    public static final int VERSION = 1;
    /** Of chunks with {@link Chunk#hasReports}. */
    private static final int WITH_REPORTS = 2;
    /** Those that are read. A later one comes with a level, see decision 013. */
    private static final Versions READ = new Versions(1, WITH_REPORTS);

    /** Bytes from which {@link #describe} can tell the descriptor. */
    public static final int DESCRIPTOR = 53;

    /** 1 + the time to live that the queue gave its messages, in milliseconds; 0 for none. */
    private static final int TIME_TO_LIVE = 1;

    private ChunkCodec() {}

    /** A route that messages name by number. */
    public record NumberedRoute(int number, Route route) {}

    /** Writes everything that stands before the pieces. */
    public static void writeHeader(ByteWriter w, Chunk chunk, Stamp entry, List<NumberedRoute> routes) {
        long bytes = chunk.isMixed() ? ~chunk.bytes() : chunk.bytes();
        w.uint8(chunk.hasReports() ? WITH_REPORTS : VERSION);
        w.int32(chunk.count()).int64(bytes).int64(chunk.shared());
        w.int64(entry.index()).int64(entry.time()).int64(chunk.earliest()).int64(chunk.latest());
        writeRoutes(w, routes);
    }

    /** One piece, whose messages follow the pieces. */
    public static void writeInline(ByteWriter w, int messages) {
        w.varint(messages).varint(0);
    }

    /** One piece: messages of the block, from place {@code first} on. */
    public static void writeReference(ByteWriter w, int messages, int first) {
        w.varint(messages).varint(first + 1L);
    }

    /** Writes everything that stands before the messages of a block. */
    public static void writeBlockHeader(ByteWriter w, int messages, Stamp entry, List<NumberedRoute> routes) {
        w.uint8(VERSION).int32(messages).int64(entry.time());
        writeRoutes(w, routes);
    }

    private static void writeRoutes(ByteWriter w, List<NumberedRoute> routes) {
        w.uint16(routes.size());
        for (NumberedRoute r : routes) {
            w.uint16(r.number());
            w.string(r.route().vhost())
                    .string(r.route().exchange())
                    .string(r.route().routingKey());
        }
    }

    /** What stands behind all messages of a chunk. */
    public static void writeTimeToLive(ByteWriter w, long milliseconds) {
        TaggedFields.write(
                w, TIME_TO_LIVE, new ByteWriter(10).varint(milliseconds + 1).toBytes());
    }

    private static ChunkBody withFields(ChunkBody body, byte[] value, int from) {
        if (from == value.length) {
            return body;
        }
        ByteReader r = new ByteReader(value, from, value.length - from);
        long[] timeToLive = {ChunkBody.UNKNOWN};
        TaggedFields.readRecord(r, (tag, field) -> {
            timeToLive[0] = tag == TIME_TO_LIVE ? field.varint() - 1 : timeToLive[0];
            return tag == TIME_TO_LIVE;
        });
        return body.withTimeToLive(timeToLive[0]);
    }

    /** The descriptor, from the first {@link #DESCRIPTOR} bytes of the value. */
    public static Chunk describe(long queue, long firstSeq, byte[] value) {
        ByteReader r = new ByteReader(value);
        int version = r.uint8();
        checkVersion(version);
        int count = r.int32();
        long bytes = r.int64();
        long shared = r.int64();
        r.skip(8);
        long time = r.int64();
        return new Chunk(
                queue,
                firstSeq,
                count,
                bytes < 0 ? ~bytes : bytes,
                shared,
                bytes < 0,
                r.int64(),
                r.int64(),
                time,
                version == WITH_REPORTS);
    }

    /** The messages of a block, from its whole value, which the result keeps. */
    public static Records block(byte[] value) {
        ByteReader r = new ByteReader(value);
        checkVersion(r.uint8());
        int[] offsets = new int[r.int32()];
        long time = r.int64();
        Route[] routes = readRoutes(r);
        scan(value, r.position(), offsets);
        return new Records(value, offsets, routes, time, true);
    }

    /**
     * The messages, from the whole value, which the result may keep.
     *
     * @param block asked at most once, for the block of the chunk's shared body; null when that was removed
     * @return null when the block was removed
     */
    public static ChunkBody body(byte[] value, Supplier<Records> block) {
        Stored s = Stored.read(value);
        if (!s.refers()) {
            int[] offsets = new int[s.messages];
            int end = scan(value, s.records, offsets);
            return withFields(ChunkBody.of(new Records(value, offsets, s.routes, s.time)), value, end);
        }
        Records there = block.get();
        if (there == null) {
            return null;
        }
        return s.counts.length == 1
                ? withFields(new ChunkBody(there, s.places[0] - 1, s.counts[0], null), value, s.records)
                : mixed(value, s, there);
    }

    /** Some messages stand in the chunk and some in the block: a copy of them all, in order. */
    private static ChunkBody mixed(byte[] value, Stored s, Records block) {
        int[] offsets = new int[s.messages];
        ByteWriter w = new ByteWriter(value.length);
        int at = s.records;
        int n = 0;
        for (int piece = 0; piece < s.counts.length; piece++) {
            for (int i = 0; i < s.counts[piece]; i++) {
                boolean here = s.places[piece] == 0;
                byte[] from = here ? value : block.bytes();
                int begin = here ? at : block.at(s.places[piece] - 1 + i);
                int length = MessageRecord.length(from, begin);
                offsets[n++] = w.size();
                w.raw(from, begin, length);
                at += here ? length : 0;
            }
        }
        Route[] routes = Arrays.copyOf(s.routes, Math.max(s.routes.length, block.routeNumbers()));
        for (int i = 0; i < routes.length; i++) {
            routes[i] = routes[i] == null ? block.numbered(i) : routes[i];
        }
        return withFields(ChunkBody.of(new Records(w.toBytes(), offsets, routes, s.time)), value, at);
    }

    /** Returns where they end. */
    private static int scan(byte[] value, int from, int[] offsets) {
        int at = from;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = at;
            at += MessageRecord.length(value, at);
        }
        return at;
    }

    private static Route[] readRoutes(ByteReader r) {
        Route[] routes = new Route[0];
        for (int i = r.uint16(); i > 0; i--) {
            int number = r.uint16();
            if (number >= routes.length) {
                routes = Arrays.copyOf(routes, Math.max(number + 1, 2 * routes.length));
            }
            routes[number] = new Route(r.string(), r.string(), r.string());
        }
        return routes;
    }

    /**
     * What stands before the messages of a chunk.
     *
     * @param counts messages of each piece
     * @param places of each piece: 0, or 1 + the place in the block
     * @param records where the messages begin
     */
    private record Stored(int messages, long time, Route[] routes, int[] counts, int[] places, int records) {
        static Stored read(byte[] value) {
            ByteReader r = new ByteReader(value);
            checkVersion(r.uint8());
            int messages = r.int32();
            r.skip(24);
            long time = r.int64();
            r.skip(16);
            Route[] routes = readRoutes(r);
            int pieces = (int) r.varint();
            int[] counts = new int[pieces];
            int[] places = new int[pieces];
            for (int i = 0; i < pieces; i++) {
                counts[i] = (int) r.varint();
                places[i] = (int) r.varint();
            }
            return new Stored(messages, time, routes, counts, places, r.position());
        }

        boolean refers() {
            for (int place : places) {
                if (place > 0) {
                    return true;
                }
            }
            return false;
        }
    }

    private static void checkVersion(int version) {
        if (!READ.include(version)) {
            throw new UnknownFormatException("A chunk of version " + version + ", and this version of TallyMQ reads "
                    + READ + ": start the version that wrote it, or a newer one.");
        }
    }
}
