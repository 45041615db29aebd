package io.tallymq.raft.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaderClockTest {
    private static final long NOW = 1_700_000_000_000L;
    private static final long DAY = TimeUnit.DAYS.toMillis(1);

    private long wall = NOW;
    private long nanos = 77;
    private final LeaderClock clock = new LeaderClock(() -> wall, () -> nanos);

    private void pass(long millis) {
        wall += millis;
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void aClockThatKnowsNothingTakesTheMachines() {
        assertEquals(NOW, clock.stamp());
        pass(5);
        assertEquals(NOW + 5, clock.stamp());
    }

    /** It is stamped in vain before this node takes entries, and the log is applied meanwhile. */
    @Test
    void whatAClockThatKnowsNothingHasStampedIsNotTheClustersTime() {
        wall += DAY;
        clock.stamp();
        clock.applied(NOW);
        pass(1_000);
        assertEquals(NOW + 60_000, clock.stamp());
    }

    @Test
    void anIdleNightIsNoStep() {
        clock.applied(NOW);
        pass(DAY);
        assertEquals(NOW + DAY, clock.stamp());
    }

    @Test
    void aClockThatIsADayAheadMovesTheClusterByAMinutePerSecond() {
        clock.applied(NOW);
        wall += DAY;
        pass(1_000);
        assertEquals(NOW + 60_000, clock.stamp());
        wall -= DAY; // it is set right
        pass(1_000);
        assertEquals(NOW + 60_500, clock.stamp(), "time goes on, at half the speed");
        pass(100_000);
        assertEquals(NOW + 110_500, clock.stamp());
        pass(100_000);
        assertEquals(wall, clock.stamp(), "caught up");
    }

    /** The former leader's clock was a year ahead, from the beginning: time must not stand still until it is over. */
    @Test
    void aReplicatedTimeInTheFutureDoesNotFreeze() {
        clock.applied(NOW + 365 * DAY);
        long before = clock.stamp();
        for (int i = 0; i < 100; i++) {
            pass(1_000);
            long stamp = clock.stamp();
            assertEquals(before + 500, stamp);
            before = stamp;
        }
    }

    @Test
    void stampsNeverGoBackAndQuickOnesLoseNoTime() {
        clock.applied(NOW);
        long last = clock.stamp();
        for (int i = 0; i < 100_000; i++) {
            nanos += 10_300; // many stamps in a millisecond, and this machine's clock stands: it is behind
            long stamp = clock.stamp();
            assertTrue(stamp >= last);
            last = stamp;
        }
        assertEquals(NOW + 515, last, 1);
    }

    @Test
    void anEntryThatWasAppliedLateDoesNotSetTheTimeBack() {
        clock.applied(NOW);
        clock.stamp();
        pass(1_000);
        clock.applied(NOW + 400);
        assertEquals(NOW + 1_000, clock.stamp());
    }
}
