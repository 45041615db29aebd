package io.tallymq.raft.copies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class FullCopiesTest {
    private record Due(long nanos, Runnable what) {}

    private long committed = 10;
    private long reached = 10;
    private long now = 1_000;
    private int asked;
    private final List<String> done = new ArrayList<>();
    private final Queue<Due> due = new ArrayDeque<>();
    private final FullCopies copies = new FullCopies(
            new FullCopies.Members() {
                @Override
                public long committed() {
                    return committed;
                }

                @Override
                public long reached() {
                    return reached;
                }

                @Override
                public void ask() {
                    asked++;
                }
            },
            () -> now,
            (nanos, what) -> due.add(new Due(nanos, what)));

    private void await(String name) {
        copies.await(() -> done.add(name));
    }

    @Test
    void whatAllHaveIsDoneAtOnceAndNobodyIsAsked() {
        await("a");
        assertEquals(List.of("a"), done);
        assertEquals(0, asked);
        assertEquals(new FullCopies.Waiting(0, 0, 0), copies.waiting());
    }

    @Test
    void whatOneLacksWaitsForItInOrder() {
        committed = 11;
        await("a");
        committed = 12;
        await("b");
        assertEquals(List.of(), done);
        assertEquals(1, asked, "once for both");
        now = 5_000;
        assertEquals(new FullCopies.Waiting(2, 4_000, 11), copies.waiting());
        reached = 11;
        copies.answered();
        assertEquals(List.of("a"), done);
        reached = 12;
        copies.answered();
        assertEquals(List.of("a", "b"), done);
    }

    /** What was committed when somebody began to wait is what he waits for; not what comes later. */
    @Test
    void laterEntriesAreNotWaitedFor() {
        committed = 11;
        await("a");
        committed = 50;
        reached = 11;
        copies.answered();
        assertEquals(List.of("a"), done);
    }

    @Test
    void whoIsAwayIsAskedMoreAndMoreSeldomAndNobodyOnceAllIsDone() {
        committed = 11;
        await("a");
        long before = 0;
        for (int i = 0; i < 20; i++) {
            Due next = due.remove();
            assertTrue(next.nanos() >= before && next.nanos() <= FullCopies.SELDOM);
            before = next.nanos();
            next.what().run();
        }
        assertEquals(FullCopies.SELDOM, before);
        assertEquals(21, asked);
        reached = 11;
        due.remove().what().run(); // a report told it, not an answer
        assertEquals(List.of("a"), done);
        due.remove().what().run();
        assertTrue(due.isEmpty());
        committed = 12;
        await("b");
        assertEquals(FullCopies.OFTEN, due.remove().nanos(), "quick again");
    }

    @Test
    void whoGivesUpIsNotKept() {
        committed = 11;
        Runnable giveUp = copies.await(() -> done.add("a"));
        await("b");
        giveUp.run();
        assertEquals(1, copies.waiting().count());
        reached = 11;
        copies.answered();
        assertEquals(List.of("b"), done);
        giveUp.run();
    }

    /** As many as there are channels while a member is away, and their connections end: each finds its own. */
    @Test
    void manyGiveUp() {
        committed = 11;
        List<Runnable> giveUp = new ArrayList<>();
        for (int i = 0; i < 200_000; i++) {
            giveUp.add(copies.await(() -> done.add("one of many")));
        }
        committed = 12;
        await("z");
        for (int i = giveUp.size() - 1; i >= 0; i--) {
            giveUp.get(i).run();
        }
        assertEquals(new FullCopies.Waiting(1, 1, 12), copies.waiting());
        reached = 12;
        copies.answered();
        assertEquals(List.of("z"), done);
    }

    /** A commit index may seem to go back when another state is installed: who waits is not overtaken. */
    @Test
    void whoCameLaterNeverGoesFirst() {
        committed = 20;
        await("a");
        committed = 15;
        await("b");
        reached = 16;
        copies.answered();
        assertEquals(List.of(), done);
        reached = 20;
        copies.answered();
        assertEquals(List.of("a", "b"), done);
    }
}
