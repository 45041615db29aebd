package io.tallymq.raft.log.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Bind;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import io.tallymq.timer.Timers;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeLinkTest {
    private static final long COMMITTED = 70;
    private static final long EVERYWHERE = 69;

    private final List<NodeLink> links = new ArrayList<>();
    private List<Peer> peers;

    @BeforeEach
    void ports() throws IOException {
        List<Integer> ports = TestCluster.freePorts(2);
        peers = List.of(new Peer("a", "127.0.0.1", 1, ports.get(0)), new Peer("b", "127.0.0.1", 1, ports.get(1)));
    }

    @AfterEach
    void close() {
        links.forEach(NodeLink::close);
    }

    private static class End implements NodeLink.Owner {
        final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<LinkPong> pongs = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<byte[]> batches = new ConcurrentLinkedQueue<>();

        @Override
        public long commitIndex() {
            return COMMITTED;
        }

        @Override
        public long everywhere() {
            return EVERYWHERE;
        }

        @Override
        public void onLead(String node) {}

        @Override
        public void onBatch(String node, byte[] bytes) {
            batches.add(bytes);
        }

        @Override
        public void onUnheard(String node) {
            events.add("unheard " + node);
        }

        @Override
        public boolean hearsLeader() {
            return true;
        }

        @Override
        public Rank rank() {
            return Rank.LATE;
        }

        @Override
        public String leader() {
            return "a";
        }

        @Override
        public Position lastEntry() {
            return new Position(3, 77);
        }

        @Override
        public int leaseMillis() {
            return 1234;
        }

        @Override
        public void onPong(String peer, LinkPong pong) {
            pongs.add(pong);
        }

        @Override
        public void sendCheckpoint(String node, Channel channel) {
            channel.close();
        }

        @Override
        public void onUp(String peer) {
            events.add("up " + peer);
        }

        @Override
        public void onDown(String peer) {
            events.add("down " + peer);
        }

        @Override
        public void onGone(String peer) {
            events.add("gone " + peer);
        }

        @Override
        public void onMistrust(String peer) {}

        @Override
        public void onRefused(String peer, byte[] note) {
            events.add("refused " + peer + " " + new String(note, StandardCharsets.UTF_8));
        }

        @Override
        public void onWritable(String peer) {
            events.add("writable " + peer);
        }
    }

    private NodeLink link(String id, String cluster, String secret, NodeLink.Owner owner) throws RaftStartException {
        return link(id, cluster, secret, owner, InetAddress::getByName);
    }

    private NodeLink link(String id, String cluster, String secret, NodeLink.Owner owner, PeerNames.Lookup lookup)
            throws RaftStartException {
        return link(
                id,
                cluster,
                secret,
                owner,
                lookup,
                peers.get(id.equals("a") ? 0 : 1).linkPort());
    }

    private NodeLink link(
            String id, String cluster, String secret, NodeLink.Owner owner, PeerNames.Lookup lookup, int port)
            throws RaftStartException {
        NodeLink link = new NodeLink(
                new RaftNodeConfig(
                        cluster,
                        id,
                        peers,
                        new Bind("127.0.0.1", 1, port),
                        Path.of("unused"),
                        secret,
                        RaftTuning.DEFAULTS),
                owner,
                new Timers(),
                lookup);
        links.add(link);
        link.start();
        return link;
    }

    /** A node of version 1 of the link neither tells its commit index nor takes an answer that does. */
    @Test
    void onlyNewerLinksTellTheCommitIndex() throws IOException {
        LinkPong pong = new LinkPong(new Position(3, 77), true, 1234, 99, COMMITTED, EVERYWHERE, Rank.BEHIND);
        assertEquals(pong, LinkPong.decode(pong.encode(3)));
        LinkPong second = LinkPong.decode(pong.encode(2));
        assertEquals(new LinkPong(new Position(3, 77), true, 1234, 99, COMMITTED, EVERYWHERE), second);
        assertEquals(Rank.FIT, second.rank());
        LinkPong old = LinkPong.decode(pong.encode(1));
        assertEquals(new LinkPong(new Position(3, 77), true, 1234, 99), old);
        assertEquals(-1, old.committed());
        assertEquals(16, pong.encode(2).length - pong.encode(1).length);
    }

    @Test
    void batchesArriveInOrderAndARefusalComesBack() throws Exception {
        End a = new End();
        End b = new End();
        NodeLink linkA = link("a", "c", "s", a);
        NodeLink linkB = link("b", "c", "s", b);
        TestCluster.await("the link", () -> linkA.reachable("b") && linkB.reachable("a"));
        int n = 300;
        for (int i = 0; i < n; i++) {
            byte[] batch = ByteBuffer.allocate(4 + i * 100).putInt(i).array();
            byte[] shifted = new byte[batch.length + 3];
            System.arraycopy(batch, 0, shifted, 3, batch.length);
            assertTrue(linkA.forward("b", shifted, 3, batch.length));
        }
        TestCluster.await("all batches", () -> b.batches.size() == n);
        int i = 0;
        for (byte[] batch : b.batches) {
            assertEquals(4 + i * 100, batch.length);
            assertEquals(i++, ByteBuffer.wrap(batch).getInt());
        }
        linkB.refuse("a", "not leader".getBytes(StandardCharsets.UTF_8));
        TestCluster.await("the refusal", () -> a.events.contains("refused b not leader"));
        linkA.pingAll();
        TestCluster.await("the last entry", () -> linkA.lastEntryOf("b").equals(new Position(3, 77)));
        assertEquals(COMMITTED, linkA.committed("b"));
        assertEquals(EVERYWHERE, linkA.everywhere());
        assertEquals(Rank.LATE, linkA.rank("b"));
        // A ping that was answered before b reached a granted nothing.
        TestCluster.await("a lease", () -> a.pongs.stream().anyMatch(p -> p.leaseMillis() == 1234));
        LinkPong pong =
                a.pongs.stream().filter(p -> p.leaseMillis() > 0).findFirst().orElseThrow();
        assertEquals(1234, pong.leaseMillis());
        long age = System.nanoTime() - pong.asked();
        assertTrue(age > 0 && age < TimeUnit.HOURS.toNanos(1), "the time of the ping comes back: " + age);
        assertThrows(IllegalArgumentException.class, () -> linkA.forward("b", new byte[5 << 20], 0, 5 << 20));
        assertFalse(linkA.forward("nobody", new byte[1], 0, 1));
    }

    @Test
    void theEndOfAProcessIsNoticedAndItsReturnToo() throws Exception {
        End a = new End();
        NodeLink linkA = link("a", "c", "s", a);
        NodeLink first = link("b", "c", "s", new End());
        TestCluster.await("the link", () -> linkA.reachable("b"));
        byte[] last = {7};
        TestCluster.await("the other direction", () -> first.reachable("a"));
        assertTrue(first.forward("a", last, 0, 1));
        TestCluster.await("a batch", () -> a.batches.size() == 1);
        assertFalse(a.events.contains("unheard b"));
        first.close();
        TestCluster.await("the end", () -> a.events.contains("gone b"));
        TestCluster.await("its silence", () -> a.events.contains("unheard b"));
        assertTrue(a.events.contains("down b"));
        assertTrue(linkA.gone("b"));
        assertFalse(linkA.forward("b", new byte[1], 0, 1));
        link("b", "c", "s", new End());
        TestCluster.await("the return", () -> linkA.reachable("b"));
        assertFalse(linkA.gone("b"));
        assertEquals(1, a.events.stream().filter("gone b"::equals).count());
    }

    /** Of a process that ends the system closes connections before the port: until then it takes new ones. */
    @Test
    void aConnectionThatNobodyAnswersBehindABreakIsNoSignOfLife() throws Exception {
        End a = new End();
        int port = TestCluster.freePorts(1).get(0);
        link("b", "c", "s", new End(), InetAddress::getByName, port);
        try (ServerSocket ending = new ServerSocket(peers.get(1).linkPort(), 8, InetAddress.getLoopbackAddress())) {
            NodeLink linkA = link("a", "c", "s", a);
            Socket first = ending.accept();
            Socket through = new Socket(InetAddress.getLoopbackAddress(), port);
            pass(first, through);
            pass(through, first);
            TestCluster.await("the link", () -> linkA.reachable("b"));
            first.close();
            Socket late = ending.accept();
            assertTrue(late.getInputStream().read() >= 0, "it says hello");
            late.setSoLinger(true, 0);
            late.close();
            through.close();
        }
        TestCluster.await("the end", () -> a.events.contains("gone b"));
    }

    private static void pass(Socket from, Socket to) {
        Thread thread = new Thread(
                () -> {
                    try {
                        from.getInputStream().transferTo(to.getOutputStream());
                    } catch (IOException e) {
                        // closed
                    }
                },
                "pass");
        thread.setDaemon(true);
        thread.start();
    }

    /** The third node's name is asked for without an end: the other two go on with one another. */
    @Test
    void aNameThatNobodyTellsKeepsNoOtherNodeWaiting() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        peers = List.of(peers.get(0), peers.get(1), new Peer("z", "z.example", 1, 1));
        PeerNames.Lookup stuck = host -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new UnknownHostException(host);
        };
        End a = new End();
        NodeLink linkA = link("a", "c", "s", a, stuck);
        link("b", "c", "s", new End(), stuck);
        TestCluster.await("the link", () -> linkA.reachable("b"));
        linkA.pingAll();
        TestCluster.await("an answer", () -> !a.pongs.isEmpty());
        assertFalse(linkA.reachable("z"));
        never.countDown();
    }

    /** A process with its link closed may be anything; one that refuses on all of its ports is none. */
    @Test
    void aProcessHasEndedWhenAllItsPortsRefuse() throws Exception {
        try (ServerSocket raftPort = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            Peer b = peers.get(1);
            peers = List.of(peers.get(0), new Peer("b", b.host(), raftPort.getLocalPort(), b.linkPort()));
            NodeLink linkA = link("a", "c", "s", new End());
            NodeLink first = link("b", "c", "s", new End());
            TestCluster.await("the link", () -> linkA.reachable("b"));
            first.close();
            raftPort.accept().close();
            raftPort.accept().close();
            assertFalse(linkA.ended("b"), "its other port answers");
            raftPort.close();
            TestCluster.await("the end", () -> linkA.ended("b"));
            link("b", "c", "s", new End());
            TestCluster.await("the return", () -> linkA.reachable("b"));
            assertFalse(linkA.ended("b"));
        }
    }

    @Test
    void anotherSecretOrClusterIsRefused() throws Exception {
        End a = new End();
        NodeLink linkA = link("a", "c", "s", a);
        NodeLink other = link("b", "c", "wrong", new End());
        assertNeverUp(linkA, other);
        other.close();
        NodeLink foreign = link("b", "d", "s", new End());
        assertNeverUp(linkA, foreign);
        foreign.close();
        NodeLink right = link("b", "c", "s", new End());
        TestCluster.await("the right one", () -> linkA.reachable("b") && right.reachable("a"));
    }

    /** Both sides have tried at least once when their ports were asked by hand. */
    private void assertNeverUp(NodeLink a, NodeLink b) throws Exception {
        for (Peer peer : peers) {
            String answer = greetByHand(peer, "nobody");
            assertTrue(answer.contains("list of peers") || answer.contains("cluster"), answer);
        }
        assertFalse(a.reachable("b"));
        assertFalse(b.reachable("a"));
    }

    /** A later program's frames for a group that this one doesn't have are refused one by one; the connection and its pings go on. */
    @Test
    void framesOfAnotherGroupAreRefusedAndTheConnectionStays() throws Exception {
        End end = new End();
        link("a", "c", "s", end);
        LinkHandshake handshake = new LinkHandshake("c", peers.get(1), "s", LinkHandshake.VERSIONS);
        LinkHandshake.Hello hello = handshake.hello("a", LinkHandshake.Purpose.BATCHES);
        try (Socket socket = new Socket("127.0.0.1", peers.get(0).linkPort())) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            out.write(frame(LinkFrame.HELLO, Groups.BROKER, LinkHandshake.encode(hello)));
            byte[] challenge = read(in, LinkFrame.CHALLENGE, Groups.BROKER);
            out.write(frame(LinkFrame.PROOF, Groups.BROKER, handshake.answer(hello, challenge)));
            read(in, LinkFrame.WELCOME, Groups.BROKER);
            out.write(frame(LinkFrame.BATCH, 40_000, new byte[] {1}));
            String text = new String(read(in, LinkFrame.NO_GROUP, 40_000), StandardCharsets.UTF_8);
            assertTrue(text.startsWith("no such group") && text.contains("not 40000"), text);
            out.write(frame(LinkFrame.PING, 7, LinkPong.ping(1)));
            read(in, LinkFrame.NO_GROUP, 7);
            out.write(frame(LinkFrame.PING, Groups.BROKER, LinkPong.ping(1)));
            read(in, LinkFrame.PONG, Groups.BROKER);
        }
        assertTrue(end.batches.isEmpty());
    }

    private static byte[] frame(byte type, int group, byte[] payload) {
        return ByteBuffer.allocate(LinkFrame.HEADER_BYTES + payload.length)
                .putInt(LinkFrame.MIN_LENGTH + payload.length)
                .put(type)
                .putShort((short) group)
                .put(payload)
                .array();
    }

    private static byte[] read(DataInputStream in, byte type, int group) throws IOException {
        byte[] payload = new byte[in.readInt() - LinkFrame.MIN_LENGTH];
        assertEquals(type, in.readByte());
        assertEquals(group, in.readUnsignedShort());
        in.readFully(payload);
        return payload;
    }

    private String greetByHand(Peer peer, String from) throws IOException {
        LinkHandshake handshake =
                new LinkHandshake("c", new Peer(from, "127.0.0.1", 1, 2), "s", LinkHandshake.VERSIONS);
        byte[] hello = LinkHandshake.encode(handshake.hello(peer.id(), LinkHandshake.Purpose.BATCHES));
        try (Socket socket = new Socket(peer.host(), peer.linkPort())) {
            socket.getOutputStream()
                    .write(ByteBuffer.allocate(LinkFrame.HEADER_BYTES + hello.length)
                            .putInt(LinkFrame.MIN_LENGTH + hello.length)
                            .put(LinkFrame.HELLO)
                            .putShort((short) Groups.BROKER)
                            .put(hello)
                            .array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] payload = new byte[in.readInt() - LinkFrame.MIN_LENGTH];
            assertEquals(LinkFrame.REJECT, in.readByte());
            assertEquals(Groups.BROKER, in.readUnsignedShort());
            in.readFully(payload);
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    @Test
    void aLargeFrameFromAStrangerEndsTheConnection() throws Exception {
        link("a", "c", "s", new End());
        try (Socket socket = new Socket("127.0.0.1", peers.get(0).linkPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(ByteBuffer.allocate(LinkFrame.HEADER_BYTES)
                    .putInt(1 << 20)
                    .put(LinkFrame.HELLO)
                    .array());
            out.flush();
            assertEquals(-1, readOrReset(socket));
        }
    }

    private static int readOrReset(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (SocketException e) {
            return -1;
        }
    }

    @Test
    void aBatchIsRefusedWhenTooMuchIsPending() throws Exception {
        End a = new End();
        Object gate = new Object();
        boolean[] open = {false};
        NodeLink linkA = link("a", "c", "s", a);
        link("b", "c", "s", new End() {
            @Override
            public void onBatch(String node, byte[] bytes) {
                synchronized (gate) {
                    while (!open[0]) {
                        try {
                            gate.wait();
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                }
            }
        });
        TestCluster.await("the link", () -> linkA.reachable("b"));
        byte[] batch = new byte[1 << 20];
        int sent = 0;
        while (linkA.forward("b", batch, 0, batch.length)) {
            sent++;
            assertTrue(sent < 1_000, "nothing pushes back");
        }
        assertTrue(sent >= 32);
        synchronized (gate) {
            open[0] = true;
            gate.notifyAll();
        }
        TestCluster.await("room", () -> a.events.contains("writable b"));
        assertTrue(linkA.forward("b", batch, 0, batch.length));
    }
}
