package io.tallymq.raft.log;

import io.tallymq.net.NodesTls;
import io.tallymq.raft.log.LinkHandshake.Hello;
import io.tallymq.raft.log.LinkHandshake.Purpose;
import io.tallymq.raft.log.RaftNodeConfig.Peer;
import io.tallymq.raft.log.ReplicatedState.Position;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
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

    private final LinkHandshake handshake;
    private final LinkTuning tuning;
    private final NodesTls tls;
    private final CopyRoom room;

    /** @param tls null for plain text */
    CheckpointFetcher(LinkHandshake handshake, LinkTuning tuning, NodesTls tls, CopyRoom room) {
        this.handshake = handshake;
        this.tuning = tuning;
        this.tls = tls;
        this.room = room;
    }

    /**
     * @param dir an empty directory
     * @return a position that the checkpoint has reached at least
     */
    Position fetch(Peer from, Path dir) throws IOException {
        room.begin();
        try (Socket connected = new Socket()) {
            int patience = (int) tuning.connectTimeout().toMillis();
            connected.connect(new InetSocketAddress(from.host(), from.linkPort()), patience);
            connected.setSoTimeout((int) tuning.greeting(tls != null).toMillis());
            Socket socket = tls == null ? connected : tls.dial(connected, from.host(), from.linkPort());
            socket.setSoTimeout(SILENCE_MILLIS);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            greet(from, in, new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())));
            return receive(from, in, dir);
        }
    }

    private void greet(Peer to, DataInputStream in, DataOutputStream out) throws IOException {
        Hello hello = handshake.hello(to.id(), Purpose.CHECKPOINT);
        write(out, LinkFrame.HELLO, LinkHandshake.encode(hello));
        Frame challenge = read(in, LinkFrame.MAX_GREETING_BYTES);
        write(out, LinkFrame.PROOF, handshake.answer(hello, challenge.expect(LinkFrame.CHALLENGE)));
        read(in, LinkFrame.MAX_GREETING_BYTES).expect(LinkFrame.WELCOME);
    }

    private Position receive(Peer from, DataInputStream in, Path dir) throws IOException {
        long started = System.nanoTime();
        long bytes = 0;
        int files = 0;
        while (true) {
            Frame frame = read(in, CheckpointSender.CHUNK_BYTES + LinkFrame.HEADER_BYTES);
            if (frame.type() == LinkFrame.CHECKPOINT_END) {
                ByteBuffer end = ByteBuffer.wrap(frame.payload());
                Position position = new Position(end.getLong(), end.getLong());
                if (end.getInt() != files) {
                    throw new IOException("files are missing in the checkpoint");
                }
                NodeIdentity.syncDirectory(dir);
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
                Frame frame = read(in, CheckpointSender.CHUNK_BYTES + LinkFrame.HEADER_BYTES);
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

    private record Frame(byte type, byte[] payload) {
        byte[] expect(byte expected) throws IOException {
            if (type == LinkFrame.REJECT) {
                throw new LinkHandshake.RefusedException(new String(payload, StandardCharsets.UTF_8));
            }
            if (type != expected) {
                throw new IOException("frame " + type + " instead of " + expected);
            }
            return payload;
        }
    }

    private static Frame read(DataInputStream in, int limit) throws IOException {
        int length = in.readInt();
        if (length < LinkFrame.MIN_LENGTH || length > limit) {
            throw new IOException("a frame of " + length + " bytes, " + limit + " are allowed");
        }
        byte type = in.readByte();
        int group = in.readUnsignedShort();
        byte[] payload = in.readNBytes(length - LinkFrame.MIN_LENGTH);
        if (payload.length < length - LinkFrame.MIN_LENGTH) {
            throw new EOFException("the connection ended in a frame");
        }
        if (group != Groups.BROKER) {
            throw new IOException("frame " + type + " of group " + group + ", which was not asked for");
        }
        return new Frame(type, payload);
    }

    private static void write(DataOutputStream out, byte type, byte[] payload) throws IOException {
        out.writeInt(LinkFrame.MIN_LENGTH + payload.length);
        out.writeByte(type);
        out.writeShort(Groups.BROKER);
        out.write(payload);
        out.flush();
    }
}
