package io.tallymq.raft.log.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.raft.log.state.ReplicatedState.Position;
import org.junit.jupiter.api.Test;

/** What another thread does while the store is asked is done here by the store. */
class LatestSnapshotTest {
    private Runnable meanwhile = () -> {};
    private long durable = 5;
    private final LatestSnapshot latest = new LatestSnapshot(this::ask);

    private Position ask() {
        Position found = new Position(1, durable);
        Runnable once = meanwhile;
        meanwhile = () -> {};
        once.run();
        return found;
    }

    @Test
    void whatWasAskedBeforeACheckpointWasInstalledIsNotKept() {
        meanwhile = () -> {
            durable = 9;
            latest.forget();
        };
        latest.get();
        assertEquals(9, latest.get().getIndex());
    }

    @Test
    void whoWasOvertakenDoesNotTakeBackWhatWasTold() {
        meanwhile = () -> {
            durable = 9;
            assertEquals(9, latest.get().getIndex());
        };
        assertEquals(9, latest.get().getIndex());
        assertEquals(9, latest.get().getIndex());
    }
}
