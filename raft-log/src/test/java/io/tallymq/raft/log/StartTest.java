package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Bind;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.config.RaftStartException;
import io.tallymq.raft.log.files.CommittedMark;
import io.tallymq.raft.log.files.FilesOfLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of one: what keeps a node from starting, and what stops it. */
class StartTest {
    @TempDir
    Path dir;

    private final List<RaftNode> nodes = new ArrayList<>();
    private final List<String> fatal = new ArrayList<>();

    @AfterEach
    void close() {
        nodes.forEach(RaftNode::close);
    }

    private RaftNodeConfig config(String cluster, String node) throws IOException {
        List<Integer> ports = TestCluster.freePorts(2);
        return new RaftNodeConfig(
                cluster,
                node,
                List.of(new Peer(node, "127.0.0.1", ports.get(0), ports.get(1))),
                new Bind("127.0.0.1", ports.get(0), ports.get(1)),
                dir.resolve("raft"),
                "",
                TestCluster.SMALL);
    }

    private RaftNode start(RaftNodeConfig config, MemoryState state) throws RaftStartException {
        RaftNode node = new RaftNode(config, state, new TestCluster.Batches(), (reason, cause) -> {
            synchronized (fatal) {
                fatal.add(reason);
            }
        });
        nodes.add(node);
        node.start();
        return node;
    }

    private RaftNode run(int entries) throws Exception {
        RaftNode node = start(config("c", "a"), new MemoryState(dir.resolve("store")));
        TestCluster.await("leadership", node::isLeader);
        for (int i = 0; i < entries; i++) {
            node.submit(new byte[200], 0, 200).get(60, TimeUnit.SECONDS);
        }
        return node;
    }

    private String refusal(RaftNodeConfig config, MemoryState state) {
        return assertThrows(RaftStartException.class, () -> start(config, state))
                .getMessage();
    }

    @Test
    void aCleanStopMarksAllThatWasCommitted() throws Exception {
        RaftNode node = run(5);
        long committed = node.commitIndex();
        node.close();
        try (CommittedMark mark = new CommittedMark(dir.resolve("raft"))) {
            assertEquals(committed, mark.index());
        }
    }

    @Test
    void aDirectoryOfAnotherNodeClusterOrVersionIsRefused() throws Exception {
        run(1).close();
        assertTrue(refusal(config("other", "a"), new MemoryState()).contains("belongs to cluster 'c'"));
        assertTrue(refusal(config("c", "b"), new MemoryState()).contains("belongs to node 'a' with the id 'a'"));
        Path file = dir.resolve("raft").resolve(FilesOfLog.IDENTITY);
        Files.writeString(file, Files.readString(file).replace("format=1", "format=2"));
        assertTrue(refusal(config("c", "a"), new MemoryState()).contains("newer version"));
    }

    @Test
    void aForeignDirectoryIsRefused() throws Exception {
        Files.createDirectories(dir.resolve("raft"));
        Files.writeString(dir.resolve("raft").resolve("letter.txt"), "mine");
        assertTrue(refusal(config("c", "a"), new MemoryState()).contains("not empty"));
    }

    @Test
    void aStoreWithoutItsLogIsRefused() throws Exception {
        run(3).close();
        Directories.delete(dir.resolve("raft"));
        for (int start = 0; start < 2; start++) { // somebody may start it again and again
            assertTrue(refusal(config("c", "a"), new MemoryState(dir.resolve("store")))
                    .contains("log they came from"));
        }
    }

    /** It has its name, and no log file and no vote: a disk that was not mounted, say. */
    @Test
    void aLogThatIsGoneIsRefusedBehindACleanStop() throws Exception {
        RaftNode node = run(3);
        node.close();
        Directories.delete(node.logDir());
        for (int start = 0; start < 2; start++) {
            String refusal = refusal(config("c", "a"), new MemoryState(dir.resolve("store")));
            assertTrue(refusal.contains(FilesOfLog.META + " is missing although the store holds entries"), refusal);
            assertTrue(refusal.contains("other nodes"), refusal);
        }
    }

    @Test
    void aPortInUseIsRefused() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int free = TestCluster.freePorts(1).get(0);
            for (boolean raft : new boolean[] {true, false}) {
                Bind bind =
                        new Bind("127.0.0.1", raft ? taken.getLocalPort() : free, raft ? free : taken.getLocalPort());
                RaftNodeConfig config = new RaftNodeConfig(
                        "c",
                        "a",
                        List.of(new Peer("a", "127.0.0.1", bind.raftPort(), bind.linkPort())),
                        bind,
                        dir.resolve("raft"),
                        "",
                        TestCluster.SMALL);
                String refusal = refusal(config, new MemoryState());
                assertTrue(refusal.contains(raft ? "Raft port" : "link port"), refusal);
            }
        }
    }

    @Test
    void aTornTailIsCutAndADamagedLogRefused() throws Exception {
        RaftNode node = run(20);
        Path logDir = node.logDir();
        node.close();
        Path open = FilesOfLog.segment(logDir, true);
        Files.write(open, new byte[] {50, 8, 1, 16}, StandardOpenOption.APPEND);
        RaftNode again = start(config("c", "a"), new MemoryState(dir.resolve("store")));
        TestCluster.await("readiness", again::readyToServe);
        again.close();

        open = FilesOfLog.segments(logDir).get(0);
        try (FileChannel channel = FileChannel.open(open, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {99}), 100);
        }
        String refusal = refusal(config("c", "a"), new MemoryState(dir.resolve("store")));
        assertTrue(refusal.contains("damaged at byte"), refusal);
    }

    @Test
    void anEntryThatCanNotBeAppliedStopsTheNode() throws Exception {
        RaftNodeConfig config = config("c", "a");
        RaftNode node = new RaftNode(config, new MemoryState(), new TestCluster.Batches(), (reason, cause) -> {
            synchronized (fatal) {
                fatal.add(reason);
            }
        });
        nodes.add(node);
        node.start();
        TestCluster.await("leadership", node::isLeader);
        assertTrue(fatal().isEmpty());
        node.submit("poison".getBytes(StandardCharsets.UTF_8), 0, 6);
        TestCluster.await("the end", () -> !fatal().isEmpty());
        assertEquals(1, fatal().size());
        assertTrue(fatal().get(0).contains("could not be applied"));
        assertFalse(node.submit(new byte[1], 0, 1).handle((p, e) -> e == null).join());
    }

    @Test
    void aLogThatCanNotBeWrittenStopsTheNode() throws Exception {
        RaftNode node = run(3);
        // The next segment can not be created: its name is taken by a directory that is not empty.
        Files.createDirectories(
                node.logDir().resolve("log_inprogress_" + nextSegment(node)).resolve("x"));
        byte[] bytes = new byte[40_000];
        for (int i = 0; i < 4; i++) {
            node.submit(bytes, 0, bytes.length);
        }
        TestCluster.await("the end", () -> !fatal().isEmpty());
        assertEquals(1, fatal().size());
    }

    /** Segments are 64 KiB: the small entries, one large one, then the next file. */
    private static long nextSegment(RaftNode node) {
        return node.commitIndex() + 2;
    }

    private List<String> fatal() {
        synchronized (fatal) {
            return List.copyOf(fatal);
        }
    }
}
