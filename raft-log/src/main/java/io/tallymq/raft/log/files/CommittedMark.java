package io.tallymq.raft.log.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A small file with an index that was committed, written ten times a second and flushed once. What it covers is never taken for a torn write:
 * a damaged last entry looks like one. Committed and not flushed, because a follower may have to take flushed
 * entries back. One thread at a time.
 */
public final class CommittedMark implements AutoCloseable {
    static final String FILE = "committed";
    private static final int BYTES = 12;

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BYTES);
    private long written;
    private boolean forced = true;

    /**
     * Opens the file, or creates it.
     *
     * @param dir the node's directory of the log
     * @throws IOException it can't be read or created
     */
    public CommittedMark(Path dir) throws IOException {
        channel = FileChannel.open(
                dir.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        written = load(channel, buffer);
    }

    /**
     * What a stopped node has marked; changes nothing.
     *
     * @return -1 if nothing was written, the write was torn or there is no file
     */
    static long read(Path dir) throws IOException {
        Path file = dir.resolve(FILE);
        if (!Files.exists(file)) {
            return -1;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return load(channel, ByteBuffer.allocate(BYTES));
        }
    }

    /** The index that is marked; -1 if nothing was written or the write was torn. */
    public long index() {
        return written;
    }

    private static long load(FileChannel channel, ByteBuffer buffer) throws IOException {
        buffer.clear();
        if (channel.read(buffer, 0) < BYTES) {
            return -1;
        }
        return buffer.getInt(Long.BYTES) == crc(buffer) ? buffer.getLong(0) : -1;
    }

    /**
     * Marks a committed index; a lower one than before changes nothing. Does not wait for the disk.
     *
     * @throws IOException it could not be written: the file may be torn
     */
    public void write(long index) throws IOException {
        if (index <= written) {
            return;
        }
        buffer.clear();
        buffer.putLong(0, index);
        buffer.putInt(Long.BYTES, crc(buffer));
        channel.write(buffer, 0);
        written = index;
        forced = false;
    }

    /** Makes what was written survive a loss of power; without this it survives the end of the process. */
    public void force() throws IOException {
        if (!forced) {
            channel.force(false);
            forced = true;
        }
    }

    private static int crc(ByteBuffer buffer) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(Long.BYTES));
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        force();
        channel.close();
    }
}
