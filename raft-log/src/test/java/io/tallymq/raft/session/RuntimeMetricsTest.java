package io.tallymq.raft.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class RuntimeMetricsTest {
    private final RuntimeMetrics metrics = new RuntimeMetrics();

    @Test
    void entriesThatOthersWaitForTooLongAreCounted() {
        metrics.applied(1_000, 100);
        metrics.applied(RuntimeMetrics.SLOW_NANOS, 100);
        metrics.applied(RuntimeMetrics.SLOW_NANOS + 7, 100);
        metrics.applied(5, 100);
        assertEquals(
                List.of(4L, 400L, 1L, RuntimeMetrics.SLOW_NANOS + 7, 2 * RuntimeMetrics.SLOW_NANOS + 1_012),
                List.of(
                        metrics.entries(),
                        metrics.entryBytes(),
                        metrics.slowEntries(),
                        metrics.slowestEntryNanos(),
                        metrics.applyNanos()));
    }
}
