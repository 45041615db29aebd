package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With one node away each of the other two is needed for everything. */
class TwoOfThreeTest {
    /** Each restart has about one chance in three to meet the follower between an entry and its answer. */
    private static final int RESTARTS = 8;

    @TempDir
    Path dir;

    @Test
    void theyFindALeaderAgainHoweverOftenTheLeaderIsStartedAnew() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            cluster.startAll();
            List<String> expected = new ArrayList<>();
            cluster.put("all");
            expected.add("all");
            cluster.awaitSame();
            cluster.stop("n2");
            for (int i = 0; i < RESTARTS; i++) {
                String leader = cluster.leader();
                cluster.stop(
                        leader); // it hands over, and goes while the other one's first entry may be on its way to it
                cluster.start(leader);
                cluster.put("after" + i);
                expected.add("after" + i);
            }
            cluster.start("n2");
            cluster.awaitSame();
            assertEquals(expected, cluster.member("n2").state.entries());
        }
    }
}
