package io.tallymq.raft.log.election;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.RaftNode;
import io.tallymq.raft.log.RaftStatus.PeerStatus;
import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.TestCluster.Member;
import io.tallymq.raft.log.config.ElectionTuning;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.link.Rank;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who leads when some nodes should not. Nobody stands because of a timeout in the time of a test: what is not decided by what the nodes say of themselves is not decided. */
class LeadWatchTest {
    private static final RaftTuning PATIENT = TestCluster.SMALL.withElection(new ElectionTuning(
            Duration.ofSeconds(120),
            Duration.ofSeconds(150),
            Duration.ofSeconds(120),
            Duration.ofMillis(100),
            Duration.ofSeconds(240)));

    private static final long SLOW_MILLIS = 200;
    /** What {@link #MANY} of take tens of seconds. */
    private static final long APPLY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MANY = 400;

    /** More than a node may lack to be handed leadership. */
    private static final int FAR = 1_100;

    @TempDir
    Path dir;

    private final CompletableFuture<Void> room = new CompletableFuture<>();
    private final CompletableFuture<Void> diskIsBack = new CompletableFuture<>();
    private TestCluster cluster;
    private String leader;
    /** Of equals the one that would be chosen. */
    private String first;

    private String second;

    @BeforeEach
    void start() throws Exception {
        cluster = new TestCluster(dir, PATIENT);
        cluster.startAll();
        cluster.put("a", 0, 5);
        cluster.awaitSame();
        leader = cluster.leader();
        first = cluster.others(leader).get(0);
        second = cluster.others(leader).get(1);
    }

    @AfterEach
    void end() {
        room.complete(null);
        diskIsBack.complete(null);
        cluster.members().forEach(m -> m.flushAfter(diskIsBack));
        cluster.members().parallelStream().forEach(Member::abandon); // nobody waits for a successor
        cluster.close();
    }

    private Member member(String id) {
        return cluster.member(id);
    }

    private void fill(String... ids) {
        for (String id : ids) {
            member(id).state.beforeFlush(room::join);
        }
        cluster.put("b");
        TestCluster.await("nodes that say so", () -> cluster.members().stream()
                .allMatch(m -> Stream.of(ids).allMatch(id -> m == member(id) || m.rankOf(id) == Rank.LATE)));
    }

