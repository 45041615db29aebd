package io.tallymq.raft.log.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PingRoundsTest {
    /** Followers hear of each other at least every second round, and in each one while the log grows. */
    @Test
    void everySecondRoundIsForTheLeaderWhileNothingIsWritten() {
        PingRounds rounds = new PingRounds();
        List<Boolean> grows = new ArrayList<>();
        List<Boolean> forLeader = new ArrayList<>();
        for (long index : new long[] {5, 5, 5, 5, 6, 7, 7, 8, 8}) {
            grows.add(rounds.begin(new Position(2, index)));
            forLeader.add(rounds.forLeader());
        }
        assertEquals(List.of(true, false, false, false, true, true, false, true, false), grows);
        assertEquals(List.of(false, true, false, true, false, false, true, false, true), forLeader);
    }
}
