package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.RaftNodeConfig.Peer;
import io.tallymq.raft.log.TestCluster.Member;
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
import java.util.concurrent.TimeUnit;
import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.TermIndexProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.thirdparty.io.grpc.stub.MetadataUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who reaches the nodes' ports and is no node changes nothing. */
class StrangerTest {
    /** A channel whose authority is not a peer's address gets no proof from this process. */
    private static final String NOBODY = "stranger";

    @TempDir
    Path dir;

    @Test
    void aRaftClientThatKnowsTheClustersNameCommitsNothing() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("before", 0, 3);
            RaftNodeConfig config = cluster.config("n0");
            RaftProperties properties = new RaftProperties();
            try (RaftClient client = RaftClient.newBuilder()
                    .setProperties(properties)
                    .setRaftGroup(RatisSettings.group(config))
                    .setRetryPolicy(RetryPolicies.noRetry())
                    .setClientRpc(new GrpcFactory(new Parameters()).newRaftClientRpc(ClientId.randomId(), properties))
                    .build()) {
                assertThrows(IOException.class, () -> client.io().send(Message.valueOf("abc")));
                for (Peer peer : config.peers()) {
                    RaftPeerId id = RaftPeerId.valueOf(peer.id());
                    assertThrows(IOException.class, () -> client.getGroupManagementApi(id)
                            .remove(RatisSettings.groupId("test", Groups.BROKER), true, false));
                }
            }
            cluster.put("after", 0, 3);
            cluster.awaitSame();
            List<String> expected = List.of("before0", "before1", "before2", "after0", "after1", "after2");
            for (Member m : cluster.members()) {
                assertEquals(expected, m.state.entries());
            }
        }
    }

    @Test
    void aForgedVoteNeedsTheSecret() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("before");
            Member target = cluster.member("n1");
            long term = target.node.term();
            RaftNodeConfig config = cluster.config("n1");
            RaftNodeConfig other = new RaftNodeConfig(
                    "test", "n0", config.peers(), config.bind(), dir, "another secret", config.tuning());
            byte[][] proofs = {null, new byte[32], RaftCalls.proof(other, "n1"), RaftCalls.proof(config, "n0")};
            for (byte[] proof : proofs) {
                StatusRuntimeException refused =
                        assertThrows(StatusRuntimeException.class, () -> vote(config, term + 1_000, proof));
                assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
                assertEquals(term, target.node.term());
            }
            vote(
                    config,
                    term + 1_000,
                    RaftCalls.proof(cluster.config("n0"), "n1")); // so the refusals were for the proof's sake
            TestCluster.await("the term that the vote was asked for in", () -> cluster.members().stream()
                    .allMatch(m -> m.node.term() >= term + 1_000));
            cluster.put("after");
            cluster.awaitSame();
        }
    }

    private static void vote(RaftNodeConfig config, long term, byte[] proof) throws InterruptedException {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        config.self().host(), config.self().raftPort())
                .overrideAuthority(NOBODY)
                .usePlaintext()
                .build();
        try {
            Metadata metadata = new Metadata();
            if (proof != null) {
                metadata.put(RaftCalls.PROOF, proof);
            }
            ByteString group =
                    RatisSettings.groupId(config.clusterName(), Groups.BROKER).toByteString();
            RaftRpcRequestProto rpc = RaftRpcRequestProto.newBuilder()
                    .setRequestorId(ByteString.copyFromUtf8("n0"))
                    .setReplyId(ByteString.copyFromUtf8(config.nodeId()))
                    .setRaftGroupId(RaftGroupIdProto.newBuilder().setId(group))
                    .build();
            RequestVoteRequestProto request = RequestVoteRequestProto.newBuilder()
                    .setServerRequest(rpc)
                    .setCandidateTerm(term)
                    .setCandidateLastEntry(
                            TermIndexProto.newBuilder().setTerm(term).setIndex(1L << 40))
                    .build();
            RaftServerProtocolServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                    .requestVote(request);
        } finally {
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        }
    }

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
