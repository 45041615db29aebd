package io.tallymq.raft.entry;

import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.CommandKind;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.UnreadableEntryException;
import io.tallymq.format.Versions;
import io.tallymq.raft.log.config.Groups;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * The bytes of a batch, big-endian:
 *
 * <pre>
 *  0 u8  format version
 *  1 u8  flags: 1 packed
 *  2 u16 group, see {@link Groups}: checked before the log takes the batch; who applies it goes by the log that it is in
 *  4 u64 time, milliseconds since the epoch: stamped by the leader. Until then it is 1 if what is in the batch loses nothing by a moment's wait
 * 12 u64 epoch of the node
 * 20 u64 number of the batch within the epoch
 * 28 u32 where the trailer begins
 * 32 the node's name, then the commands: see {@link CommandCodec}
 * trailer:
 *    acks: varint holders; per holder its number and ranges. They take effect before the commands
 *    routes: varint count; per route vhost, exchange, routing key. The messages name them by position
 *    origins: which channel each message is from, see {@link io.tallymq.broker.command.Origins}
 *    what follows is passed over: {@link io.tallymq.broker.message.TaggedFields}; 128 are the traced messages, see {@code BatchTraces}
 * </pre>
 *
 * A packed batch has after the node's name a u32, the length of the batch when it is not packed, and then what follows the
 * name as one LZ4 block. The header tells what holds when it is unpacked.
 *
 * <p>An entry of the log is a batch, or several of different nodes, which the leader has joined: version, flags (2 joined), group, then per
 * batch a u32, its length, and its bytes.
 *
 * <p>Acks and routes stand at the end because only then they are complete: the batch is written once, front to back.
 */
public final class BatchCodec {
    /** Layouts that are read. A later one comes with a level and is written from that level on, see decision 013. */
    static final Versions VERSIONS = new Versions(1, 1);

    /** The layout that is written. */
    private static final int VERSION = 1;
    /** Bytes before the node's name. */
    public static final int FIXED = 32;
    /** Most messages, and most routes, in one batch. */
    public static final int MAX_MESSAGES = 65_535;
    /** Most units of work of one batch that nothing interrupts, each of some microseconds: commands that are no publishes, and ranges of messages that settles name. */
    public static final int MAX_COMMANDS = 2_048;

    /** Most bytes that a batch says it has when it is not packed: well above what is ever put in one. */
    private static final int MAX_UNPACKED = 64 << 20;

    private static final int PACKED = 1;
    private static final int JOINED = 2;
    /** Bytes of an entry of several batches before the first one's length. */
    private static final int JOINED_HEADER = 4;

    private static final int FLAGS = 1;
    private static final int GROUP = 2;
    private static final int TIME = 4;
    private static final int EPOCH = 12;
    private static final int SEQ = 20;
    private static final int TRAILER = 28;

    /** Where the time will be: see {@link #hint}. */
    private static final long PATIENT = 1;
    /** By so many bits the work stands above that. */
    private static final int WORK = 8;
    /** Less than this is not said: as many batches as an entry has at most have not much of it. */
    private static final int MUCH_WORK = 256;

    private BatchCodec() {}

    /** What stands before the commands. {@code commands} and {@code trailer} are positions in the array. */
    public record Header(String node, long epoch, long seq, long time, int commands, int trailer, int end) {
        /** Whether the batch begins with {@link io.tallymq.broker.command.NodeUp}. */
        public boolean nodeUp(byte[] bytes) {
            return commands < trailer && (bytes[commands] & 0xff) == CommandKind.NODE_UP.code();
        }
    }

    /** Begins a batch; epoch, number and trailer are set at its end. */
    public static void begin(ByteWriter w, byte[] node) {
        w.uint8(VERSION)
                .uint8(0)
                .uint16(Groups.BROKER)
                .int64(0)
                .int64(0)
                .int64(0)
                .int32(0);
        w.bytes(node);
    }

    /**
     * Ends a batch that is all there but for what its beginning says of its end.
     *
     * @param seq its number in the epoch
     * @param trailer where the acks begin
     */
    public static void finish(ByteWriter w, long epoch, long seq, int trailer) {
        w.setInt64(EPOCH, epoch);
        w.setInt64(SEQ, seq);
        w.setInt32(TRAILER, trailer);
    }

