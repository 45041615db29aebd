package io.tallymq.amqp.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.filter.FilterScan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** When it looks, takes, and waits, with a broker made by hand. */
class FilterReaderTest {
    private static final long MAX = Long.MAX_VALUE;
    private static final long MESSAGES = 1_000_000;
    /** What one look goes through. */
    private static final long STEP = 2_000;

    private final Door door = new Door();
    private final FilterReader reader = new FilterReader(door, new FilterCounts(), 0);

    private static final class Door implements FilterReader.Door {
        Consumer<FilterScan.Found> found;
        Runnable failed;
        Consumer<Reply.Taken> taken;
        Runnable later;
        long[] asked;
        final List<Long> waits = new ArrayList<>();

        @Override
        public void look(long[] where, Consumer<FilterScan.Found> then, Runnable otherwise) {
            asked = where;
            found = then;
            failed = otherwise;
        }

        @Override
        public void take(long[] ranges, Consumer<Reply.Taken> then) {
            asked = ranges;
            taken = then;
        }

        @Override
        public void later(long millis, Runnable task) {
            waits.add(millis);
            later = task;
        }

        @Override
        public boolean isOver() {
            return false;
        }

        void finds(long next, long... matches) {
            Consumer<FilterScan.Found> then = found;
            found = null;
            then.accept(new FilterScan.Found(matches, next, 1));
        }

        void gives(int messages, long undecided, Reply.Stop why) {
            Consumer<Reply.Taken> then = taken;
            taken = null;
            then.accept(new Reply.Taken(messages, undecided, why));
        }

        void timePasses() {
            Runnable task = later;
            later = null;
            task.run();
        }
    }

    @Test
    void whatNobodyWantsIsLookedAtOnce() {
        reader.begin();
        for (long at = STEP; at < MESSAGES; at += STEP) {
            assertEquals(at - STEP, door.asked[0]);
            door.finds(at);
        }
        door.finds(MAX);
        assertNull(door.found, "all was looked at");
        reader.room();
        assertNull(door.found, "room is no news");
        reader.ready(new long[] {MESSAGES, MESSAGES});
        assertEquals(MESSAGES, door.asked[0]);
        door.finds(MAX);
        assertNull(door.found);
        assertNull(door.taken);
        assertEquals(List.of(), door.waits);
    }

    @Test
    void whoIsStoppedAgainAndAgainAsksLessOften() {
        reader.begin();
        door.finds(MAX, 3, 3, 5, 5);
        for (int i = 0; i < 5; i++) {
            door.gives(0, 3, Reply.Stop.BUSY);
            door.timePasses();
        }
        assertEquals(List.of(40L, 80L, 160L, 200L, 200L), door.waits);
        door.gives(1, 5, Reply.Stop.BUSY);
        assertEquals(20L, door.waits.get(5), "it got something");
        door.timePasses();
        assertEquals(5, door.asked[0]);
        door.gives(1, -1, Reply.Stop.NONE);
        assertNull(door.taken);
    }

    @Test
    void whatReadersHaveNoTimeForIsAskedAgain() {
        reader.begin();
        door.failed.run();
        assertEquals(List.of(20L), door.waits);
        door.found = null;
        door.timePasses();
        assertEquals(0, door.asked[0]);
        assertEquals(MAX, door.asked[1]);
        door.finds(MAX);
        assertNull(door.found);
    }

    @Test
    void withoutRoomItWaitsUntilSomethingIsSettled() {
        reader.begin();
        door.finds(MAX, 3, 5);
        door.gives(1, 4, Reply.Stop.CREDIT);
        assertNull(door.taken);
        reader.room();
        assertEquals(4, door.asked[0]);
        reader.room(); // while it asks
        door.gives(0, 4, Reply.Stop.CREDIT);
        door.gives(2, -1, Reply.Stop.NONE);
        assertNull(door.taken);
    }
}
