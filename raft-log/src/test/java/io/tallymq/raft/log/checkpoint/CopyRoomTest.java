package io.tallymq.raft.log.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.log.TestCluster;
import io.tallymq.raft.log.config.RaftNodeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose disk has hardly any room asks a leader for a copy of its store. */
class CopyRoomTest {
    private static final long RESERVE = 1 << 20;
    /** Of a file in each copy. */
    private static final long LARGE = 1_000_000;

    @TempDir
    Path dir;

    private final AtomicLong free = new AtomicLong(RESERVE + LARGE - 1);
    private final AtomicLong now = new AtomicLong();

    @Test
    void aCopyLeavesTheLogsRoomAndIsNotBegunAgainBeforeThereIsMore() throws Exception {
        try (TestCluster cluster = new TestCluster(dir, TestCluster.STEADY)) {
            cluster.startAll();
            cluster.put("a", 0, 5);
            String leader = cluster.leader();
            String away = cluster.others(leader).get(0);
            cluster.stop(away);
            RaftNodeConfig config = cluster.config(away);
            CheckpointFetcher fetcher = new CheckpointFetcher(config, new CopyRoom(free::get, RESERVE, now::get));
            Path first = Files.createDirectory(dir.resolve("first"));
            assertTold(() -> fetcher.fetch(config.peer(leader), first));
            assertTrue(Files.exists(first.resolve("empty")), "it was begun");
            assertFalse(Files.exists(first.resolve("large")));
            Path second = Files.createDirectory(dir.resolve("second"));
            assertTold(() -> fetcher.fetch(config.peer(leader), second));
            assertFalse(Files.exists(second.resolve("empty")), "the leader is not asked in vain");
            free.incrementAndGet();
            Path third = Files.createDirectory(dir.resolve("third"));
            fetcher.fetch(config.peer(leader), third);
            assertEquals(LARGE, Files.size(third.resolve("large")));
        }
    }

    @Test
    void anotherNodesStoreMayBeSmaller() throws Exception {
        CopyRoom room = noneFor("n1");
        room.begin("n2");
    }

    @Test
    void whatAStoreTookIsOldNewsAfterAWhile() throws Exception {
        CopyRoom room = noneFor("n1");
        now.addAndGet(TimeUnit.MINUTES.toNanos(9));
        assertTold(() -> room.begin("n1"));
        now.addAndGet(TimeUnit.MINUTES.toNanos(1));
        room.begin("n1");
    }

    private CopyRoom noneFor(String node) throws IOException {
        CopyRoom room = new CopyRoom(free::get, RESERVE, now::get);
        room.begin(node);
        assertTold(() -> room.require(0, LARGE));
        assertTold(() -> room.begin(node));
        return room;
    }

    private interface Fetch {
        void run() throws IOException;
    }

    private static void assertTold(Fetch fetch) {
        String text = assertThrows(IOException.class, fetch::run).getMessage();
        assertTrue(text.contains("free space there"), text);
    }
}
