package io.tallymq.amqp.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.SelectStrategy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Time is a number here: a rest lets it pass. */
class LoopPaceTest {
    private static final int READY = 3;

    private long now = 5;
    private boolean full = true;
    private final List<Long> rests = new ArrayList<>();
    private final List<LoopPace> begun = new ArrayList<>();
    private final LoopPace pace = new LoopPace(() -> full, () -> now, this::rest, begun::add);

    private void rest(long nanos) {
        rests.add(nanos);
        now += nanos;
    }

    private int turn(int methods, long takes) throws Exception {
        now += takes;
        pace.came(methods);
        return pace.calculateStrategy(() -> READY, false);
    }

    /** One method every so many nanoseconds, whether the loop rests or not, for so many turns. */
    private void load(int turns, long each) throws Exception {
        long came = now;
        for (int i = 0; i < turns; i++) {
            int methods = (int) ((now + each - came) / each);
            came += methods * each;
            turn(methods, each);
        }
    }

    @Test
    void aLoneMessageNeverWaits() throws Exception {
        load(1_000, 500_000);
        assertEquals(List.of(), rests);
        assertEquals(SelectStrategy.SELECT, turn(1, 500_000));
    }

    @Test
    void aBusyLoopOnAFullMachineRestsUntilATurnIsWorthIt() throws Exception {
        load(200, 50_000); // 20,000 a second: 16 of them in 0.8 ms
        assertFalse(rests.isEmpty());
        assertTrue(rests.stream().allMatch(r -> r >= 700_000 && r <= 800_000), rests.toString());
    }

    @Test
    void aRestHasABound() throws Exception {
        load(200, 200_000); // 5,000 a second: 16 of them in 3.2 ms
        assertFalse(rests.isEmpty());
        assertTrue(rests.stream().allMatch(r -> r <= LoopPace.MOST_NANOS), rests.toString());
    }

    @Test
    void whatCameDuringARestIsLookedForAtOnce() throws Exception {
        load(200, 50_000);
        int before = rests.size();
        assertEquals(READY, turn(1, 50_000));
        assertEquals(before + 1, rests.size());
    }

    @Test
    void aMachineWithAProcessorToSpareNeedsNoRests() throws Exception {
        full = false;
        load(1_000, 50_000);
        assertEquals(List.of(), rests);
    }

    @Test
    void tasksDoNotWait() throws Exception {
        load(200, 50_000);
        int before = rests.size();
        assertEquals(READY, pace.calculateStrategy(() -> READY, true));
        assertEquals(before, rests.size());
    }

    @Test
    void restsEndWithTheLoad() throws Exception {
        load(200, 50_000);
        now += LoopPace.WINDOW_NANOS;
        pace.calculateStrategy(() -> 0, false);
        int before = rests.size();
        now += LoopPace.WINDOW_NANOS;
        pace.calculateStrategy(() -> 0, false);
        now += 1_000;
        assertEquals(SelectStrategy.SELECT, pace.calculateStrategy(() -> 0, false));
        assertEquals(before, rests.size());
    }

    @Test
    void itIsMadeKnownOnItsOwnThreadOnce() throws Exception {
        load(3, 500_000);
        assertEquals(List.of(pace), begun);
    }
}
