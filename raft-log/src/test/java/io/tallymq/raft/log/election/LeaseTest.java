package io.tallymq.raft.log.election;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.link.LinkPong;
import io.tallymq.raft.log.link.Muting;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest implements Lease.Self {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private long now = 77;
    private boolean leads;
    private long applied = 40;
    private long appliedTerm = 5;
    private long committed = 40;

    private Lease lease(int nodes) {
        return new Lease(Duration.ofSeconds(3), nodes, this, () -> now);
    }

    @Override
    public boolean leads() {
        return leads;
    }

    @Override
    public long term() {
        return 5;
    }

    @Override
    public Position told() {
        return new Position(appliedTerm, applied);
    }

    @Override
    public Position committed() {
        return new Position(5, committed);
    }

    private static LinkPong pong(long asked, int leaseMillis) {
        return new LinkPong(new Position(5, 40), false, leaseMillis, asked, -1, -1);
    }

    private void pass(long millis) {
        now += millis * MILLI;
    }

    @Test
    void aNodeThatHeardNobodyHasNone() {
        Lease lease = lease(3);
        assertFalse(lease.holds());
        leads = true;
        assertFalse(lease.holds());
        assertEquals(0, lease.leftMillis());
    }

    @Test
    void aLeaderHasItAsLongAsAMajorityAnswers() {
        leads = true;
        Lease lease = lease(3);
        lease.answered("b", pong(now, 0));
        assertEquals(3_000, lease.leftMillis());
        pass(2_000);
        assertEquals(1_000, lease.leftMillis());
        lease.answered("b", pong(now, 0));
        pass(2_999);
        assertTrue(lease.holds());
        pass(1);
        assertFalse(lease.holds());
    }

    @Test
    void ofFiveTwoOthersHaveToAnswer() {
        leads = true;
        Lease lease = lease(5);
        lease.answered("b", pong(now, 0));
        assertFalse(lease.holds());
        lease.answered("c", pong(now, 0));
        assertTrue(lease.holds());
        pass(2_000);
        lease.answered("c", pong(now, 0));
        pass(1_000);
        assertFalse(lease.holds(), "b was last heard three seconds ago");
        lease.answered("d", pong(now, 0));
        assertTrue(lease.holds());
    }

    /** What the leader had left is counted from the question, and a peer that does not lead grants nothing. */
    @Test
    void aFollowerHasWhatTheLeaderHadLeft() {
        Lease lease = lease(3);
        lease.answered("b", pong(now, 0));
        assertFalse(lease.holds());
        long asked = now;
        pass(400);
        lease.answered("c", pong(asked, 500));
        pass(99);
        assertTrue(lease.holds());
        pass(1);
        assertFalse(lease.holds());
        assertEquals(0, lease.leftMillis(), "who does not lead has nothing to pass on");
    }

    /** The answer waited in a buffer while the process stood still. */
    @Test
    void anOldAnswerProvesNothing() {
        leads = true;
        Lease lease = lease(3);
        long asked = now;
        pass(60_000);
        lease.answered("b", pong(asked, 2_900));
        assertFalse(lease.holds());
        lease.answered("b", pong(now, 0));
        lease.answered("b", pong(asked, 0));
        assertTrue(lease.holds(), "an older answer takes nothing back");
    }

    /** In what was missed this node may have been declared lost. */
    @Test
    void whoMissedSomethingAppliesItFirst() {
        Lease lease = lease(3);
        applied = 39;
        lease.answered("c", pong(now, 1_000));
        assertFalse(lease.holds());
        applied = 40;
        assertTrue(lease.holds());
        pass(999);
        lease.answered("c", new LinkPong(new Position(5, 90), false, 1_000, now, -1, -1));
        assertTrue(lease.holds(), "a node a little behind keeps its lease");
        pass(1_000);
        lease.answered("c", new LinkPong(new Position(5, 90), false, 1_000, now, -1, -1));
        assertFalse(lease.holds());
    }

    /** It hears the leader all the time, and its store is full: what it comes to hand out is others' since long. */
    @Test
    void whoAppliesTooLateHasNone() {
        Lease lease = lease(3);
        lease.answered("c", pong(now, 3_000));
        assertTrue(lease.holds());
        long first = lease.gaps();
        long leaders = 41;
        for (int i = 0; i < 12; i++) {
            pass(500);
            lease.answered("c", new LinkPong(new Position(5, leaders++), false, 3_000, now, -1, -1));
            assertEquals(i < 5, lease.holds(), "after " + (i + 1) * 500);
        }
        applied = 45;
        assertFalse(lease.holds(), "that is what it had seconds ago");
        pass(10);
        applied = 52;
        lease.answered("c", new LinkPong(new Position(5, 52), false, 3_000, now, -1, -1));
        assertTrue(lease.holds());
        assertTrue(lease.gaps() > first);
    }

    /** It trails by a second: what it hands out was assigned a second ago. */
    @Test
    void whoTrailsALittleKeepsIt() {
        Lease lease = lease(3);
        lease.answered("c", pong(now, 3_000));
        long first = lease.gaps();
        for (int i = 1; i < 100; i++) {
            pass(50);
            applied = 40 + Math.max(0, i - 20);
            lease.answered("c", new LinkPong(new Position(5, 40 + i), false, 3_000, now, -1, -1));
            assertTrue(lease.holds(), "after " + i * 50);
        }
        assertEquals(first, lease.gaps());
    }

    /** It stood still, the leader before it gave its messages to others, and it is elected before it has applied that. */
    @Test
    void aNewLeaderAppliesAnEntryOfItsTermFirst() {
        leads = true;
        appliedTerm = 4;
        Lease lease = lease(3);
        lease.answered("b", pong(now, 0));
        assertFalse(lease.holds());
        assertEquals(3_000, lease.leftMillis(), "a follower looks to what it has applied itself");
        appliedTerm = 5;
        assertTrue(lease.holds());
    }

    /** It follows another leader already, although its machine still answers this one. */
    @Test
    void aPeerOfANewerTermDoesNotCount() {
        leads = true;
        Lease lease = lease(3);
        lease.answered("b", new LinkPong(new Position(6, 41), false, 0, now, -1, -1));
        assertFalse(lease.holds());
        lease.answered("c", pong(now, 0));
        assertTrue(lease.holds());
    }

    @Test
    void itCountsHowOftenItHadRunOut() {
        Lease lease = lease(3);
        lease.answered("c", pong(now, 1_000));
        long first = lease.gaps();
        pass(999);
        lease.answered("c", pong(now, 1_000));
        assertEquals(first, lease.gaps());
        pass(1_000);
        assertFalse(lease.holds());
        assertEquals(first, lease.gaps(), "it is not back");
        lease.answered("c", pong(now, 1_000));
        assertEquals(first + 1, lease.gaps());
        leads = true;
        lease.answered("c", pong(now, 0));
        pass(2_999);
        lease.answered("c", pong(now, 0));
        assertEquals(first + 1, lease.gaps(), "of a majority it goes on");
        pass(3_000);
        lease.answered("c", pong(now, 0));
        assertEquals(first + 2, lease.gaps());
    }

    /** What it was about to hand out as a follower without one waits until all that it has heard since has come to its sessions. */
    @Test
    void whoIsElectedWithoutOneHasHadAGap() {
        Lease lease = lease(3);
        lease.answered("c", pong(now, 1_000));
        lease.answered("b", pong(now, 0));
        long first = lease.gaps();
        pass(1_000);
        leads = true;
        assertFalse(lease.holds(), "although a majority has answered two seconds ago at most");
        lease.answered("b", pong(now, 0));
        assertTrue(lease.holds());
        assertEquals(first + 1, lease.gaps());
    }

    /** Its own disk takes nothing, and the others hand out what it has not applied. */
    @Test
    void aLeaderThatAppliesTooLateHasNone() {
        leads = true;
        Lease lease = lease(3);
        lease.answered("b", pong(now, 0));
        assertTrue(lease.holds());
        long first = lease.gaps();
        for (int i = 0; i < 12; i++) {
            pass(500);
            committed++;
            lease.answered("b", pong(now, 0));
            assertEquals(i < 5, lease.holds(), "after " + (i + 1) * 500);
        }
        applied = committed;
        lease.answered("b", pong(now, 0));
        assertTrue(lease.holds());
        assertTrue(lease.gaps() > first);
    }

    @Test
    void oneNodeAloneNeedsNobody() {
        Lease lease = lease(1);
        assertFalse(lease.holds());
        leads = true;
        pass(100_000);
        assertTrue(lease.holds());
    }

    @Test
    void aNodeThatIsCutOffLosesItAndTheOthersKeepIt(@TempDir Path dir) throws Exception {
        List<String> all = List.of("n0", "n1", "n2");
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            String leader = cluster.leader();
            String cut = cluster.others(leader).get(0);
            for (String id : all) {
                TestCluster.await(
                        "a lease of " + id, () -> cluster.member(id).node.holdsLease());
            }
            for (String id : all) {
                Set<String> mute = new HashSet<>(id.equals(cut) ? all : Set.of(cut));
                Muting.muteTo(cluster.member(id).node.link(), mute);
            }
            TestCluster.await("its end", () -> !cluster.member(cut).node.holdsLease());
            for (String id : cluster.others(cut)) {
                assertTrue(cluster.member(id).node.holdsLease(), id);
            }
            for (String id : all) {
                Muting.muteTo(cluster.member(id).node.link(), Set.of());
            }
            TestCluster.await("its return", () -> cluster.member(cut).node.holdsLease());
        }
    }

    /** It was asked of a leader whose last entries were never committed: nothing of it is missing once its successor's are applied. */
    @Test
    void whatTheNextTermLeftOutIsNotWaitedFor() {
        Lease lease = lease(3);
        lease.answered("b", new LinkPong(new Position(5, 60), false, 3_000, now, -1, -1));
        assertFalse(lease.holds());
        appliedTerm = 6;
        applied = 50;
        assertTrue(lease.holds());
    }
}
