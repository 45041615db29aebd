package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private long now = 77;
    private boolean leads;

    private Lease lease(int nodes) {
        return new Lease(Duration.ofSeconds(3), nodes, () -> leads, () -> now);
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
        lease.answered("b", now, 0);
        assertEquals(3_000, lease.leftMillis());
        pass(2_000);
        assertEquals(1_000, lease.leftMillis());
        lease.answered("b", now, 0);
        pass(2_999);
        assertTrue(lease.holds());
        pass(1);
        assertFalse(lease.holds());
    }

    @Test
    void ofFiveTwoOthersHaveToAnswer() {
        leads = true;
        Lease lease = lease(5);
        lease.answered("b", now, 0);
        assertFalse(lease.holds());
        lease.answered("c", now, 0);
        assertTrue(lease.holds());
        pass(2_000);
        lease.answered("c", now, 0);
        pass(1_000);
        assertFalse(lease.holds(), "b was last heard three seconds ago");
        lease.answered("d", now, 0);
        assertTrue(lease.holds());
    }

    /** What the leader had left is counted from the question, and a peer that does not lead grants nothing. */
    @Test
    void aFollowerHasWhatTheLeaderHadLeft() {
        Lease lease = lease(3);
        lease.answered("b", now, 0);
        assertFalse(lease.holds());
        long asked = now;
        pass(400);
        lease.answered("c", asked, 500);
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
        lease.answered("b", asked, 2_900);
        assertFalse(lease.holds());
        lease.answered("b", now, 0);
        lease.answered("b", asked, 0);
        assertTrue(lease.holds(), "an older answer takes nothing back");
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
                ((NodeLink) cluster.member(id).node.link()).muteTo(mute);
            }
            TestCluster.await("its end", () -> !cluster.member(cut).node.holdsLease());
            for (String id : cluster.others(cut)) {
                assertTrue(cluster.member(id).node.holdsLease(), id);
            }
            for (String id : all) {
                ((NodeLink) cluster.member(id).node.link()).muteTo(Set.of());
            }
            TestCluster.await("its return", () -> cluster.member(cut).node.holdsLease());
        }
    }
}
