package io.tallymq.raft.log.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.TestCluster.Member;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForwardTest {
    @TempDir
    Path dir;

    @Test
    void aFollowerForwardsToTheLeaderWhichCanRefuse() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            String leader = cluster.leader();
            String from = cluster.others(leader).get(0);
            Member follower = cluster.member(from);
            TestCluster.await("the link", () -> follower.node.link().reachable(leader));
            assertTrue(follower.batches.events.contains("up " + leader));
            for (int i = 0; i < 100; i++) {
                byte[] batch = ("b" + i).getBytes(StandardCharsets.UTF_8);
                assertTrue(follower.node.link().forward(leader, batch, 0, batch.length));
            }
            Member leading = cluster.member(leader);
            TestCluster.await("the batches", () -> leading.batches.received.size() == 100);
            assertEquals(
                    IntStream.range(0, 100).mapToObj(i -> from + ":b" + i).toList(),
                    List.copyOf(leading.batches.received));
            leading.node.link().refuse(from, "42".getBytes(StandardCharsets.UTF_8));
            TestCluster.await("the refusal", () -> follower.batches.events.contains("refused " + leader + " 42"));
        }
    }
}
