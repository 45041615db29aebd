package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.config.RaftNodeConfig;
import io.tallymq.raft.log.config.RaftNodeConfig.Bind;
import io.tallymq.raft.log.config.RaftNodeConfig.Peer;
import io.tallymq.raft.log.config.RaftTuning;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaderAheadTest {
    private static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(40);
    private static final long LATE = TimeUnit.SECONDS.toNanos(29);

    private final LeaderAhead ahead = new LeaderAhead(
            new RaftNodeConfig(
                    "c",
                    "n2",
                    List.of(new Peer("n1", "127.0.0.1", 1, 2), new Peer("n2", "127.0.0.1", 3, 4)),
                    new Bind("127.0.0.1", 3, 4),
                    Path.of("raft"),
                    "",
                    RaftTuning.DEFAULTS),
            null);

    @Test
    void aLogThatDoesNotFitIsLeftForACopy() {
        String text = ahead.text("n1", 3575, 2779, AT_ONCE);
        assertTrue(
                text.contains("Node 'n1' leads and has 3575 entries, and this node has taken none behind 2779"), text);
        assertTrue(text.contains("move its data.dir away"), text);
        assertTrue(text.contains("node 'n1' does not log that it can not read its own log"), text);
    }

    @Test
    void aDiskThatHangsCostsNobodyItsData() {
        String text = ahead.text("n1", 3575, 2779, LATE);
        assertTrue(text.contains("has not flushed the log for 29000 ms: look after the disk"), text);
        assertFalse(text.contains("data.dir"), text);
    }
}
