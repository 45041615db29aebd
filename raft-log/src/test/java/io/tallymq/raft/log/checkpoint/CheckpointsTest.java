package io.tallymq.raft.log.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.MemoryState;
import io.tallymq.raft.log.TestCluster;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
    @TempDir
    Path dir;

    /** The leader has a file for which there is no room: what came before it goes. */
    @Test
    void whatCameOfACopyThatBrokeOffIsDeleted() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            String leader = cluster.leader();
            String away = cluster.others(leader).get(0);
            cluster.stop(away);
            cluster.member(leader).state.whileCopying(copy -> {
                try (RandomAccessFile hollow =
                        new RandomAccessFile(copy.resolve("z").toFile(), "rw")) {
                    hollow.setLength(4L << 40);
                }
            });
            Checkpoints checkpoints = new Checkpoints(cluster.config(away), new MemoryState(), Runnable::run, null);
            String told = assertThrows(IOException.class, () -> checkpoints.fetch(leader, null))
                    .getMessage();
            assertTrue(told.contains("free space there"), told);
            try (Stream<Path> left = Files.list(checkpoints.dir())) {
                assertEquals(List.of(), left.toList());
            }
        }
    }
}
