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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that hang. */
class FlushWatchTest {
    /** Nobody stands for election because of a timeout. */
    private static final RaftTuning PATIENT = TestCluster.SMALL.withElection(new ElectionTuning(
            Duration.ofSeconds(60),
            Duration.ofSeconds(90),
            Duration.ofSeconds(60),
            Duration.ofMillis(100),
            Duration.ofSeconds(120)));

    @TempDir
    Path dir;

    private final CompletableFuture<Void> diskIsBack = new CompletableFuture<>();

    private TestCluster started() throws Exception {
        TestCluster cluster = new TestCluster(dir, PATIENT);
        cluster.tune("n1", TestCluster.SMALL);
        cluster.startAll();
        cluster.put("a", 0, 5);
        cluster.awaitSame();
        return cluster;
    }

    private static void awaitHang(Member member) {
        long longer = 2 * Fitness.LATE.toNanos();
        TestCluster.await("a flush that hangs", () -> member.flushPendingNanos() > longer);
    }

    @Test
    void aLeaderWhoseDiskHangsHandsLeadershipOver() throws Exception {
        try (TestCluster cluster = started()) {
            String leader = cluster.leader();
            List<String> others = cluster.others(leader);
            cluster.member(leader).flushAfter(diskIsBack);
            var unused = cluster.submit(leader, "stuck");
            TestCluster.await("another leader", () -> others.stream()
                    .anyMatch(id -> cluster.member(id).node.isLeader()));
            cluster.put("b", 0, 5);
            diskIsBack.complete(null);
            cluster.awaitSame();
            assertEquals(11, cluster.member(leader).state.entries().size());
        } finally {
            diskIsBack.complete(null);
        }
    }

    @Test
    void aFollowerWhoseDiskHangsChangesNothing() throws Exception {
        try (TestCluster cluster = started()) {
            String leader = cluster.leader();
            long term = cluster.member(leader).node.term();
            Member follower = cluster.member(cluster.others(leader).get(0));
            follower.flushAfter(diskIsBack);
            cluster.put("b", 0, 5);
            awaitHang(follower);
            assertEquals(leader, cluster.leader());
            assertEquals(term, cluster.member(leader).node.term());
            diskIsBack.complete(null);
            cluster.awaitSame();
        } finally {
            diskIsBack.complete(null);
        }
    }

    @Test
    void ifAllDisksHangTheLeaderStays() throws Exception {
        try (TestCluster cluster = started()) {
            String leader = cluster.leader();
            long term = cluster.member(leader).node.term();
            cluster.members().forEach(m -> m.flushAfter(diskIsBack));
            CompletableFuture<?> stuck = cluster.submit(leader, "stuck");
            awaitHang(cluster.member(leader));
            assertEquals(leader, cluster.leader());
            assertEquals(term, cluster.member(leader).node.term());
            diskIsBack.complete(null);
            stuck.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            cluster.awaitSame();
            assertEquals(6, cluster.member(leader).state.entries().size());
        } finally {
            diskIsBack.complete(null);
        }
    }
}
