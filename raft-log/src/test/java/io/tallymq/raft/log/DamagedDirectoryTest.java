package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Bind;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.files.FilesOfLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of file in a log's directory, damaged: the start names the file and says what to do. */
class DamagedDirectoryTest {
    /** What happened to which file. */
    enum Damage {
        A_BIT_OF_A_CLOSED_SEGMENT,
        A_CUT_CLOSED_SEGMENT,
        A_MISSING_SEGMENT,
        A_BIT_OF_THE_OPEN_SEGMENT,
        A_FOREIGN_SEGMENT,
        AN_EMPTY_RAFT_META,
        A_CUT_RAFT_META,
        A_RAFT_META_OF_GARBAGE,
        A_MISSING_RAFT_META,
        A_RAFT_META_CONF_OF_GARBAGE,
        AN_EMPTY_RAFT_META_CONF,
        AN_EMPTY_IDENTITY,
        AN_IDENTITY_OF_GARBAGE
    }

    @TempDir
    Path dir;

    private RaftNodeConfig config() throws IOException {
        List<Integer> ports = TestCluster.freePorts(2);
        return new RaftNodeConfig(
                "c",
                "a",
                List.of(new Peer("a", "127.0.0.1", ports.get(0), ports.get(1))),
                new Bind("127.0.0.1", ports.get(0), ports.get(1)),
                dir.resolve("raft"),
                "secret",
                TestCluster.SMALL);
    }

    private RaftNode node(MemoryState state) throws IOException {
        return new RaftNode(config(), state, new TestCluster.Batches(), (reason, cause) -> {});
    }

    /** Leaves at least two closed segments and an open one, and a store that needs all of them. */
    private Path filled() throws Exception {
        RaftNode node = node(new MemoryState());
        node.start();
        TestCluster.await("leadership", node::isLeader);
        for (int i = 0; i < 20; i++) {
            node.submit(new byte[10_000], 0, 10_000).get(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        node.abandon();
        return node.logDir();
    }

    @ParameterizedTest
    @EnumSource
    void theStartNamesTheFileAndSaysWhatToDo(Damage damage) throws Exception {
        Path log = filled();
        Path file = damaged(damage, log);
        RaftNode again = node(new MemoryState());
        try {
            String text = assertThrows(RaftStartException.class, again::start).getMessage();
            assertTrue(text.contains(file.toString()), text);
            assertTrue(text.contains("other nodes"), text);
        } finally {
            again.abandon();
        }
    }

    /** It only makes the scan stricter. */
    @Test
    void aCutOrDamagedMarkKeepsNobodyFromStarting() throws Exception {
        filled();
        Path mark = dir.resolve("raft").resolve(FilesOfLog.COMMITTED);
        Files.write(mark, Arrays.copyOf(Files.readAllBytes(mark), 5));
        RaftNode again = node(new MemoryState());
        again.start();
        TestCluster.await("what was committed", () -> again.commitIndex() >= 20);
        again.abandon();
        assertEquals(12, Files.size(mark));
    }

    @Test
    void aNewVolumeIsNoForeignDirectory() throws Exception {
        Files.createDirectories(dir.resolve("raft").resolve("lost+found"));
        RaftNode node = node(new MemoryState());
        node.start();
        node.abandon();
    }

    private Path damaged(Damage damage, Path log) throws IOException {
        Path first = FilesOfLog.segment(log, false);
        Path open = FilesOfLog.segment(log, true);
        Path meta = log.resolve(FilesOfLog.META);
        Path conf = log.resolve(FilesOfLog.CONF);
        Path identity = dir.resolve("raft").resolve(FilesOfLog.IDENTITY);
        return switch (damage) {
            case A_BIT_OF_A_CLOSED_SEGMENT -> flip(first);
            case A_CUT_CLOSED_SEGMENT -> cut(first);
            case A_MISSING_SEGMENT -> {
                Files.delete(first);
                yield log;
            }
            case A_BIT_OF_THE_OPEN_SEGMENT -> flip(open);
            case A_FOREIGN_SEGMENT -> Files.write(first, "not a log".getBytes(StandardCharsets.UTF_8));
            case AN_EMPTY_RAFT_META -> Files.write(meta, new byte[0]);
            case A_CUT_RAFT_META -> cut(meta);
            case A_RAFT_META_OF_GARBAGE -> Files.write(meta, new byte[] {1, 2, (byte) 0xff, 4});
            case A_MISSING_RAFT_META -> {
                Files.delete(meta);
                yield meta;
            }
            case A_RAFT_META_CONF_OF_GARBAGE -> Files.write(conf, new byte[] {1, 2, (byte) 0xff, 4});
            case AN_EMPTY_RAFT_META_CONF -> Files.write(conf, new byte[0]);
            case AN_EMPTY_IDENTITY -> Files.write(identity, new byte[0]);
            case AN_IDENTITY_OF_GARBAGE -> Files.write(identity, new byte[] {1, 2, (byte) 0xff, 4});
        };
    }

    private static Path flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 0x20;
        return Files.write(file, bytes);
    }

    private static Path cut(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    }
}