    /**
     * Says of a batch that ends what who leads reads before the time is stamped there. Programs that do not know of the work take what has much of it for
     * impatient.
     *
     * @param patient all in it is of sessions that lose nothing by a moment's wait
     * @param work units of {@link #MAX_COMMANDS}; few are not said
     */
    public static void hint(ByteWriter w, boolean patient, int work) {
        long much = work < MUCH_WORK ? 0 : Math.min(work, Integer.MAX_VALUE >>> WORK);
        w.setInt64(TIME, much << WORK | (patient ? PATIENT : 0));
    }

    /** A copy of a batch that may be stamped by now, which says again what it said before it was: see {@link #hinted}. */
    public static byte[] unstamped(byte[] batch, long hinted) {
        byte[] copy = batch.clone();
        stamp(copy, 0, hinted);
        return copy;
    }

    /** What stands where the time will be; 0 of a batch that is stamped. */
    public static long hinted(byte[] batch) {
        long said = batch.length < FIXED ? 0 : ByteReader.int64(batch, TIME);
        return said < 0 || said > Integer.MAX_VALUE ? 0 : said;
    }

    /** Whether its node has said that it is patient; of a batch that is not stamped yet. */
    public static boolean isPatient(byte[] batch) {
        return (hinted(batch) & (1 << WORK) - 1) == PATIENT;
    }

    /** Units of work that its node has said it is; 0 for not much. Of a batch that is not stamped yet. */
    public static int work(byte[] batch) {
        return (int) (hinted(batch) >>> WORK);
    }

    /**
     * Packs a batch.
     *
     * @return null when it does not get smaller by an eighth
     */
    static byte[] pack(byte[] batch, LZ4Compressor lz4) {
        ByteReader r = new ByteReader(batch, FIXED, batch.length - FIXED);
        r.skip((int) r.varint());
        int rest = r.position();
        int begin = rest + Integer.BYTES;
        byte[] out = new byte[batch.length - batch.length / 8];
        if (out.length <= begin) {
            return null;
        }
        int length;
        try {
            length = lz4.compress(batch, rest, batch.length - rest, out, begin, out.length - begin);
        } catch (LZ4Exception e) { // it has no room
            return null;
        }
        System.arraycopy(batch, 0, out, 0, rest);
        out[FLAGS] = PACKED;
        for (int i = 0; i < Integer.BYTES; i++) {
            out[rest + i] = (byte) (batch.length >>> (24 - 8 * i));
        }
        return Arrays.copyOf(out, begin + length);
    }

    /** Several batches as one entry; none of them may be one that was joined. */
    public static byte[] join(List<byte[]> batches) {
        int length = JOINED_HEADER;
        for (byte[] b : batches) {
            length += Integer.BYTES + b.length;
        }
        ByteBuffer out = ByteBuffer.allocate(length)
                .put((byte) VERSION)
                .put((byte) JOINED)
                .putShort((short) Groups.BROKER);
        batches.forEach(b -> out.putInt(b.length).put(b));
        return out.array();
    }

    /** Whether an entry is several batches, see {@link #join}. */
    public static boolean isJoined(byte[] bytes, int offset, int length) {
        return length >= JOINED_HEADER && VERSIONS.include(bytes[offset]) && bytes[offset + FLAGS] == JOINED;
    }

    /** What is done with a batch. */
    public interface Part {
        void at(int offset, int length);
    }

    /**
     * Goes through the batches of an entry that was joined.
     *
     * @throws UnreadableEntryException it is damaged; those before were gone through
     */
    public static void forEach(byte[] bytes, int offset, int length, Part part) {
        int at = offset + JOINED_HEADER;
        int end = offset + length;
        while (at < end) {
            int size = end - at < Integer.BYTES ? -1 : ByteReader.int32(bytes, at);
            if (size < 0 || size > end - at - Integer.BYTES) {
                throw damaged(length, null);
            }
            part.at(at + Integer.BYTES, size);
            at += Integer.BYTES + size;
        }
    }

