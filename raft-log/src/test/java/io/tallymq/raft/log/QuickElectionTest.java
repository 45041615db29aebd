package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickElectionTest {
    @TempDir
    Path dir;

    /** The election timeout is so long that only the broken link can have started the election. */
    @Test
    void aLeaderWhoseProcessEndsIsReplacedWithoutWaitingForTheTimeout() throws Exception {
        RaftTuning patient = TestCluster.SMALL.withElection(new ElectionTuning(
                Duration.ofSeconds(60),
                Duration.ofSeconds(90),
                Duration.ofSeconds(60),
                Duration.ofMillis(100),
                Duration.ofSeconds(120)));
        try (TestCluster cluster = new TestCluster(dir, patient)) {
            cluster.tune("n1", TestCluster.SMALL);
            cluster.startAll();
            cluster.put("a", 0, 10);
            cluster.awaitSame();
            String leader = cluster.leader();
            List<String> others = cluster.others(leader);
            for (String from : others) {
                for (String to : List.of("n0", "n1", "n2")) {
                    if (!to.equals(from)) {
                        TestCluster.await(
                                "links", () -> cluster.member(from).node.link().reachable(to));
                    }
                }
            }
            cluster.member(leader).node.abandon();
            TestCluster.await("another leader", () -> others.stream()
                    .anyMatch(id -> cluster.member(id).node.isLeader()));
            assertNotEquals(leader, cluster.member(others.get(0)).node.leaderId());
            assertTrue(cluster.member(others.get(0)).fatal().isEmpty());
        }
    }
}
