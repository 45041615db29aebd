package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.vitals.NodeVitals.Disk;
import io.tallymq.timer.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When the alarm begins and ends, with a disk of the test's own. */
class DiskWatchTest {
    /** Until the alarm ends. */
    private static final int SECONDS = 5;

    private final List<Disk> heard = new ArrayList<>();
    private long free;

    private List<Boolean> lookAt(long limit, long... spaces) {
        try (var watch = new DiskWatch(() -> free, limit, heard::add, new Timers())) {
            for (long space : spaces) {
                free = space;
                for (int i = 0; i < DiskWatch.RELIEF_LOOKS / SECONDS; i++) {
                    watch.look();
                }
            }
        }
        int each = DiskWatch.RELIEF_LOOKS / SECONDS; // the last of each second
        return IntStream.range(0, spaces.length)
                .mapToObj(i -> heard.get((i + 1) * each - 1).low())
                .toList();
    }

    @Test
    void theAlarmEndsWithATenthMoreThanTheLimitFoundSeveralTimes() {
        assertEquals(
                List.of(false, false, true, true, true, true, true, true, true, false, false, true),
                lookAt(100, 200, 100, 99, 100, 109, 110, 120, 110, 110, 115, 100, 99));
        assertTrue(heard.contains(new Disk(99, 100, true)));
    }

    @Test
    void roomThatComesAndGoesDoesNotEndTheAlarm() {
        assertEquals(
                List.of(true, true, true, true, true, true, true, true, true),
                lookAt(100, 50, 200, 200, 200, 200, 109, 200, 200, -1));
    }

    @Test
    void whatCantBeReadChangesNothing() {
        assertEquals(List.of(false, false, true, true), lookAt(100, -1, 200, 1, -1));
    }

    @Test
    void withoutALimitThereIsNoAlarm() {
        assertEquals(List.of(false), lookAt(0, 0));
    }
}