    /**
     * Why the log must not take what another node sent: no replica could apply it. Null when it may. What a batch says behind its
     * header is its node's business.
     */
    public static String refusal(byte[] batch) {
        if (batch.length < FIXED || !VERSIONS.include(batch[0])) {
            return "a batch of " + batch.length + " bytes, format " + (batch.length > 0 ? batch[0] : -1)
                    + "; this program reads format " + VERSIONS
                    + ": run versions of TallyMQ that understand each other";
        }
        if (batch[FLAGS] != 0 && batch[FLAGS] != PACKED) {
            return "a batch with flags " + batch[FLAGS]
                    + ", which this program does not know: run versions of TallyMQ that understand each other";
        }
        return Groups.refusal(ByteReader.uint16(batch, GROUP));
    }

    /** Whether a batch has to be unpacked before it is read, see {@link #unpack}. */
    public static boolean isPacked(byte[] bytes, int offset, int length) {
        return length >= FIXED && VERSIONS.include(bytes[offset]) && bytes[offset + FLAGS] == PACKED;
    }

    /** The length of a batch once it is unpacked; of what is no batch, its length. */
    static int unpackedLength(byte[] batch) {
        if (!isPacked(batch, 0, batch.length)) {
            return batch.length;
        }
        ByteReader r = new ByteReader(batch, FIXED, batch.length - FIXED);
        r.skip((int) r.varint());
        return r.int32();
    }

    /**
     * The batch as it was before it was packed, with the leader's time.
     *
     * @throws UnreadableEntryException it is damaged
     */
    public static byte[] unpack(byte[] bytes, int offset, int length, LZ4SafeDecompressor lz4) {
        try {
            ByteReader r = new ByteReader(bytes, offset + FIXED, length - FIXED);
            r.skip((int) r.varint());
            int rest = r.position() - offset;
            int unpacked = ByteReader.int32(bytes, offset + rest);
            int begin = rest + Integer.BYTES;
            if (unpacked < rest || unpacked > MAX_UNPACKED || begin > length) {
                throw damaged(length, null);
            }
            byte[] out = new byte[unpacked];
            System.arraycopy(bytes, offset, out, 0, rest);
            out[FLAGS] = 0;
            int got = lz4.decompress(bytes, offset + begin, length - begin, out, rest, unpacked - rest);
            if (got != unpacked - rest) {
                throw damaged(length, null);
            }
            return out;
        } catch (LZ4Exception | IndexOutOfBoundsException | IllegalStateException e) {
            throw damaged(length, e);
        }
    }

    private static UnreadableEntryException damaged(int length, Exception cause) {
        return new UnreadableEntryException(
                "An entry of the log is damaged: its " + length + " bytes can't be taken apart.", cause);
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
        if (length < FIXED || !VERSIONS.include(bytes[offset]) || bytes[offset + FLAGS] != 0) {
            throw new UnreadableEntryException("The log holds an entry of " + length + " bytes, format "
                    + (length > 0 ? bytes[offset] : -1) + ", flags "
                    + (length >= FIXED ? bytes[offset + FLAGS] : -1) + "; this program reads format "
                    + VERSIONS + ": run the version of TallyMQ that wrote it, or a newer one.");
        }
        int trailer = ByteReader.int32(bytes, offset + TRAILER);
        if (trailer < FIXED || trailer > length) {
            throw new UnreadableEntryException(
                    "An entry of the log is damaged: its trailer begins at " + trailer + " of " + length + " bytes.");
        }
        ByteReader r = new ByteReader(bytes, offset + FIXED, trailer - FIXED);
        String node = names.read(r);
        long time = ByteReader.int64(bytes, offset + TIME);
        return new Header(
                node, epoch(bytes, offset), seq(bytes, offset), time, r.position(), offset + trailer, offset + length);
    }

    /** The routes, which the reader stands before; it has passed the acks. */
    public static List<Route> readRoutes(ByteReader r, RouteCache cache) {
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
                if (known.length == length && Arrays.equals(known, 0, length, b, from, from + length)) {
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
