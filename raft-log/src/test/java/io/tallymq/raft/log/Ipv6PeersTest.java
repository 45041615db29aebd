package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tallymq.raft.log.config.RaftNodeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that know each other by IPv6 addresses. */
class Ipv6PeersTest {
    private static final String LOOPBACK = "::1";

    @TempDir
    Path dir;

    @Test
    void theyElectALeaderAndReplicate() throws Exception {
        assumeTrue(hasIpv6(), "this machine has no IPv6");
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL, LOOPBACK)) {
            cluster.startAll();
            cluster.put("e");
            cluster.awaitSame();
            cluster.members().forEach(m -> assertEquals(List.of("e"), m.state.entries()));
        }
    }

    @Test
    void onlyAnIpv6AddressGetsBrackets() {
        assertEquals("[::1]:5", new RaftNodeConfig.Peer("n", LOOPBACK, 5, 6).raftAddress());
        assertEquals("10.0.0.1:5", new RaftNodeConfig.Peer("n", "10.0.0.1", 5, 6).raftAddress());
        assertEquals("a.example:5", new RaftNodeConfig.Peer("n", "a.example", 5, 6).raftAddress());
    }

    private static boolean hasIpv6() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
