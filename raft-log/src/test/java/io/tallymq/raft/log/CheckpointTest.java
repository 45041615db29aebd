package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.TestCluster.Member;
import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.files.FilesOfLog;
import io.tallymq.raft.log.state.ReplicatedState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLogOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that the leader's log can not serve any more copies the leader's store. */
class CheckpointTest {
    @TempDir
    Path dir;

    @Test
    void aWipedNodeOfAnIdleClusterGetsTheLog() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 20);
            cluster.awaitSame();
            String wiped = wipe(cluster);
            // Nothing is written from here on: this is RATIS-2523.
            cluster.start(wiped);
            cluster.awaitSame();
            assertEquals(20, cluster.member(wiped).state.entries().size());
            assertEquals(0, cluster.member(wiped).state.installs());
        }
    }

    @Test
    void aWipedNodeGetsACheckpointWhenTheLogWasCut() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            cluster.awaitSame();
            String wiped = wipe(cluster);
            cutLog(cluster);
            Member back = cluster.start(wiped);
            cluster.awaitSame();
            assertTrue(back.state.installs() >= 1);
            goesOn(cluster, back);
        }
    }

    @Test
    void aNodeThatWasAwayTooLongGetsACheckpointAndKeepsItOverARestart() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            cluster.awaitSame();
            String away = cluster.others(cluster.leader()).get(0);
            cluster.stop(away);
            cutLog(cluster);
            Member back = cluster.start(away);
            cluster.awaitSame();
            assertTrue(back.state.installs() >= 1);
            goesOn(cluster, back);
            cluster.stop(away);
            cluster.start(away);
            cluster.put("z", 0, 3);
            cluster.awaitSame();
        }
    }

    /** It led, and nobody took what it wrote last: small entries that many, beside few large ones of the leader after it. */
    @Test
    void whatAnOlderLeaderHadBehindACheckpointIsDropped() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            cluster.awaitSame();
            String away = cluster.others(cluster.leader()).get(0);
            Member gone = cluster.member(away);
            Path log = gone.node.logDir();
            cluster.stop(away);
            appendOfItsOwn(FilesOfLog.segment(log, true), gone.state.applied(), 5_000);
            cluster.member(cluster.leader()).handOverTo(otherFollower(cluster, away));
            TestCluster.await(
                    "a new term",
                    () -> cluster.member(cluster.leader()).node.term()
                            > gone.state.applied().term());
            cutLog(cluster);
            Member back = cluster.start(away);
            TestCluster.await("its end", () -> !back.fatal().isEmpty());
            assertTrue(
                    back.fatal().get(0).contains("older leader"), back.fatal().toString());
            assertTrue(back.state.installs() >= 1); // a process would have ended by now
            cluster.stop(away);
            Member again = cluster.start(away);
            cluster.awaitSame();
            goesOn(cluster, again);
            assertTrue(FilesOfLog.firstIndex(log) > gone.state.applied().index());
        }
    }

    private static String otherFollower(TestCluster cluster, String away) {
        return cluster.others(cluster.leader()).stream()
                .filter(id -> !id.equals(away))
                .findFirst()
                .orElseThrow();
    }

    /** With Ratis' own writer. */
    private static void appendOfItsOwn(Path segment, ReplicatedState.Position last, int count) throws IOException {
        try (SegmentedRaftLogOutputStream out = new SegmentedRaftLogOutputStream(
                segment.toFile(), true, 32 << 20, 0, ByteBuffer.allocateDirect(1 << 20))) {
            for (int i = 1; i <= count; i++) {
                out.write(LogEntryProto.newBuilder()
                        .setTerm(last.term())
                        .setIndex(last.index() + i)
                        .setStateMachineLogEntry(
                                StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFromUtf8("mine")))
                        .build());
            }
            out.flush();
        }
    }

    /** Twice, then the leader's disk is well again. */
    @Test
    void aDamagedCopyIsNoReasonToEnd() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            cluster.awaitSame();
            String away = cluster.others(cluster.leader()).get(0);
            cluster.stop(away);
            cutLog(cluster);
            MemoryState state = new MemoryState(cluster.storeFile(away));
            AtomicInteger copies = new AtomicInteger();
            List<Integer> entriesMeanwhile = new CopyOnWriteArrayList<>();
            state.whileVerifying(() -> {
                entriesMeanwhile.add(state.entries().size());
                if (copies.incrementAndGet() <= 2) {
                    throw new IllegalStateException("a bit of it");
                }
            });
            Member back = cluster.start(away, state);
            cluster.awaitSame();
            assertEquals(List.of(5, 5, 5), entriesMeanwhile);
            assertEquals(1, back.state.installs());
            assertEquals(List.of(), back.fatal());
            goesOn(cluster, back);
        }
    }

    /** The pauses between the three times are 1 s and 2 s at least. */
    @Test
    void whatTheLeaderCantMakeIsAskedForMoreAndMoreSeldom() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            cluster.awaitSame();
            Member leader = cluster.member(cluster.leader());
            String away = cluster.others(cluster.leader()).get(0);
            cluster.stop(away);
            cutLog(cluster);
            List<Long> asked = new CopyOnWriteArrayList<>();
            leader.state.whileCopying(copy -> {
                asked.add(System.nanoTime());
                if (asked.size() < 3) {
                    throw new IOException("no more files");
                }
            });
            Member back = cluster.start(away);
            cluster.awaitSame();
            long between = TimeUnit.NANOSECONDS.toMillis(asked.get(2) - asked.get(0));
            assertTrue(between >= 3_000, () -> "asked three times within " + between + " ms");
            goesOn(cluster, back);
        }
    }

    @Test
    void nodesThatSpeakTlsCopyTheirStoresByIt() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.speakTls(OneCertificate.in(dir));
            cluster.startAll();
            cluster.put("a", 0, 5);
            cluster.awaitSame();
            String wiped = wipe(cluster);
            cutLog(cluster);
            Member back = cluster.start(wiped);
            cluster.awaitSame();
            assertTrue(back.state.installs() >= 1);
            goesOn(cluster, back);
        }
    }

    /** The store is always as durable as applied: Ratis 3.3.0 asks such a follower for ever (RATIS-2500). */
    @Test
    void aFollowerIsNotAskedForEverWhenTheSnapshotAdvancesWithApply() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            for (String id : List.of("n0", "n1", "n2")) {
                cluster.start(id, new MemoryState(cluster.storeFile(id)).durableAtFlush());
            }
            String away = cluster.others(cluster.leader()).get(0);
            cluster.stop(away);
            cutLog(cluster);
            Member back = cluster.start(away, new MemoryState(cluster.storeFile(away)).durableAtFlush());
            cluster.put("b", 0, 20);
            cluster.awaitSame();
            int installs = back.state.installs();
            cluster.put("c", 0, 20);
            cluster.awaitSame();
            assertEquals(installs, back.state.installs());
            assertTrue(back.fatal().isEmpty());
        }
    }

    /** The installation takes so long that all that is usually kept of the log is newer. */
    @Test
    void aCheckpointThatIsInstalledUnderLoadIsFollowedByTheLog() throws Exception {
        RaftTuning eager =
                TestCluster.STEADY.withSnapshot(TestCluster.STEADY.snapshot().withForce(new LogAmount(1, 1)));
        try (TestCluster cluster = new TestCluster(dir, eager)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            cluster.awaitSame();
            String away = cluster.others(cluster.leader()).get(0);
            cluster.stop(away);
            cutLog(cluster);
            Member leader = cluster.member(cluster.leader());
            MemoryState state = new MemoryState(cluster.storeFile(away));
            state.whileInstalling(() -> {
                load(leader, 40);
                int before = leader.state.forced();
                TestCluster.await("two rounds of housekeeping", () -> {
                    load(leader, 4);
                    return leader.state.forced() >= before + 2;
                });
            });
            Member back = cluster.start(away, state);
            cluster.awaitSame();
            assertEquals(1, back.state.installs());
            goesOn(cluster, back);
            long held = FilesOfLog.firstIndex(leader.node.logDir());
            TestCluster.await("the log to be cut again", () -> {
                load(leader, 4);
                return FilesOfLog.firstIndex(leader.node.logDir()) > held;
            });
        }
    }

    /** What a crash leaves between the installation of a checkpoint and Ratis' taking notice of it. */
    @Test
    void aStoreThatIsAheadOfItsLogIsTakenAsItIs() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 10);
            cluster.awaitSame();
            String leader = cluster.leader();
            String crashed = cluster.others(leader).get(0);
            cluster.stop(crashed);
            cluster.put("b", 0, 30);
            cluster.member(leader).state.forceDurable();
            Files.copy(cluster.storeFile(leader), cluster.storeFile(crashed), StandardCopyOption.REPLACE_EXISTING);
            Member back = cluster.start(crashed);
            goesOn(cluster, back);
            assertEquals(60, back.state.entries().size());
            assertEquals(0, back.state.installs());
        }
    }

    private static String wipe(TestCluster cluster) throws Exception {
        String wiped = cluster.others(cluster.leader()).get(0);
        cluster.stop(wiped);
        Directories.delete(cluster.raftDir(wiped));
        Files.deleteIfExists(cluster.storeFile(wiped));
        return wiped;
    }

    /** Writes until the leader has deleted the beginning of its log. */
    private static void cutLog(TestCluster cluster) throws Exception {
        Member leader = cluster.member(cluster.leader());
        long[] first = {0};
        TestCluster.await("a cut log", () -> {
            load(leader, 10);
            leader.state.forceDurable();
            first[0] = FilesOfLog.firstIndex(leader.node.logDir());
            return first[0] > 20;
        });
    }

    private static void load(Member leader, int entries) {
        byte[] bytes = new byte[20_000];
        for (int i = 0; i < entries; i++) {
            try {
                leader.node.submit(bytes, 0, bytes.length).get(60, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void goesOn(TestCluster cluster, Member back) {
        int before = back.state.entries().size();
        cluster.put("after", 0, 20);
        cluster.awaitSame();
        assertEquals(before + 20, back.state.entries().size());
        assertTrue(back.fatal().isEmpty());
        TestCluster.await("readiness", back.node::readyToServe);
    }
}
