package io.tallymq.raft.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class LogTimesTest {
    private final LogTimes times = new LogTimes();

    @Test
    void anEntryIsReachedByTheFirstStepThatCoversIt() {
        times.add(10, 100, 1);
        times.add(12, 200, 2);
        times.add(15, 300, 3);
        assertEquals(new LogTimes.Step(200, 2), times.reached(11));
        assertEquals(new LogTimes.Step(200, 2), times.reached(12));
        assertEquals(new LogTimes.Step(300, 3), times.reached(13));
        assertNull(times.reached(16), "not yet");
    }

    @Test
    void ofTheFirstStepNobodyKnowsWhatItReached() {
        assertNull(times.reached(1));
        times.add(10, 100, 1);
        assertNull(times.reached(10));
        times.add(10, 150, 1);
        assertNull(times.reached(10), "the same once more tells nothing");
        times.add(11, 200, 2);
        assertNull(times.reached(10));
        assertEquals(new LogTimes.Step(200, 2), times.reached(11));
    }

    @Test
    void whatIsTooLongAgoIsNotKnown() {
        for (int i = 1; i <= LogTimes.STEPS + 10; i++) {
            times.add(i, 10L * i, i);
        }
        assertNull(times.reached(11), "its step is the first one now");
        assertEquals(new LogTimes.Step(120, 12), times.reached(12));
        int last = LogTimes.STEPS + 10;
        assertEquals(new LogTimes.Step(10L * last, last), times.reached(last));
    }

    @Test
    void aLogThatWasCutBeginsAnew() {
        times.add(10, 100, 1);
        times.add(20, 200, 2);
        times.add(15, 300, 3);
        assertNull(times.reached(12), "the entry that came then may be another one");
        assertNull(times.reached(15));
        times.add(18, 400, 4);
        assertEquals(new LogTimes.Step(400, 4), times.reached(16));
        times.clear();
        assertNull(times.reached(16));
    }
}
