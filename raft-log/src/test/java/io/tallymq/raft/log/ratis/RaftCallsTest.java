package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.TestCluster.Member;
import io.tallymq.raft.log.config.Groups;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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

/** Who reaches the Raft port and is no node changes nothing. */
class RaftCallsTest {
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
}
