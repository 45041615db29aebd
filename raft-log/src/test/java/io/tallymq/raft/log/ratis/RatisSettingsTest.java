package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tallymq.raft.log.TestCluster;
import java.nio.file.Path;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RatisSettingsTest {
    @TempDir
    Path dir;

    /** Else an append is done some time after its turn, see {@link CallTurns}: no matter of speed alone. */
    @Test
    void anAppendIsDoneWithinItsTurn() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.SMALL)) {
            assertFalse(RaftServerConfigKeys.Log.appendEntriesComposeEnabled(
                    RatisSettings.properties(cluster.config("n0"), dir)));
        }
    }
}