    private void putAtOnce(int entries) throws Exception {
        CompletableFuture<?>[] all = new CompletableFuture<?>[entries];
        for (int i = 0; i < entries; i++) {
            all[i] = cluster.submit(leader, "d" + i);
        }
        CompletableFuture.allOf(all).get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void submitUntil(String what, BooleanSupplier condition) {
        TestCluster.await(what, () -> {
            cluster.submit(leader, "s").join();
            return condition.getAsBoolean();
        });
    }

    private void awaitFull(String id) {
        long longer = 2 * Fitness.LATE.toNanos();
        TestCluster.await("a write that waits", () -> member(id).node.gauges().applyingNanos() > longer);
    }

    private void awaitConfirm(String id) throws Exception {
        TestCluster.await(id + " to lead", () -> member(id).node.isLeader());
        cluster.submit(id, "c").get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aLeaderThatEndsIsReplacedByWhoHasRoom() throws Exception {
        fill(first);
        member(leader).abandon();
        awaitConfirm(second);
    }

    /** It would take no entries before it has applied them all. */
    @Test
    void aLeaderThatEndsIsReplacedByWhoHasLittleToApply() throws Exception {
        member(first).state.beforeApply(() -> LockSupport.parkNanos(APPLY_NANOS));
        try {
            putAtOnce(MANY);
            // Later entries tell it what of these is committed: they may have come to it all at once.
            submitUntil(
                    "one that is behind",
                    () -> member(leader).rankOf(first) == Rank.BEHIND
                            && member(second).rankOf(first) == Rank.BEHIND);
            TestCluster.await(
                    "equal logs",
                    () -> member(leader).node.everywhere()
                            >= member(leader).node.commitIndex());
            member(leader).abandon();
            awaitConfirm(second);
        } finally {
            member(first).state.beforeApply(() -> {});
        }
    }

    @Test
    void aLeaderThatIsStoppedHandsOverToWhoHasRoom() throws Exception {
        fill(first);
        cluster.stop(leader);
        awaitConfirm(second);
    }

    @Test
    void whoHasNoRoomIsNotMadeTheLeader() {
        fill(first);
        assertFalse(member(leader).node.lead(first));
        assertFalse(member(second).node.lead(first));
        assertEquals(leader, cluster.leader());
    }

    @Test
    void anOperatorSeesWhoWouldLeadBadly() {
        fill(first);
        Map<String, Rank> seen = member(leader).node.status().peers().stream()
                .collect(Collectors.toMap(PeerStatus::id, PeerStatus::rank));
        assertEquals(Rank.LATE, seen.get(first));
        assertTrue(seen.get(second).isBetter(Rank.LATE));
        RaftNode full = member(first).node;
        assertEquals(Rank.LATE, full.status().rank());
        assertEquals(Rank.LATE, full.gauges().rank());
        RaftNode leads = member(leader).node;
        assertTrue(leads.status().rank().isBetter(Rank.LATE));
        assertTrue(leads.gauges().rank().isBetter(Rank.LATE));
    }

    /** It takes no entries, for it has not applied its own first one, and Ratis hands nothing over then. Who follows it does not hear of it. */
    @Test
    void whoIsElectedWithoutRoomIsReplaced() throws Exception {
        fill(first);
        member(leader).handOverTo(first);
        TestCluster.await(
                "the one without room", () -> first.equals(member(second).node.leaderId()));
        TestCluster.await("one with room", () -> List.of(leader, second).stream()
                .anyMatch(id -> member(id).node.isLeader()));
        awaitConfirm(member(leader).node.isLeader() ? leader : second);
    }

    /** It tells nobody, and to the others it leads until a timeout has passed. */
    @Test
    void whoStepsDownIsReplaced() throws Exception {
        long term = member(leader).node.term();
        member(leader).handOverTo(null);
        TestCluster.await("a leader of another term", () -> cluster.members().stream()
                .anyMatch(m -> m.node.isLeader() && m.node.term() > term));
    }

    @Test
    void aLeaderWhoseLogHangsHandsOverToWhoHasRoom() throws Exception {
        fill(first);
        member(leader).flushAfter(diskIsBack);
        var unused = cluster.submit(leader, "stuck");
        awaitConfirm(second);
    }

    @Test
    void ifAllWaitWhoHasRoomFirstLeads() throws Exception {
        for (String id : List.of(leader, first)) {
            member(id).state.beforeFlush(room::join);
        }
        CompletableFuture<Void> its = new CompletableFuture<>();
        member(second).state.beforeFlush(its::join);
        var unused = cluster.submit(leader, "stuck");
        awaitFull(leader);
        assertEquals(leader, cluster.leader());
        its.complete(null);
        awaitConfirm(second);
    }

    /** Each flush is done, but takes long: what Ratis asks before its own is as much a part of a flush. */
    private static final class Slow extends CompletableFuture<Void> {
        @Override
        public Void get() {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(SLOW_MILLIS));
            return null;
        }

        @Override
        public Void get(long timeout, TimeUnit unit) {
            return get();
        }
    }

    @Test
    void aLeaderWhoseFlushesAreSlowHandsOverToOneWhoseAreNot() {
        member(leader).flushAfter(new Slow());
        TestCluster.await("another leader", () -> {
            CompletableFuture<?> entry = cluster.submit(cluster.leader(), "s");
            TestCluster.await("its end", entry::isDone);
            return !cluster.leader().equals(leader);
        });
    }

    /** Nothing is known against one that hears of no entries, and Ratis would wait for it and take none meanwhile, again and again. */
    @Test
    void aSlowLeaderHandsNothingOverToOneThatIsFarBehind() throws Exception {
        member(first).abandon();
        putAtOnce(FAR);
        cluster.listenElsewhere(first);
        cluster.start(first);
        TestCluster.await("its link", () -> member(leader).node.link().reachable(first));
        member(second).flushAfter(new Slow());
        submitUntil("one that is slow", () -> member(leader).rankOf(second) == Rank.SLOW);
        member(leader).flushAfter(new Slow());
        AtomicReference<Fitness.Trouble> found = new AtomicReference<>();
        submitUntil("two that are", () -> {
            found.set(member(leader).fitness().trouble());
            return found.get() != null;
        });
        Fitness.Trouble trouble = found.get();
        assertEquals(Rank.SLOW, trouble.rank());
        assertEquals(Rank.FIT, member(leader).rankOf(first));
        assertNull(member(leader).handOver().better(trouble));
    }
}
