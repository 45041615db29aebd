package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.raft.vitals.NodeVitals.Disk;
import io.tallymq.timer.Timers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the alarm begins and ends, with a disk of the test's own. */
class DiskWatchTest {
    private final List<Disk> heard = new ArrayList<>();
    private long free;

    private List<Boolean> lookAt(long limit, long... spaces) {
        try (var watch = new DiskWatch(() -> free, limit, heard::add, new Timers())) {
            for (long space : spaces) {
                free = space;
                watch.look();
            }
        }
        return heard.stream().map(Disk::low).toList();
    }

    @Test
    void theAlarmEndsWithATenthMoreThanTheLimitFoundSeveralTimes() {
        assertEquals(
                List.of(false, false, true, true, true, true, true, true, true, false, false, true),
                lookAt(100, 200, 100, 99, 100, 109, 110, 120, 110, 110, 115, 100, 99));
        assertEquals(new Disk(99, 100, true), heard.get(2));
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
