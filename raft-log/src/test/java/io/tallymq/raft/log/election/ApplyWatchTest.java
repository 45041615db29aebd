package io.tallymq.raft.log.election;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.TestCluster.Member;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.RaftTuning;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that take nothing, while the log does. */
class ApplyWatchTest {
    /** Nobody stands for election because of a timeout. */
    private static final RaftTuning PATIENT = TestCluster.SMALL.withElection(new ElectionTuning(
            Duration.ofSeconds(60),
            Duration.ofSeconds(90),
            Duration.ofSeconds(60),
            Duration.ofMillis(100),
            Duration.ofSeconds(120)));

    @TempDir
    Path dir;

    private final CompletableFuture<Void> room = new CompletableFuture<>();

    @AfterEach
    void thereIsRoom() {
        room.complete(null);
    }

    private TestCluster started(RaftTuning tuning) throws Exception {
        TestCluster cluster = new TestCluster(dir, tuning);
        cluster.tune("n1", TestCluster.SMALL);
        cluster.startAll();
        cluster.put("a", 0, 5);
        cluster.awaitSame();
        return cluster;
    }

    private void fill(Member member) {
        member.state.beforeFlush(room::join);
    }

    private void awaitFull(Member member) {
        long longer = 2 * Fitness.LATE.toNanos();
        TestCluster.await("a write that waits", () -> member.node.gauges().applyingNanos() > longer);
    }

    @Test
    void aLeaderWhoseStoreWaitsHandsLeadershipOver() throws Exception {
        try (TestCluster cluster = started(PATIENT)) {
            String leader = cluster.leader();
            List<String> others = cluster.others(leader);
            fill(cluster.member(leader));
            var unused = cluster.submit(leader, "stuck");
            TestCluster.await("another leader", () -> others.stream()
                    .anyMatch(id -> cluster.member(id).node.isLeader()));
            String next = others.stream()
                    .filter(id -> cluster.member(id).node.isLeader())
                    .findFirst()
                    .orElseThrow();
            cluster.submit(next, "b").get();
            room.complete(null);
            cluster.awaitSame();
            assertEquals(7, cluster.member(leader).state.entries().size());
        } finally {
            room.complete(null);
        }
    }

    @Test
    void ifAllStoresWaitTheLeaderStays() throws Exception {
        try (TestCluster cluster = started(PATIENT)) {
            String leader = cluster.leader();
            long term = cluster.member(leader).node.term();
            cluster.members().forEach(this::fill);
            var unused = cluster.submit(leader, "stuck");
            awaitFull(cluster.member(leader));
            assertEquals(leader, cluster.leader());
            assertEquals(term, cluster.member(leader).node.term());
            room.complete(null);
            cluster.awaitSame();
        } finally {
            room.complete(null);
        }
    }
}
