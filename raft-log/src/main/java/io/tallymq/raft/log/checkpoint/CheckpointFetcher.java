package io.tallymq.raft.log.checkpoint;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.link.LinkCall;
import io.tallymq.raft.log.link.LinkFrame;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Downloads a checkpoint of another node's store into a directory, flushed to the disk. Blocks. */
final class CheckpointFetcher {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointFetcher.class);

    /** The other node flushes its store before the first byte, which takes a while. */
    private static final int SILENCE_MILLIS = 60_000;

    private final RaftNodeConfig config;
    private final CopyRoom room;

    CheckpointFetcher(RaftNodeConfig config, CopyRoom room) {
        this.config = config;
        this.room = room;
    }

    /**
     * @param dir an empty directory
     * @return a position that the checkpoint has reached at least
     */
    Position fetch(Peer from, Path dir) throws IOException {
        room.begin(from.id());
        try (LinkCall call = new LinkCall(config)) {
            return receive(from, call.checkpoint(from, SILENCE_MILLIS), dir);
        }
    }

    private Position receive(Peer from, DataInputStream in, Path dir) throws IOException {
        long started = System.nanoTime();
        long bytes = 0;
        int files = 0;
        while (true) {
            LinkCall.Frame frame = LinkCall.read(in, CheckpointSender.CHUNK_BYTES + LinkFrame.HEADER_BYTES);
            if (frame.type() == LinkFrame.CHECKPOINT_END) {
                ByteBuffer end = ByteBuffer.wrap(frame.payload());
                Position position = new Position(end.getLong(), end.getLong());
                if (end.getInt() != files) {
                    throw new IOException("files are missing in the checkpoint");
                }
                Directories.sync(dir);
                LOG.info(
                        "Fetched a checkpoint of node '{}': {} files, {} bytes, {} ms",
                        from.name(),
                        files,
                        bytes,
                        (System.nanoTime() - started) / 1_000_000);
                return position;
            }
            ByteBuffer head = ByteBuffer.wrap(frame.expect(LinkFrame.FILE));
            long size = head.getLong();
            String name = StandardCharsets.UTF_8.decode(head).toString();
            room.require(bytes, size);
            receiveFile(in, resolve(dir, name), size);
            bytes += size;
            files++;
        }
    }

    private static void receiveFile(DataInputStream in, Path path, long size) throws IOException {
        Files.createDirectories(path.getParent());
        CRC32C crc = new CRC32C();
        long received = 0;
        try (FileChannel out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (true) {
                LinkCall.Frame frame = LinkCall.read(in, CheckpointSender.CHUNK_BYTES + LinkFrame.HEADER_BYTES);
                if (frame.type() == LinkFrame.FILE_END) {
                    int sum = ByteBuffer.wrap(frame.payload()).getInt();
                    if (sum != (int) crc.getValue() || received != size) {
                        throw new IOException("file " + path.getFileName() + " arrived damaged");
                    }
                    out.force(true);
                    return;
                }
                byte[] data = frame.expect(LinkFrame.DATA);
                crc.update(data);
                received += data.length;
                ByteBuffer buffer = ByteBuffer.wrap(data);
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
            }
        }
    }

    /** A name never leads out of the directory. */
    private static Path resolve(Path dir, String name) throws IOException {
        Path path = dir.resolve(name).normalize();
        if (!path.startsWith(dir.normalize()) || path.equals(dir.normalize())) {
            throw new IOException("the checkpoint names a file outside of its directory: " + name);
        }
        return path;
    }
}
