package io.tallymq.raft.log.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.RaftBroker;
import io.tallymq.raft.StoreProvider;
import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Bind;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.MemoryStore;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node of the cluster sends what no replica could apply: in the log it would end them all. */
class RefusedBatchTest {
    private static final int FIXED = 32;

    @TempDir
    Path dir;

    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();

    @Test
    void theSenderHearsWhyAndTheConnectionStays() throws Exception {
        List<Integer> ports = TestCluster.freePorts(4);
        Peer self = new Peer("n1", "127.0.0.1", ports.get(0), ports.get(1));
        Peer other = new Peer("n2", "127.0.0.1", ports.get(2), ports.get(3));
        RaftNodeConfig config = new RaftNodeConfig(
                "c",
                "n1",
                List.of(self, other),
                new Bind(self.host(), self.raftPort(), self.linkPort()),
                dir,
                "secret",
                TestCluster.SMALL);
        try (RaftBroker node = new RaftBroker(new RaftBroker.Parts(
                config, new InMemory(), RuntimeTuning.DEFAULTS, (reason, cause) -> fatal.add(reason)))) {
            node.start();
            try (Socket socket = new Socket(self.host(), self.linkPort())) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                greet(in, socket.getOutputStream());
                byte[] batch = new byte[FIXED];
                batch[0] = 9;
                assertTrue(refusal(in, socket, batch).contains("format 9; this program reads format 1"));
                batch[0] = 1;
                batch[1] = 64;
                assertTrue(refusal(in, socket, batch).contains("flags 64, which this program does not know"));
                batch[1] = 0;
                batch[3] = 5;
                assertTrue(refusal(in, socket, batch).contains("has group 0 only, not 5"));
                assertTrue(refusal(in, socket, new byte[] {1}).contains("a batch of 1 bytes"));
            }
        }
        assertEquals(List.of(), List.copyOf(fatal));
    }

    private static void greet(DataInputStream in, OutputStream out) throws IOException {
        LinkHandshake handshake =
                new LinkHandshake("c", new Peer("n2", "127.0.0.1", 1, 2), "secret", LinkHandshake.VERSIONS);
        LinkHandshake.Hello hello = handshake.hello("n1", LinkHandshake.Purpose.BATCHES);
        send(out, LinkFrame.HELLO, LinkHandshake.encode(hello));
        send(out, LinkFrame.PROOF, handshake.answer(hello, read(in, LinkFrame.CHALLENGE)));
        read(in, LinkFrame.WELCOME);
    }

    private static String refusal(DataInputStream in, Socket socket, byte[] batch) throws IOException {
        send(socket.getOutputStream(), LinkFrame.BATCH, batch);
        return new String(read(in, LinkFrame.REFUSED), StandardCharsets.UTF_8);
    }

    private static void send(OutputStream out, byte type, byte[] payload) throws IOException {
        out.write(ByteBuffer.allocate(LinkFrame.HEADER_BYTES + payload.length)
                .putInt(LinkFrame.MIN_LENGTH + payload.length)
                .put(type)
                .putShort((short) Groups.BROKER)
                .put(payload)
                .array());
    }

    private static byte[] read(DataInputStream in, byte type) throws IOException {
        byte[] payload = new byte[in.readInt() - LinkFrame.MIN_LENGTH];
        assertEquals(type, in.readByte());
        assertEquals(Groups.BROKER, in.readUnsignedShort());
        in.readFully(payload);
        return payload;
    }

    private static final class InMemory implements StoreProvider {
        private final MemoryStore store = new MemoryStore();

        @Override
        public MessageStore open(Consumer<String> onFailure) {
            return store;
        }

        @Override
        public MessageStore.Applied durable() {
            return null;
        }

        @Override
        public void forceDurable() {}

        @Override
        public Path checkpoint(Path directory) {
            throw new UnsupportedOperationException("nobody asks");
        }

        @Override
        public void verify(Path copy) {}

        @Override
        public void install(Path copy) {
            throw new UnsupportedOperationException("nobody sends one");
        }
    }
}
