package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.raft.vitals.NodeVitals.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When the alarm begins and ends, with a process of the test's own. */
class MemoryAlarmTest {
    private final AtomicInteger markings = new AtomicInteger();
    private long resident;

    private List<Boolean> lookAt(long limit, long... sizes) {
        MemoryAlarm alarm = new MemoryAlarm(() -> resident, limit, markings::incrementAndGet);
        List<Boolean> low = new ArrayList<>();
        for (long size : sizes) {
            resident = size;
            Memory memory = alarm.get();
            assertEquals(size, memory.used());
            assertEquals(limit, memory.limit());
            low.add(memory.low());
        }
        return low;
    }

    @Test
    void theAlarmEndsWithATwentiethLessThanTheLimitFoundSeveralTimes() {
        assertEquals(
                List.of(false, false, true, true, true, true, true, true, true, true, false, true),
                lookAt(100, 50, 100, 101, 96, 95, 96, 95, 90, 95, 20, 95, 101));
    }

    @Test
    void whatCantBeReadChangesNothing() {
        assertEquals(List.of(false, true, true), lookAt(100, -1, 200, -1));
    }

    @Test
    void withoutALimitThereIsNoAlarm() {
        assertEquals(List.of(false), lookAt(0, Long.MAX_VALUE));
    }

    @Test
    void aMarkingIsAskedForAtOnceAndThenSeldom() {
        lookAt(100, 100);
        assertEquals(0, markings.get());
        long[] sizes = new long[MemoryAlarm.MARKING_LOOKS + 1];
        Arrays.fill(sizes, 200);
        lookAt(100, 200);
        assertEquals(1, markings.get());
        lookAt(100, sizes);
        assertEquals(3, markings.get());
    }
}
