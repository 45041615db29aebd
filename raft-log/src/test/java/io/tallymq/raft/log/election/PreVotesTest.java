package io.tallymq.raft.log.election;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.tallymq.raft.log.RaftStatus.Role;
import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.TestCluster.Member;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.LinkTuning;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.election.PreVotes.Patience;
import io.tallymq.raft.log.election.PreVotes.Standing;
import io.tallymq.raft.log.link.Rank;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may stand by Ratis' own timeout. */
class PreVotesTest {
    private static final Position LAST = new Position(3, 9);
    private static final Position SHORTER = new Position(3, 8);

    @TempDir
    Path dir;

    private static Standing standing(String id, Position last, Rank rank) {
        return new Standing(id, last, rank);
    }

    /** What others have said of themselves holds for longer than a ping may take on a busy machine. */
    private static LinkTuning patient() {
        LinkTuning d = LinkTuning.DEFAULTS;
        return new LinkTuning(
                d.connectTimeout(),
                d.retry(),
                d.pingEvery(),
                Duration.ofSeconds(60),
                d.lease(),
                Duration.ofSeconds(120),
                d.maxFrameBytes(),
                d.maxPendingBytes(),
                d.strangers());
    }

    private static RaftTuning timeouts(long minMillis, long maxMillis) {
        return TestCluster.SMALL
                .withLink(patient())
                .withElection(new ElectionTuning(
                        Duration.ofMillis(minMillis),
                        Duration.ofMillis(maxMillis),
                        Duration.ofSeconds(120),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(240)));
    }

    @Test
    void whoIsBetterAndHasAsMuchIsWaitedFor() {
        Standing late = standing("a", LAST, Rank.LATE);
        Standing fit = standing("b", LAST, Rank.FIT);
        Standing behind = standing("c", LAST, Rank.BEHIND);
        assertEquals(behind, PreVotes.better(late, List.of(behind, fit)));
        assertEquals(fit, PreVotes.better(behind, List.of(late, fit)));
        assertNull(PreVotes.better(fit, List.of(late, behind, standing("d", LAST, Rank.FIT))));
        assertNull(PreVotes.better(late, List.of(standing("d", LAST, Rank.LATE))), "it is no better");
        assertNull(PreVotes.better(late, List.of(standing("d", SHORTER, Rank.FIT))), "it could not win");
        assertNull(PreVotes.better(late, List.of(standing("d", new Position(2, 99), Rank.FIT))), "nor could it");
        Standing longer = standing("d", new Position(4, 1), Rank.FIT);
        assertEquals(longer, PreVotes.better(late, List.of(longer)));
    }

    @Test
    void whoNeverComesToLeadIsNotWaitedForForEver() {
        Patience patience = new Patience(100);
        assertTrue(patience.has(LAST, 1_000));
        assertTrue(patience.has(LAST, 1_099));
        assertFalse(patience.has(LAST, 1_100));
        assertFalse(patience.has(LAST, 9_000), "an election that nobody wins is no reason to wait anew");
        Position next = new Position(4, 10);
        assertTrue(patience.has(next, 9_000), "somebody led");
        assertFalse(patience.has(next, 9_100));
        patience.end();
        assertTrue(patience.has(next, 9_100), "the leader was there again");
    }

    /**
     * The link goes on and tells that all is well, but the leader's heartbeats do not come: only the timeouts decide. The one whose store takes nothing has by far the shortest, the other one stands
     * some seconds later.
     */
    @Test
    void whoHasNoRoomDoesNotWinByItsTimeout() throws Exception {
        CompletableFuture<Void> room = new CompletableFuture<>();
        TestCluster cluster = new TestCluster(dir, timeouts(600, 60_000));
        try {
            cluster.tune("n1", timeouts(1_000, 1_200));
            cluster.tune("n2", timeouts(2_000, 12_000));
            cluster.startAll();
            cluster.put("a");
            cluster.awaitSame();
            Member leader = cluster.member("n0");
            Member full = cluster.member("n1");
            Member fit = cluster.member("n2");
            TestCluster.await("the leader of this test", () -> {
                String leads = cluster.leader();
                return leads.equals("n0") || !cluster.member(leads).node.lead("n0") && leader.node.isLeader();
            });
            full.state.beforeFlush(room::join);
            cluster.put("b");
            TestCluster.await("a full one", () -> fit.rankOf("n1") == Rank.LATE && leader.rankOf("n1") == Rank.LATE);
            long term = leader.node.term();
            leader.callNobody();
            boolean[] wasLate = {false};
            TestCluster.await("another leader", () -> {
                wasLate[0] |= fit.fitness().rank() != Rank.FIT;
                return leads(full, term) || leads(fit, term);
            });
            assumeFalse(wasLate[0] && leads(full, term), "this machine's disk left none that is better");
            assertEquals(List.of(false, true), List.of(leads(full, term), leads(fit, term)));
        } finally {
            room.complete(null);
            cluster.members().parallelStream().forEach(Member::abandon);
            cluster.close();
        }
    }

    /** Whether it takes entries or not. */
    private static boolean leads(Member member, long after) {
        return member.node.role() == Role.LEADER && member.node.term() > after;
    }
}
