package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster.Member;
import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.config.SnapshotTuning;
import io.tallymq.raft.log.files.FilesOfLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of the log goes bad while its node leads, and a follower needs it. */
class UnreadableLogTest {
    private static final LogAmount MUCH = new LogAmount(1L << 30, 100_000);
    private static final RaftTuning KEEPING = TestCluster.STEADY.withSnapshot(
            SnapshotTuning.DEFAULTS.withTrigger(MUCH).withKeep(MUCH));

    @TempDir
    Path dir;

    @Test
    void aLeaderThatCanNotReadItsLogLeavesTheLeadToASoundNode() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, KEEPING)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            cluster.awaitSame();
            String away = cluster.others(cluster.leader()).get(0);
            cluster.stop(away);
            cluster.put("x".repeat(20_000), 0, 12);
            restart(cluster); // the file that was open is closed
            String leader = cluster.leader();
            cluster.put("y");
            TestCluster.await(
                    "nothing that is closed in memory",
                    () -> cluster.member(leader).node.closedFilesInMemory() == 0);

            flip(lastClosed(cluster.member(leader).node.logDir()));
            cluster.start(away);
            Member bad = cluster.member(leader);
            TestCluster.await("the end", () -> !bad.fatal().isEmpty());
            assertEquals(1, bad.fatal().size());
            assertTrue(
                    bad.fatal().get(0).contains("can not be read from entry"),
                    bad.fatal().get(0));

            cluster.stop(leader);
            cluster.put("z");
            cluster.awaitSame();
            RaftStartException refusal = assertThrows(RaftStartException.class, () -> cluster.start(leader));
            assertTrue(refusal.isDamage(), refusal.getMessage());
        }
    }

    private static void restart(TestCluster cluster) throws RaftStartException {
        List<String> both = cluster.others("none");
        both.forEach(cluster::stop);
        for (String node : both) {
            cluster.start(node);
        }
    }

    private static Path lastClosed(Path log) throws IOException {
        List<Path> files = FilesOfLog.segments(log);
        files = files.stream()
                .filter(file -> !file.getFileName().toString().contains("inprogress"))
                .toList();
        return files.get(files.size() - 1);
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 0x20;
        Files.write(file, bytes);
    }
}
