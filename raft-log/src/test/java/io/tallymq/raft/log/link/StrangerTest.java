package io.tallymq.raft.log.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.TestCluster.Member;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who reaches the nodes' ports and is no node changes nothing. */
class StrangerTest {
    @TempDir
    Path dir;

    @Test
    void garbageOnBothPortsChangesNothing() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("before");
            Random random = new Random(1);
            for (Peer peer : cluster.config("n0").peers()) {
                for (int port : new int[] {peer.raftPort(), peer.linkPort()}) {
                    for (int length : new int[] {1, 3, 5, 100, 5_000}) {
                        byte[] garbage = new byte[length];
                        random.nextBytes(garbage);
                        send(peer.host(), port, garbage);
                    }
                    send(peer.host(), port, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            }
            cluster.put("after");
            cluster.awaitSame();
            for (Member m : cluster.members()) {
                assertEquals(List.of("before", "after"), m.state.entries());
            }
        }
    }

    /** Who says nothing is closed. */
    @Test
    void aConnectionOfTheRaftPortThatSaysNothingIsClosed() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.start("n0");
            Peer peer = cluster.config("n0").self();
            try (Socket silent = new Socket(peer.host(), peer.raftPort())) {
                silent.setSoTimeout(60_000);
                while (readOrReset(silent) >= 0) {
                    // The server's settings and farewell.
                }
            }
        }
    }

    private static void send(String host, int port, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(host, port)) {
            socket.getOutputStream().write(bytes);
        } catch (SocketException e) {
            assertTrue(e.getMessage() != null, "the node may close first: " + e);
        }
    }

    @Test
    void aRecordedGreetingIsRefusedTheSecondTime() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.start("n0");
            Peer target = cluster.config("n0").self();
            LinkHandshake handshake = new LinkHandshake(cluster.config("n1"));
            LinkHandshake.Hello hello = handshake.hello("n0", LinkHandshake.Purpose.BATCHES);
            byte[] helloFrame = frame(LinkFrame.HELLO, LinkHandshake.encode(hello));
            byte[] proofFrame;
            try (Socket socket = new Socket(target.host(), target.linkPort())) {
                socket.getOutputStream().write(helloFrame);
                byte[] challenge = read(socket, LinkFrame.CHALLENGE);
                proofFrame = frame(LinkFrame.PROOF, handshake.answer(hello, challenge));
                socket.getOutputStream().write(proofFrame);
                read(socket, LinkFrame.WELCOME);
            }
            try (Socket socket = new Socket(target.host(), target.linkPort())) {
                socket.getOutputStream().write(helloFrame);
                read(socket, LinkFrame.CHALLENGE);
                socket.getOutputStream().write(proofFrame);
                String reason = new String(read(socket, LinkFrame.REJECT), StandardCharsets.UTF_8);
                assertTrue(reason.contains("another secret"), reason);
            }
        }
    }

    @Test
    void whoSendsAByteNowAndThenIsClosedAndTooManyAreNotTaken() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            Member member = cluster.start("n0");
            Peer target = cluster.config("n0").self();
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < LinkTuning.DEFAULTS.strangers() + 50; i++) {
                    Socket socket = new Socket(target.host(), target.linkPort());
                    sockets.add(socket);
                }
                Socket dripping = sockets.get(0);
                byte[] begin = ByteBuffer.allocate(LinkFrame.HEADER_BYTES)
                        .putInt(LinkFrame.MAX_GREETING_BYTES)
                        .put(LinkFrame.HELLO)
                        .putShort((short) 0)
                        .array();
                dripping.getOutputStream().write(begin);
                TestCluster.await("the end of a greeting that drips", () -> !canWrite(dripping));
                for (Socket socket : sockets) {
                    assertEquals(-1, readOrReset(socket));
                }
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            assertFalse(member.node.link().reachable("n1"));
        }
    }

    private static boolean canWrite(Socket socket) {
        try {
            socket.getOutputStream().write(1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int readOrReset(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (SocketException e) {
            return -1;
        }
    }

    private static byte[] frame(byte type, byte[] payload) {
        return ByteBuffer.allocate(LinkFrame.HEADER_BYTES + payload.length)
                .putInt(LinkFrame.MIN_LENGTH + payload.length)
                .put(type)
                .putShort((short) Groups.BROKER)
                .put(payload)
                .array();
    }

    private static byte[] read(Socket socket, byte type) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] payload = new byte[in.readInt() - LinkFrame.MIN_LENGTH];
        assertEquals(type, in.readByte());
        assertEquals(Groups.BROKER, in.readUnsignedShort());
        in.readFully(payload);
        return payload;
    }
}
