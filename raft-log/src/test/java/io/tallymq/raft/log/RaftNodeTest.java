package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster.Member;
import io.tallymq.raft.log.config.LogTuning;
import io.tallymq.raft.log.files.FilesOfLog;
import io.tallymq.raft.log.state.NotAcceptedException;
import io.tallymq.raft.log.state.NotAcceptedException.Reason;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RaftNodeTest {
    @TempDir
    Path dir;

    @Test
    void everyNodeAppliesEveryEntryInOrder() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            String leader = cluster.leader();
            List<CompletableFuture<Position>> futures = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                futures.add(cluster.submit(leader, "e" + i));
                expected.add("e" + i);
            }
            long previous = -1;
            for (CompletableFuture<Position> future : futures) {
                long index = future.get(60, TimeUnit.SECONDS).index();
                assertTrue(index > previous);
                previous = index;
            }
            cluster.awaitSame();
            for (Member m : cluster.members()) {
                assertEquals(expected, m.state.entries());
                TestCluster.await("a flush of everything", () -> m.state.unflushed() == 0);
                TestCluster.await("readiness", m.node::readyToServe);
                assertEquals(leader, m.node.leaderId());
                assertEquals(leader, m.state.leader());
            }
            RaftStatus status = cluster.member(leader).node.status();
            assertEquals(RaftStatus.Role.LEADER, status.role());
            TestCluster.await("followers at the end", () -> cluster.member(leader).node.status().peers().stream()
                    .allMatch(p ->
                            p.reachable() && p.matchIndex() == status.indexes().committed()));
        }
    }

    @Test
    void whoWaitsIsToldAtOnceAndTheStateIsWrittenRarely() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            Member leader = cluster.member(cluster.leader());
            cluster.put("warm", 0, 1);
            cluster.members().forEach(m -> m.state.awaited(m == leader));
            int[] before =
                    cluster.members().stream().mapToInt(m -> m.state.flushes()).toArray();
            int told = leader.state.tells();
            cluster.put("e", 0, 300); // one after the other
            cluster.awaitSame();
            for (int i = 0; i < before.length; i++) {
                Member m = cluster.members().get(i);
                int flushes = m.state.flushes() - before[i];
                assertTrue(flushes < 150, m.node + " flushed " + flushes + " times");
                TestCluster.await("a flush of everything", () -> m.state.unflushed() == 0);
            }
            assertTrue(leader.state.tells() - told >= 300, "told " + (leader.state.tells() - told) + " times");
        }
    }

    /** It has no connection, and Ratis took that for something to send: a core of the leader was busy looking for it for a minute. */
    @Test
    void whoEndedIsNotSoughtAllTheTime() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("all");
            cluster.awaitSame();
            String leader = cluster.leader();
            String gone = cluster.others(leader).get(0);
            String other = cluster.others(leader).get(1);
            cluster.stop(gone);
            RaftNode leads = cluster.member(leader).node;
            cluster.put("two");
            final long looks = leads.looks(gone);
            final long beats = leads.looks(other);
            TestCluster.await("heartbeats", () -> leads.looks(other) >= beats + 5);
            assertEquals(leader, cluster.leader());
            long more = leads.looks(gone) - looks;
            assertTrue(more < 1_000, more + " times, while another was sent 5 heartbeats");
        }
    }

    /** As while a full disk keeps the store from being written: the mark of what is committed is still kept. */
    @Test
    void theLogIsLookedAfterWhileTheStateIsNotWritten() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            String follower = cluster.others(cluster.leader()).get(0);
            MemoryState state = cluster.member(follower).state;
            CountDownLatch waits = new CountDownLatch(1);
            CountDownLatch room = new CountDownLatch(1);
            state.awaited(false);
            state.beforeFlush(() -> {
                waits.countDown();
                awaitUninterruptibly(room);
            });
            cluster.put("before", 0, 3);
            assertTrue(waits.await(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS));
            long index = cluster.put("behind").index();
            Path mark = cluster.raftDir(follower).resolve(FilesOfLog.COMMITTED);
            TestCluster.await("the mark", () -> marked(mark) >= index);
            room.countDown();
            cluster.awaitSame();
            assertEquals(List.of(), cluster.member(follower).fatal());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long marked(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return bytes.length < Long.BYTES ? -1 : ByteBuffer.wrap(bytes).getLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anotherNodeLeadsAfterTheLeaderStopped() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("a", 0, 20);
            String first = cluster.leader();
            cluster.stop(first);
            cluster.put("b", 0, 20);
            assertNotEquals(first, cluster.leader());
            cluster.start(first);
            cluster.put("c", 0, 5);
            cluster.awaitSame();
            assertEquals(45, cluster.member(first).state.entries().size());
        }
    }

    @Test
    void whoeverIsAskedAnotherNodeLeads() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("a", 0, 20);
            String first = cluster.leader();
            List<String> others =
                    Stream.of("n0", "n1", "n2").filter(n -> !n.equals(first)).toList();
            ask(cluster, others.get(1), others.get(0)); // a follower asks for another one
            ask(cluster, others.get(0), first); // the leader itself
            cluster.put("b", 0, 20);
            cluster.awaitSame();
            assertFalse(cluster.member(first).node.lead("n9"), "there is no such node");
            cluster.stop(others.get(0));
            TestCluster.await(
                    "its end", () -> !cluster.member(first).node.link().reachable(others.get(0)));
            assertFalse(cluster.member(first).node.lead(others.get(0)), "nobody waits for one that is down");
            cluster.put("c", 0, 5);
        }
    }

    private static void ask(TestCluster cluster, String asked, String node) {
        // Where all is slow the one that leads by then may be another one again, and has to be asked anew.
        TestCluster.await(
                "leader " + node,
                () -> cluster.member(asked).node.lead(node)
                        && cluster.member(node).node.isLeader());
    }

    @Test
    void allNodesStopAndStartAgain() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("a", 0, 50);
            List.of("n0", "n1", "n2").forEach(cluster::stop);
            cluster.startAll();
            cluster.put("b", 0, 5);
            cluster.awaitSame();
            assertEquals(55, cluster.members().get(0).state.entries().size());
        }
    }

    @Test
    void aTooLargeEntryIsRefusedAndTheLeaderStays() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            Member leader = cluster.member(cluster.leader());
            long term = leader.node.term();
            int max = LogTuning.DEFAULTS.maxEntryBytes();
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> leader.node.submit(new byte[max + 1], 0, max + 1).get(60, TimeUnit.SECONDS));
            assertEquals(
                    Reason.TOO_LARGE,
                    assertInstanceOf(NotAcceptedException.class, e.getCause()).reason());
            leader.node.submit(new byte[max + 7], 7, max).get(60, TimeUnit.SECONDS);
            assertTrue(leader.node.isLeader());
            assertEquals(term, leader.node.term());
            cluster.awaitSame();
            assertEquals(List.of("#" + max), cluster.members().get(0).state.entries());
        }
    }

    @Test
    void aFollowerDoesNotTakeEntries() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            String follower = cluster.others(cluster.leader()).get(0);
            ExecutionException e = assertThrows(ExecutionException.class, () -> cluster.submit(follower, "x")
                    .get(60, TimeUnit.SECONDS));
            assertEquals(
                    Reason.NOT_LEADER,
                    assertInstanceOf(NotAcceptedException.class, e.getCause()).reason());
        }
    }

    @Test
    void withoutAMajorityTheFateOfAnEntryIsUnknownAndTheStatusIsStillTold() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("a", 0, 3);
            String leader = cluster.leader();
            for (String other : List.copyOf(cluster.others(leader))) {
                cluster.stop(other);
            }
            Member alone = cluster.member(leader);
            CompletableFuture<Position> future = cluster.submit(leader, "lost or not");
            TestCluster.await("the end of leadership", () -> !alone.node.isLeader());
            TestCluster.await("an answer", future::isDone);
            ExecutionException e = assertThrows(ExecutionException.class, future::get);
            assertFalse(e.getCause() instanceof NotAcceptedException, e.toString());
            TestCluster.await("nobody leading", () -> alone.state.leader() == null);
            assertFalse(alone.node.readyToServe());
            RaftStatus status = alone.node.status();
            assertNotEquals(RaftStatus.Role.LEADER, status.role());
            assertEquals(0, status.pendingEntries());
            assertTrue(status.indexes().flushed() > status.indexes().committed());
            assertTrue(status.peers().stream().noneMatch(RaftStatus.PeerStatus::reachable));
            assertTrue(status.peers().stream().allMatch(peer -> peer.rank() == null), "they tell nothing");
            assertTrue(alone.fatal().isEmpty());
            for (String id : List.of("n0", "n1", "n2")) {
                if (!id.equals(leader)) {
                    cluster.start(id);
                }
            }
            cluster.put("b", 0, 3);
            cluster.awaitSame();
        }
    }
}
