package io.tallymq.node.backup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** One of Ratis' log files, to which an entry is added as Ratis would write it: varint length, the entry, CRC32C of both. */
final class WrittenSegment {
    private static final int HEADER = 8;
    private static final int CRC = 4;
    /** Of the entry's fields and of the one field of a batch's entry. */
    private static final int TERM = 0x08;

    private static final int INDEX = 0x10;
    private static final int BATCH = 0x1a;
    private static final int DATA = 0x0a;

    private final Path file;

    WrittenSegment(Path file) {
        this.file = file;
    }

    /** Adds it behind the last one, in the same term, and returns its index. */
    long append(byte[] data) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).position(HEADER);
        long term = 0;
        long index = -1;
        int end = HEADER;
        for (long length; all.hasRemaining() && (length = varint(all)) > 0; all.position(end)) {
            end = all.position() + (int) length + CRC;
            if (all.get() != TERM) {
                throw new AssertionError("no entry in " + file);
            }
            term = varint(all);
            index = all.get() == INDEX ? varint(all) : 0; // a field that is 0 is left out
        }
        ByteArrayOutputStream more = new ByteArrayOutputStream();
        more.write(all.array(), 0, end);
        more.writeBytes(record(term, index + 1, data));
        Files.write(file, more.toByteArray());
        return index + 1;
    }

    private static byte[] record(long term, long index, byte[] data) {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        field(batch, DATA, data);
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        entry.write(TERM);
        varint(entry, term);
        entry.write(INDEX);
        varint(entry, index);
        field(entry, BATCH, batch.toByteArray());
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        varint(record, entry.size());
        record.writeBytes(entry.toByteArray());
        CRC32C crc = new CRC32C();
        crc.update(record.toByteArray());
        record.writeBytes(ByteBuffer.allocate(CRC).putInt((int) crc.getValue()).array());
        return record.toByteArray();
    }

    private static void field(ByteArrayOutputStream to, int tag, byte[] value) {
        to.write(tag);
        varint(to, value.length);
        to.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream to, long value) {
        long rest = value;
        for (; rest >= 0x80; rest >>>= 7) {
            to.write((int) (rest & 0x7f | 0x80));
        }
        to.write((int) rest);
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = from.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }
}
