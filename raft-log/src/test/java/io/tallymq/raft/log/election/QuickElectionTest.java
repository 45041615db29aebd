package io.tallymq.raft.log.election;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.link.Muting;
import io.tallymq.raft.log.link.NodeLink;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickElectionTest {
    @TempDir
    Path dir;

    /** Nobody stands because of it in the time of a test. */
    private static final RaftTuning PATIENT = TestCluster.SMALL.withElection(new ElectionTuning(
            Duration.ofSeconds(60),
            Duration.ofSeconds(90),
            Duration.ofSeconds(60),
            Duration.ofMillis(100),
            Duration.ofSeconds(120)));

    private static final int TRIES = 5;

    private static String settled(TestCluster cluster) throws Exception {
        cluster.tune("n1", TestCluster.SMALL);
        cluster.startAll();
        cluster.put("a", 0, 10);
        cluster.awaitSame();
        String leader = cluster.leader();
        for (String from : List.of("n0", "n1", "n2")) {
            for (String to : List.of("n0", "n1", "n2")) {
                if (!to.equals(from)) {
                    TestCluster.await(
                            "links", () -> cluster.member(from).node.link().reachable(to));
                }
            }
        }
        return leader;
    }

    private static NodeLink link(TestCluster cluster, String id) {
        return (NodeLink) cluster.member(id).node.link();
    }

    private static QuickElection.Survivor survivor(long index, boolean answered) {
        return new QuickElection.Survivor(new Position(2, index), answered, Rank.FIT);
    }

    @Test
    void whoHasTheLongestLogGoesFirstAndOfEqualsTheFirstOfThePeers() {
        Position mine = new Position(2, 7);
        QuickElection.Survivor shorter = survivor(6, true);
        QuickElection.Survivor equal = survivor(7, true);
        QuickElection.Survivor longer = survivor(8, true);
        QuickElection.Survivor unheard = survivor(6, false);
        assertEquals(0, QuickElection.turn(List.of(), mine, Rank.FIT, List.of(equal)));
        assertEquals(0, QuickElection.turn(List.of(shorter), mine, Rank.FIT, List.of()));
        assertEquals(1, QuickElection.turn(List.of(equal), mine, Rank.FIT, List.of()));
        assertEquals(QuickElection.HOPELESS, QuickElection.turn(List.of(longer), mine, Rank.FIT, List.of()));
        assertEquals(
                QuickElection.HOPELESS, QuickElection.turn(List.of(), mine, Rank.FIT, List.of(survivor(8, false))));
        assertEquals(
                1, QuickElection.turn(List.of(unheard), mine, Rank.FIT, List.of()), "its log may have grown since");
        assertEquals(
                0, QuickElection.turn(List.of(), mine, Rank.FIT, List.of(unheard)), "it waits for this node anyway");
        assertEquals(2, QuickElection.turn(List.of(unheard, shorter, equal), mine, Rank.FIT, List.of(equal)));
    }

    @Test
    void ofEqualLogsTheFittestGoesFirst() {
        Position mine = new Position(2, 7);
        QuickElection.Survivor late = new QuickElection.Survivor(mine, true, Rank.LATE);
        QuickElection.Survivor fit = survivor(7, true);
        assertEquals(0, QuickElection.turn(List.of(late), mine, Rank.FIT, List.of()));
        assertEquals(1, QuickElection.turn(List.of(), mine, Rank.BEHIND, List.of(fit)));
        assertEquals(2, QuickElection.turn(List.of(late), mine, Rank.LATE, List.of(fit, late)));
        assertEquals(0, QuickElection.turn(List.of(), mine, Rank.LATE, List.of(survivor(6, true))), "it has to stand");
        assertEquals(
                QuickElection.HOPELESS,
                QuickElection.turn(
                        List.of(),
                        mine,
                        Rank.FIT,
                        List.of(new QuickElection.Survivor(new Position(2, 8), true, Rank.LATE))));
    }

    @Test
    void aLeaderWhoseProcessEndsIsReplacedWithoutWaitingForTheTimeout() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, PATIENT)) {
            String leader = settled(cluster);
            List<String> others = cluster.others(leader);
            cluster.member(leader).abandon();
            TestCluster.await("another leader", () -> others.stream()
                    .anyMatch(id -> cluster.member(id).node.isLeader()));
            assertNotEquals(leader, cluster.member(others.get(0)).node.leaderId());
            assertTrue(cluster.member(others.get(0)).fatal().isEmpty());
        }
    }

    @Test
    void aLeaderThatAllOthersMissIsReplacedWithoutWaitingForTheTimeout() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, PATIENT)) {
            String leader = settled(cluster);
            List<String> others = cluster.others(leader);
            Muting.muteTo(link(cluster, leader), Set.copyOf(others));
            TestCluster.await("another leader", () -> others.stream()
                    .anyMatch(id -> cluster.member(id).node.isLeader()));
        }
    }

    /**
     * A node that is cut off from the leader alone must not take its place: they would take turns for ever. On a machine that is busy with
     * other work the third node may miss the leader as well, and then another is due: not in each of some tries.
     */
    @Test
    void aLeaderThatOneNodeMissesStays() throws Exception {
        boolean stayed = false;
        for (int i = 0; i < TRIES && !stayed; i++) {
            stayed = staysMissedByOne(dir.resolve("try" + i));
        }
        assertTrue(stayed);
    }

    private static boolean staysMissedByOne(Path data) throws Exception {
        try (TestCluster cluster = new TestCluster(data, PATIENT)) {
            String leader = settled(cluster);
            long term = cluster.member(leader).node.term();
            String alone = cluster.others(leader).get(0);
            Muting.muteTo(link(cluster, leader), Set.of(alone));
            long suspect = LinkTuning.DEFAULTS.suspectAfter().toNanos();
            TestCluster.await("silence", () -> link(cluster, alone).silentNanos(leader) > 3 * suspect);
            return cluster.member(leader).node.isLeader()
                    && cluster.member(leader).node.term() == term;
        }
    }
}
