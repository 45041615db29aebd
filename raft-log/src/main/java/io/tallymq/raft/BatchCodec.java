package io.tallymq.raft;

import io.tallymq.broker.ByteReader;
import io.tallymq.broker.ByteWriter;
import io.tallymq.broker.Command.Kind;
import io.tallymq.broker.Route;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a batch, which is one entry of the log, big-endian:
 *
 * <pre>
 *  0 u8  format version
 *  1 u8  0
 *  2 u16 flags: none yet
 *  4 u64 time, milliseconds since the epoch: stamped by the leader
 * 12 u64 epoch of the node
 * 20 u64 number of the batch within the epoch
 * 28 u32 where the trailer begins
 * 32 the node's name, then the commands: see {@link CommandCodec}
 * trailer:
 *    acks: varint holders; per holder its number and ranges. They take effect before the commands
 *    routes: varint count; per route vhost, exchange, routing key. The messages name them by position
 * </pre>
 *
 * Acks and routes stand at the end because only then they are complete: the batch is written once, front to back.
 */
public final class BatchCodec {
    public static final int VERSION = 1;
    /** Bytes before the node's name. */
    public static final int FIXED = 32;
    /** Most messages, and most routes, in one batch. */
    public static final int MAX_MESSAGES = 65_535;

    private static final int FLAGS = 2;
    private static final int TIME = 4;
    private static final int EPOCH = 12;
    private static final int SEQ = 20;
    private static final int TRAILER = 28;

    private BatchCodec() {}

    /** What stands before the commands. {@code commands} and {@code trailer} are positions in the array. */
    public record Header(String node, long epoch, long seq, long time, int commands, int trailer, int end) {
        /** Whether the batch begins with {@link io.tallymq.broker.Command.NodeUp}. */
        public boolean nodeUp(byte[] bytes) {
            return commands < trailer && (bytes[commands] & 0xff) == Kind.NODE_UP.code();
        }
    }

    /** Begins a batch; epoch, number and trailer are set at its end. */
    static void begin(ByteWriter w, byte[] node) {
        w.uint8(VERSION).uint8(0).uint16(0).int64(0).int64(0).int64(0).int32(0);
        w.bytes(node);
    }

    static void finish(ByteWriter w, long epoch, long seq, int trailer) {
        w.setInt64(EPOCH, epoch);
        w.setInt64(SEQ, seq);
        w.setInt32(TRAILER, trailer);
    }

    /** The leader's business, before the log gets the array: sets the time. */
    public static void stamp(byte[] bytes, int offset, long millis) {
        for (int i = 0; i < 8; i++) {
            bytes[offset + TIME + i] = (byte) (millis >>> (56 - 8 * i));
        }
    }

    public static long epoch(byte[] bytes, int offset) {
        return ByteReader.int64(bytes, offset + EPOCH);
    }

    public static long seq(byte[] bytes, int offset) {
        return ByteReader.int64(bytes, offset + SEQ);
    }

    /**
     * Reads what stands before the commands.
     *
     * @param names of nodes already seen, so that a name is one instance
     * @throws UnreadableEntryException for another version or unknown flags
     */
    public static Header header(byte[] bytes, int offset, int length, Names names) {
        if (length < FIXED || bytes[offset] != VERSION || ByteReader.uint16(bytes, offset + FLAGS) != 0) {
            throw new UnreadableEntryException("The log holds an entry of " + length + " bytes, format "
                    + (length > 0 ? bytes[offset] : -1) + ", flags "
                    + (length >= FIXED ? ByteReader.uint16(bytes, offset + FLAGS) : -1) + "; this program reads format "
                    + VERSION + ": run the version of TallyMQ that wrote it, or a newer one.");
        }
        int trailer = ByteReader.int32(bytes, offset + TRAILER);
        if (trailer < FIXED || trailer > length) {
            throw new UnreadableEntryException("An entry of the log is damaged: its trailer begins at " + trailer
                    + " of " + length + " bytes. Set this node's data aside and let it join again.");
        }
        ByteReader r = new ByteReader(bytes, offset + FIXED, trailer - FIXED);
        String node = names.read(r);
        long time = ByteReader.int64(bytes, offset + TIME);
        return new Header(
                node, epoch(bytes, offset), seq(bytes, offset), time, r.position(), offset + trailer, offset + length);
    }

    /** The routes, which the reader stands before; it has passed the acks. */
    static List<Route> readRoutes(ByteReader r, RouteCache cache) {
        int n = (int) r.varint();
        if (n == 0) {
            return List.of();
        }
        List<Route> routes = new ArrayList<>(Math.min(n, MAX_MESSAGES));
        for (int i = 0; i < n; i++) {
            routes.add(cache.read(r));
        }
        return routes;
    }

    /** Names as they were first read, so that reading one again makes no garbage. Bounded by the number of nodes. */
    public static final class Names {
        /** More names than any cluster has; beyond it they are just not remembered. */
        private static final int MAX = 64;

        private final List<byte[]> encoded = new ArrayList<>();
        private final List<String> names = new ArrayList<>();

        String read(ByteReader r) {
            int length = (int) r.varint();
            int from = r.skip(length);
            byte[] b = r.array();
            for (int i = 0; i < encoded.size(); i++) {
                byte[] known = encoded.get(i);
                if (known.length == length && java.util.Arrays.equals(known, 0, length, b, from, from + length)) {
                    return names.get(i);
                }
            }
            String name = new String(b, from, length, StandardCharsets.UTF_8);
            if (names.size() < MAX) {
                encoded.add(name.getBytes(StandardCharsets.UTF_8));
                names.add(name);
            }
            return name;
        }
    }
}
