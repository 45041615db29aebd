package io.tallymq.raft.log.election;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.impl.Candidacy;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.TimeDuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CandidacyTest {
    private static final TimeDuration LONG = TimeDuration.valueOf(120, TimeUnit.SECONDS);

    @TempDir
    Path dir;

    /** One of two, so it can't win, and nobody else stands. */
    private RaftServer server() throws Exception {
        RaftPeer self =
                RaftPeer.newBuilder().setId("a").setAddress("127.0.0.1:0").build();
        RaftPeer other =
                RaftPeer.newBuilder().setId("b").setAddress("127.0.0.1:1").build();
        RaftProperties properties = new RaftProperties();
        GrpcConfigKeys.Server.setHost(properties, "127.0.0.1");
        GrpcConfigKeys.Server.setPort(properties, 0);
        RaftServerConfigKeys.setStorageDir(properties, List.of(dir.toFile()));
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, LONG);
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, LONG.multiply(2));
        return RaftServer.newBuilder()
                .setServerId(self.getId())
                .setGroup(RaftGroup.valueOf(RaftGroupId.randomId(), self, other))
                .setStateMachine(new BaseStateMachine())
                .setProperties(properties)
                .setOption(RaftStorage.StartupOption.FORMAT)
                .build();
    }

    @Test
    void whoDecidedToStandInATermThatHasPassedDoesNot() throws Exception {
        try (RaftServer server = server()) {
            server.start();
            RaftServer.Division its =
                    server.getDivision(server.getGroupIds().iterator().next());
            long term = its.getInfo().getCurrentTerm();
            assertFalse(Candidacy.stand(its, term - 1), "another one has stood since, and may have this node's vote");
            assertEquals(term, its.getInfo().getCurrentTerm());
            assertTrue(its.getInfo().isFollower());
            assertTrue(Candidacy.stand(its, term));
            assertFalse(Candidacy.stand(its, term), "it stands");
        }
    }
}
