package io.tallymq.raft.log.checkpoint;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.tallymq.disk.Directories;
import io.tallymq.raft.log.checkpoint.CheckpointHolds.Hold;
import io.tallymq.raft.log.link.LinkFrame;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.timer.SparseLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams a checkpoint of this node's store to another node: for each file its name and size, its bytes, its CRC32C;
 * at the end how many files there were. Blocks its thread, so it has one of its own.
 */
final class CheckpointSender {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointSender.class);

    static final int CHUNK_BYTES = 256 << 10;

    /** A receiver flushes each file to its disk before it takes the next. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ReplicatedState state;
    private final Path workDir;
    private final CheckpointHolds holds;
    private final Duration patience;
    private final SparseLog unsent;

    /**
     * @param patience a receiver that takes nothing for so long is given up, and with it the files that are kept for it
     * @param unsent where it is told what was not sent
     */
    CheckpointSender(ReplicatedState state, Path workDir, CheckpointHolds holds, Duration patience, SparseLog unsent) {
        this.unsent = unsent;
        this.state = state;
        this.workDir = workDir;
        this.holds = holds;
        this.patience = patience;
    }

    void send(String node, Channel channel) {
        Path dir = null;
        Hold hold = null;
        try {
            hold = holds.begin(node, state.durable().index());
            Files.createDirectories(workDir);
            state.forceDurable();
            Position atLeast = state.durable();
            dir = state.checkpoint(workDir);
            LOG.info("Sending a checkpoint from position {} on to node '{}'", atLeast, node);
            List<Path> files;
            try (Stream<Path> walk = Files.walk(dir)) {
                files = walk.filter(Files::isRegularFile).sorted().toList();
            }
            for (Path file : files) {
                send(dir, file, channel);
            }
            byte[] end = ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES)
                    .putLong(atLeast.term())
                    .putLong(atLeast.index())
                    .putInt(files.size())
                    .array();
            write(channel, LinkFrame.CHECKPOINT_END, end, end.length);
        } catch (IOException | RuntimeException | Error e) {
            unsent.warn("A checkpoint for node '{}' was not sent: {}", node, e.toString());
            if (hold != null) {
                holds.end(node, hold);
            }
        } finally {
            channel.close();
            Directories.delete(dir);
        }
    }

    private void send(Path dir, Path file, Channel channel) throws IOException {
        byte[] name = dir.relativize(file).toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer head = ByteBuffer.allocate(Long.BYTES + name.length);
        head.putLong(Files.size(file)).put(name);
        write(channel, LinkFrame.FILE, head.array(), head.capacity());
        CRC32C crc = new CRC32C();
        try (InputStream in = Files.newInputStream(file)) {
            // Netty has written a chunk when write() returns, so the array can be used again.
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int n; (n = in.read(chunk)) > 0; ) {
                crc.update(chunk, 0, n);
                write(channel, LinkFrame.DATA, chunk, n);
            }
        }
        byte[] sum =
                ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
        write(channel, LinkFrame.FILE_END, sum, sum.length);
    }

    private void write(Channel channel, byte type, byte[] payload, int len) throws IOException {
        try {
            ChannelFuture written = channel.writeAndFlush(LinkFrame.encode(type, payload, 0, len));
            if (!written.await(patience.toMillis())) {
                throw new IOException("nothing was taken for " + patience.toSeconds() + " s");
            }
            if (!written.isSuccess()) {
                throw new IOException("the connection broke: " + written.cause().getMessage(), written.cause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
