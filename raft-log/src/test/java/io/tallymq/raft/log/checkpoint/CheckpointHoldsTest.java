package io.tallymq.raft.log.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.raft.log.config.LogAmount;
import io.tallymq.raft.log.config.SnapshotTuning.CheckpointHold;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CheckpointHoldsTest {
    private final Map<String, Long> match = new HashMap<>();
    private boolean leads = true;
    private long last = 200;
    private long bytes = 1_000;
    private long free = 1_000;
    private long now = 5;

    private final CheckpointHolds holds = new CheckpointHolds(
            new CheckpointHold(new LogAmount(10_000, 500), Duration.ofSeconds(10), 100),
            new CheckpointHolds.Facts() {
                @Override
                public long matchIndex(String node) {
                    return match.getOrDefault(node, -1L);
                }

                @Override
                public boolean leads() {
                    return leads;
                }

                @Override
                public long lastIndex() {
                    return last;
                }

                @Override
                public long logBytes() {
                    return bytes;
                }

                @Override
                public long freeBytes() {
                    return free;
                }
            },
            () -> now);

    @Test
    void theLogStaysBehindACheckpointUntilItsReceiverHasCaughtUp() {
        assertEquals(150, holds.floor(150));
        holds.begin("b", 100);
        assertEquals(100, holds.floor(150));
        assertEquals(90, holds.floor(90));
        match.put("b", 60L); // what it had before
        assertEquals(100, holds.floor(150));
        match.put("b", 130L);
        assertEquals(130, holds.floor(150), "it follows");
        match.put("b", 160L);
        assertEquals(150, holds.floor(150));
        match.put("b", 130L);
        assertEquals(150, holds.floor(150), "it was given up for good");
    }

    /** Ratis keeps what a node once had until that has taken the checkpoint. */
    @Test
    void whatANodeHadBeforeItWasEmptiedSaysNothing() {
        match.put("b", 190L);
        holds.begin("b", 100);
        assertEquals(100, holds.floor(150));
        assertEquals(100, holds.floor(180));
        assertEquals(1, holds.count());
        match.put("b", 110L); // what the checkpoint held
        assertEquals(110, holds.floor(180));
        match.put("b", 200L);
        assertEquals(180, holds.floor(180));
        assertEquals(0, holds.count());
    }

    @Test
    void aLaterCheckpointTakesThePlaceOfOneThatWasNotSent() {
        CheckpointHolds.Hold first = holds.begin("b", 100);
        now++;
        CheckpointHolds.Hold second = holds.begin("b", 100);
        holds.begin("c", 120);
        holds.end("b", first);
        assertEquals(100, holds.floor(150));
        holds.end("b", second);
        assertEquals(120, holds.floor(150));
    }

    @Test
    void eachLimitEndsIt() {
        holds.begin("b", 100);
        now += Duration.ofSeconds(11).toNanos();
        assertEquals(150, holds.floor(150));
        holds.begin("b", 100);
        last = 601;
        assertEquals(150, holds.floor(150));
        last = 600;
        holds.begin("b", 100);
        assertEquals(100, holds.floor(150));
        bytes = 10_001;
        assertEquals(150, holds.floor(150));
        bytes = 10_000;
        holds.begin("b", 100);
        free = 99;
        assertEquals(150, holds.floor(150));
        free = 100;
        holds.begin("b", 100);
        assertEquals(100, holds.floor(150));
        leads = false;
        assertEquals(150, holds.floor(150));
    }
}
