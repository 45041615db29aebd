package io.tallymq.raft.log.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;

/**
 * The bytes of one of Ratis' log files: 8 bytes of header, then records (varint length, {@code LogEntryProto}, CRC32C of
 * both, big-endian), then nothing or zeros.
 */
final class SegmentFile {
    static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);

    private static final Pattern CLOSED = Pattern.compile("log_(\\d+)-(\\d+)");
    private static final Pattern OPEN = Pattern.compile("log_inprogress_(\\d+)");
    private static final int CRC_BYTES = 4;
    private static final int MAX_LENGTH_BYTES = 5;
    private static final byte[] EMPTY = {};

    /** What a disk writes whole or not at all. */
    private static final int SECTOR = 512;

    /** Of {@code LogEntryProto}'s first two fields. */
    private static final int TAG_TERM = 0x08;

    private static final int TAG_INDEX = 0x10;

    /**
     * What a file's name says.
     *
     * @param end -1 for the file that is still written
     */
    record Name(Path path, long start, long end) {
        boolean open() {
            return end < 0;
        }
    }

    /** {@code null} if the path is no log file. */
    static Name name(Path path) {
        String file = path.getFileName().toString();
        Matcher closed = CLOSED.matcher(file);
        if (closed.matches()) {
            return new Name(path, Long.parseLong(closed.group(1)), Long.parseLong(closed.group(2)));
        }
        Matcher open = OPEN.matcher(file);
        return open.matches() ? new Name(path, Long.parseLong(open.group(1)), -1) : null;
    }

    private final byte[] bytes;
    private final int size;
    private final int maxEntryBytes;
    private final CRC32C crc = new CRC32C();

    /** Of the record that {@link #recordAt} found. */
    private long index;

    private long term;
    private int position;

    /** Of the part that had to be searched, {@code null} before. */
    private RangeCrc ranges;

    private SegmentFile(byte[] bytes, int size, int maxEntryBytes) {
        this.bytes = bytes;
        this.size = size;
        this.maxEntryBytes = maxEntryBytes;
    }

    static SegmentFile read(Path path, int maxEntryBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            int size = Math.toIntExact(channel.size());
            byte[] bytes = new byte[size];
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                continue;
            }
            return new SegmentFile(bytes, size, maxEntryBytes);
        }
    }

    int size() {
        return size;
    }

    boolean headerIsGood() {
        return size >= HEADER.length && Arrays.equals(bytes, 0, HEADER.length, HEADER, 0, HEADER.length);
    }

    /** A header that was only partly written: a part of it, then at most zeros. */
    boolean headerIsTorn() {
        int same = 0;
        while (same < Math.min(size, HEADER.length) && bytes[same] == HEADER[same]) {
            same++;
        }
        return same < HEADER.length && zeros(same, size);
    }

    /** The index of the record that {@link #recordAt} found last. */
    long index() {
        return index;
    }

    /** The term of the record that {@link #recordAt} found last. */
    long term() {
        return term;
    }

    boolean zeros(int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Where the record that starts here ends, -1 if there is no whole, undamaged record here. Its index is then
     * {@link #index()}.
     */
    int recordAt(int offset) {
        int end = extentAt(offset);
        if (end < 0) {
            return -1;
        }
        crc.reset();
        crc.update(bytes, offset, end - CRC_BYTES - offset);
        return (int) crc.getValue() == stored(end) ? end : -1;
    }

    /** What the record holds that {@link #recordAt} found here. */
    LogEntryProto entryAt(int offset, int end) throws InvalidProtocolBufferException {
        position = offset;
        varint(end);
        return LogEntryProto.parseFrom(ByteBuffer.wrap(bytes, position, end - CRC_BYTES - position));
    }

    /**
     * Where the next record with an index in this range starts, -1 if there is none. Every place is tried, so the
     * checksum, which is all that a client can't choose, is the last thing to look at.
     */
    int nextRecord(int from, long minIndex, long maxIndex) {
        if (ranges == null) {
            ranges = new RangeCrc(bytes, from, size);
        }
        for (int offset = from; offset < size; offset++) {
            int end = extentAt(offset);
            if (end > 0
                    && index >= minIndex
                    && index <= maxIndex
                    && ranges.of(offset, end - CRC_BYTES) == stored(end)) {
                return offset;
            }
        }
        return -1;
    }

    /** Where the record that seems to start here ends by its own word, checksum included; -1 if none seems to. */
    private int extentAt(int offset) {
        position = offset;
        long length = varint(size);
        if (length <= 0 || length > maxEntryBytes || position + length + CRC_BYTES > size) {
            return -1;
        }
        int end = position + (int) length;
        return header(position, end) ? end + CRC_BYTES : -1;
    }

    private int stored(int end) {
        return ByteBuffer.wrap(bytes, end - CRC_BYTES, CRC_BYTES).getInt();
    }

    /**
     * Whether the bad record here looks like one that was not written to its end: the file ends in it, or zeros
     * are in the place of its end or of a whole sector. A record that is all there and bad was damaged later.
     */
    boolean tornAt(int offset) {
        position = offset;
        long length = varint(size);
        if (length < 0 && position >= size || zeros(offset, Math.min(size, sectorAfter(offset)))) {
            return true;
        }
        long end = position + length + CRC_BYTES;
        if (length <= 0 || length > maxEntryBytes || isWholeButForItsLength(offset)) {
            return false;
        }
        return end > size || hasHole(offset, (int) end);
    }

    private boolean hasHole(int from, int end) {
        if (zeros(end - 1, size)) {
            return true;
        }
        for (int sector = sectorAfter(from); sector < end; sector += SECTOR) {
            if (zeros(sector, Math.min(end, sector + SECTOR))) {
                return true;
            }
        }
        return false;
    }

    private static int sectorAfter(int offset) {
        return (offset / SECTOR + 1) * SECTOR;
    }

    /** Whether the last thing in the file is a whole record if its length is taken from where the file ends. */
    private boolean isWholeButForItsLength(int offset) {
        int last = size;
        while (last > offset && bytes[last - 1] == 0) {
            last--;
        }
        for (int end = last; end <= Math.min(size, last + CRC_BYTES); end++) { // a checksum may end with zeros
            for (int prefix = 1; prefix <= MAX_LENGTH_BYTES; prefix++) {
                int length = end - CRC_BYTES - offset - prefix;
                byte[] encoded = length <= 0 ? EMPTY : encode(length);
                if (encoded.length == prefix) {
                    crc.reset();
                    crc.update(encoded);
                    crc.update(bytes, offset + prefix, length);
                    if ((int) crc.getValue() == stored(end)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static byte[] encode(int value) {
        byte[] out = new byte[MAX_LENGTH_BYTES];
        int n = 0;
        for (int rest = value; ; rest >>>= 7) {
            out[n++] = (byte) (rest < 0x80 ? rest : rest & 0x7f | 0x80);
            if (rest < 0x80) {
                return Arrays.copyOf(out, n);
            }
        }
    }

    /** Reads term and index; Protocol Buffers leave out a field that is 0. */
    private boolean header(int body, int end) {
        position = body;
        index = 0;
        if (position < end && bytes[position] == TAG_TERM) {
            position++;
            term = varint(end);
            if (term <= 0) {
                return false;
            }
        } else {
            return false;
        }
        if (position < end && bytes[position] == TAG_INDEX) {
            position++;
            index = varint(end);
        }
        return index >= 0;
    }

    private long varint(int limit) {
        long value = 0;
        for (int shift = 0; shift < 64 && position < limit; shift += 7) {
            byte b = bytes[position++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        return -1;
    }
}
