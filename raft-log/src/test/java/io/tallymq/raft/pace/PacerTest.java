package io.tallymq.raft.pace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Backlog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PacerTest {
    private static final long MILLI = 1_000_000;
    private static final long QUEUE = 7;
    private static final Object PUBLISHER = new Object();

    private record State(long number, long ready, long acked) implements Backlog {
        @Override
        public String name() {
            return "q" + number;
        }
    }

    private long now = 1;
    private double busy = 1;
    private long acked;
    private final List<Integer> told = new ArrayList<>();
    private final Pacer pacer = new Pacer(PaceTuning.DEFAULTS, () -> now, () -> busy);

    private void fill() {
        for (int i = 0; i < 40; i++) {
            pacer.isFull();
            pacer.tick();
        }
    }

    /** The queue's consumers settle so many a millisecond, for a tenth of a second. */
    private boolean consume(long perMilli, long ready) {
        boolean behind = false;
        for (int i = 0; i < 100; i++) {
            now += MILLI;
            acked += perMilli;
            behind = pacer.isBehind(new State(QUEUE, ready, acked));
        }
        return behind;
    }

    private void hold(Object owner, int n) {
        pacer.hold(QUEUE, owner, 100, () -> told.add(n));
    }

    @Test
    void onlyAFullMachineMakesConfirmsWait() {
        busy = 0.5;
        fill();
        assertFalse(pacer.isFull());
        busy = 1;
        fill();
        assertTrue(pacer.isFull());
        busy = -1; // not known
        fill();
        assertFalse(pacer.isFull());
    }

    @Test
    void onlyFastConsumersThatFallBehindAreWaitedFor() {
        assertTrue(consume(10, 1_000));
        assertFalse(consume(10, 50), "5 ms of work");
        assertFalse(consume(1, 1_000_000), "a thousand a second: their own work limits them");
        assertFalse(consume(0, 1_000_000), "nobody consumes");
    }

    /** Ten a millisecond are settled, so publishers get on at eight a millisecond. */
    @Test
    void publishersGetOnAtAShareOfWhatIsSettled() {
        fill();
        assertTrue(consume(10, 1_000));
        for (int i = 0; i < 20; i++) {
            hold(PUBLISHER, i);
        }
        assertEquals(20, pacer.held());
        for (int i = 0; i < 80; i++) {
            now += MILLI;
            pacer.release();
        }
        assertEquals(7, told.size(), 1, "640 messages in 80 ms");
        assertEquals(List.of(0, 1, 2), told.subList(0, 3));
    }

    /** Confirms that trickle make publishers trickle, and small entries fill the machine. */
    @Test
    void allQueuesGoOnAtTheSameTime() {
        long other = QUEUE + 1;
        fill();
        now += 17 * MILLI;
        for (int i = 0; i < 100; i++) {
            now += MILLI;
            acked += 10;
            pacer.isBehind(new State(QUEUE, 1_000, acked));
            pacer.isBehind(new State(other, 1_000, acked));
        }
        for (int i = 0; i < 40; i++) {
            pacer.hold(QUEUE, PUBLISHER, 10, () -> told.add(1));
            pacer.hold(other, told, 10, () -> told.add(2));
        }
        pacer.release();
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            now += MILLI;
            int before = told.size();
            pacer.release();
            if (told.size() > before) {
                sizes.add(told.size() - before);
                assertTrue(told.subList(before, told.size()).containsAll(List.of(1, 2)));
            }
        }
        assertEquals(2, sizes.size(), "two slots of 40 ms");
    }

    /** One batch after the other, each alone: what was told before is not forgiven. */
    @Test
    void publishersThatWaitForEachConfirmGetOnAtThatShareToo() {
        fill();
        assertTrue(consume(10, 1_000));
        int given = 0;
        for (int i = 0; i < 80; i++) {
            now += MILLI;
            if (!pacer.holds(PUBLISHER)) {
                hold(PUBLISHER, given++);
            }
            pacer.release();
        }
        assertEquals(7, told.size(), 1, "640 messages in 80 ms");
    }

    @Test
    void aConfirmWaitsATenthOfASecondAtMost() {
        fill();
        assertTrue(consume(10, 100_000));
        for (int i = 0; i < 50; i++) {
            hold(PUBLISHER, i);
        }
        now += 100 * MILLI;
        pacer.release();
        assertEquals(50, told.size());
        assertFalse(pacer.holds(PUBLISHER));
        assertEquals(0, pacer.held());
    }

    @Test
    void whenTheConsumersCaughtUpNothingWaits() {
        fill();
        assertTrue(consume(10, 1_000));
        hold(PUBLISHER, 1);
        pacer.release();
        assertEquals(List.of(), told);
        consume(10, 10);
        pacer.release();
        assertEquals(List.of(1), told);
    }

    @Test
    void whenTheMachineIsNoLongerFullNothingWaits() {
        fill();
        assertTrue(consume(10, 1_000));
        hold(PUBLISHER, 1);
        busy = 0;
        fill();
        assertEquals(List.of(1), told);
    }

    @Test
    void whatOneIsToldStaysInOrder() {
        fill();
        assertTrue(consume(10, 1_000));
        Object other = new Object();
        hold(PUBLISHER, 1);
        hold(other, 2);
        assertTrue(pacer.holds(PUBLISHER));
        pacer.hold(0, PUBLISHER, 0, () -> told.add(3)); // of another queue: waits behind the first one
        pacer.release(PUBLISHER);
        assertEquals(List.of(1, 3), told);
        assertTrue(pacer.holds(other));
        assertFalse(pacer.holds(PUBLISHER));
    }

    /** The clock's thread lets a confirm go, and is not done with it: what the applying thread has for the same session must not overtake it. */
    @Test
    @Timeout(60)
    void whatComesBehindAConfirmThatIsBeingToldWaitsForIt() throws Exception {
        fill();
        assertTrue(consume(10, 1_000));
        CountDownLatch telling = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        pacer.hold(QUEUE, PUBLISHER, 100, () -> {
            telling.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            order.add("confirmed");
        });
        busy = 0;
        Thread clock = new Thread(this::fill);
        clock.start();
        telling.await();
        Thread applying = new Thread(() -> {
            pacer.release(PUBLISHER);
            order.add("answered");
        });
        applying.start();
        while (applying.isAlive() && applying.getState() != Thread.State.BLOCKED) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        clock.join();
        applying.join();
        assertEquals(List.of("confirmed", "answered"), order);
    }
}
