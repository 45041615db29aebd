package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster.Batches;
import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.files.FilesOfLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node is who its id says, whatever it is called. */
class PeerIdTest {
    @TempDir
    Path dir;

    /** One node after the other hears of it, as in a rolling restart. */
    @Test
    void aNodeThatIsRenamedKeepsItsPlace() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            cluster.put("before", 0, 3);
            cluster.awaitSame();
            cluster.rename("n1", "fresh");
            cluster.stop("n1");
            cluster.start("n1");
            cluster.put("between");
            cluster.awaitSame();
            cluster.stop("n2"); // from here on nothing is confirmed without the renamed node, nor a leader elected
            cluster.put("with it");
            cluster.start("n2");
            cluster.put("after");
            cluster.awaitSame();
            assertEquals(
                    List.of("before0", "before1", "before2", "between", "with it", "after"),
                    cluster.member("n1").state.entries());
            assertEquals(2, cluster.member("n1").node.starts());
            String file = Files.readString(cluster.raftDir("n1").resolve(FilesOfLog.IDENTITY));
            assertTrue(file.contains("id=n1\nname=fresh\n"), file);
        }
    }

    /** It has the secret, the name and the address of a node that is away, and an empty directory. */
    @Test
    void whoHasTheNameOfANodeButNotItsIdIsRefused() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("before", 0, 3);
            cluster.awaitSame();
            cluster.stop("n1");
            String leader = cluster.leader();
            long term = cluster.member(leader).node.term();
            MemoryState state = new MemoryState(cluster.storeFile("stranger"));
            ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
            Batches batches = new Batches();
            try (RaftNode stranger =
                    new RaftNode(stranger(cluster), state, batches, (reason, cause) -> fatal.add(reason))) {
                stranger.start();
                TestCluster.await("each port of each node to refuse it", () -> cluster.members().stream()
                        .map(m -> m.node.gauges())
                        .allMatch(g -> g.raftRefusals() > 0 && g.linkRefusals() > 0));
                cluster.put("meanwhile");
                assertFalse(cluster.member(leader).node.link().reachable("n1"));
                assertEquals(List.of(), List.copyOf(batches.events));
                assertEquals(List.of(), state.entries());
                assertEquals(term, cluster.member(leader).node.term());
            }
            assertEquals(List.of(), List.copyOf(fatal));
            cluster.start("n1");
            cluster.put("after");
            cluster.awaitSame();
            assertEquals(
                    List.of("before0", "before1", "before2", "meanwhile", "after"),
                    cluster.member("n1").state.entries());
        }
    }

    private RaftNodeConfig stranger(TestCluster cluster) {
        RaftNodeConfig known = cluster.config("n1");
        List<Peer> peers = new ArrayList<>();
        for (Peer p : known.peers()) {
            // Another word for the host: within a process who calls is told apart by the address that is called.
            String id = p.id().equals("n1") ? "stranger" : p.id();
            peers.add(new Peer(id, p.name(), "localhost", p.raftPort(), p.linkPort()));
        }
        return new RaftNodeConfig(
                known.clusterName(),
                "stranger",
                peers,
                known.bind(),
                cluster.raftDir("stranger"),
                known.secret(),
                TestCluster.SMALL);
    }
}
