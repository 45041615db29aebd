package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.LogTuning;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Bind;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.config.SnapshotTuning;
import io.tallymq.raft.log.files.FilesOfLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries so small that no limit in bytes is ever reached: lone messages and acks. A cluster of one. */
class LogRetentionTest {
    private static final int KEEP = 400;
    private static final int TRIGGER = 50;
    private static final int SEGMENT = 60;
    private static final int FORCE = 100;

    private static final RaftTuning FEW_ENTRIES = RaftTuning.DEFAULTS
            .withLog(LogTuning.DEFAULTS.withSegmentBytes(64 << 10).withSegmentEntries(SEGMENT))
            .withSnapshot(SnapshotTuning.DEFAULTS
                    .withTrigger(new LogAmount(1L << 40, TRIGGER))
                    .withForce(new LogAmount(1L << 40, FORCE))
                    .withKeep(new LogAmount(1L << 40, KEEP)));

    @TempDir
    Path dir;

    private final List<RaftNode> nodes = new ArrayList<>();
    private final List<String> fatal = new ArrayList<>();
    private List<Integer> ports;

    @AfterEach
    void close() {
        nodes.forEach(RaftNode::close);
        assertEquals(List.of(), fatal);
    }

    private RaftNode start(MemoryState state) throws Exception {
        return start(state, FEW_ENTRIES);
    }

    private RaftNode start(MemoryState state, RaftTuning tuning) throws Exception {
        if (ports == null) {
            ports = TestCluster.freePorts(2);
        }
        RaftNode node = new RaftNode(
                new RaftNodeConfig(
                        "c",
                        "a",
                        List.of(new Peer("a", "127.0.0.1", ports.get(0), ports.get(1))),
                        new Bind("127.0.0.1", ports.get(0), ports.get(1)),
                        dir.resolve("raft"),
                        "secret",
                        tuning),
                state,
                new TestCluster.Batches(),
                (reason, cause) -> fatal.add(reason));
        nodes.add(node);
        node.start();
        TestCluster.await("leadership", node::isLeader);
        return node;
    }

    private static void put(RaftNode node, int entries, int bytes) throws Exception {
        List<CompletableFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            futures.add(node.submit(new byte[bytes], 0, bytes));
        }
        for (CompletableFuture<?> future : futures) {
            future.get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** The store never becomes durable by itself: nothing fills it. */
    @Test
    void theLogIsCutByEntries() throws Exception {
        RaftNode node = start(new MemoryState(dir.resolve("store")));
        for (int i = 0; i < 5; i++) {
            put(node, KEEP, 16);
            awaitShortLog(node);
        }
        assertTrue(node.appliedIndex() - FilesOfLog.firstIndex(node.logDir()) >= KEEP, "too much was cut");
    }

    /** Otherwise each restart would keep as much again. */
    @Test
    void aStartCountsWhatTheLogHolds() throws Exception {
        RaftNode node = start(new MemoryState(dir.resolve("store")));
        put(node, 2 * KEEP, 1_000); // files of 64 entries, for their size
        awaitShortLog(node);
        node.abandon();

        RaftNode again = start(new MemoryState(dir.resolve("store")));
        long first = FilesOfLog.firstIndex(again.logDir());
        put(again, KEEP / 2, 1_000);
        TestCluster.await("the log is cut again", () -> FilesOfLog.firstIndex(again.logDir()) > first);
        assertTrue(again.appliedIndex() - FilesOfLog.firstIndex(again.logDir()) >= KEEP, "too much was cut");
    }

    /** Nothing else makes it durable: no limit is reached, and nothing fills it. */
    @Test
    void aStartHasFewEntriesToApplyAgain() throws Exception {
        MemoryState state = new MemoryState(dir.resolve("store"));
        RaftTuning often = RaftTuning.DEFAULTS.withSnapshot(
                SnapshotTuning.DEFAULTS.withReplay(new SnapshotTuning.Replay(TRIGGER, Duration.ofMillis(1))));
        RaftNode node = start(state, often);
        put(node, TRIGGER / 2, 16);
        put(node, TRIGGER, 16);
        TestCluster.await(
                "few entries beyond what is durable",
                () -> node.appliedIndex() - state.durable().index() <= TRIGGER);
        assertTrue(state.durable().index() > 0);
    }

    /** Ratis gives them up only when the next file is full, which small entries never make it. */
    @Test
    void whatIsInClosedFilesLeavesTheMemory() throws Exception {
        RaftNode node = start(new MemoryState(dir.resolve("store")));
        for (int i = 0; i < 3; i++) {
            long before = files(node);
            put(node, SEGMENT, 16);
            TestCluster.await("another file", () -> {
                put(node);
                return files(node) > before;
            });
        }
        TestCluster.await("nothing of them in memory", () -> node.closedFilesInMemory() == 0);
    }

    private static long files(RaftNode node) {
        try {
            return FilesOfLog.segments(node.logDir()).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitShortLog(RaftNode node) {
        long most = KEEP + KEEP / 8 + TRIGGER + 2 * SEGMENT;
        TestCluster.await("a short log", () -> {
            put(node); // it is cut, and a file is closed, only when more comes
            return node.appliedIndex() - FilesOfLog.firstIndex(node.logDir()) < most;
        });
    }

    private static void put(RaftNode node) {
        try {
            put(node, 1, 16);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
