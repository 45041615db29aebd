package io.tallymq.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RhythmTest {
    private static final Duration NEVER = Duration.ofDays(1);
    private static final Duration OFTEN = Duration.ofMillis(1);

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Timers timers = new Timers();
    private final BlockingQueue<String> ran = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        scheduler.shutdownNow();
    }

    private Rhythm rhythm(Duration seldom, BooleanSupplier task) {
        Rhythm made = new Rhythm(timers, scheduler, OFTEN, seldom, "test", task);
        made.start();
        return made;
    }

    @Test
    void nothingGoesOnSoItWaitsUntilItIsHurried() throws InterruptedException {
        Rhythm rhythm = rhythm(NEVER, () -> {
            ran.add("");
            return false;
        });
        ran.take();
        rhythm.hurry();
        ran.take();
        rhythm.hurry();
        ran.take();
        assertTrue(ran.isEmpty(), "it ran although nobody asked");
    }

    @Test
    void somethingGoesOnAgainSoItRunsOftenAgain() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch many = new CountDownLatch(20);
        CountDownLatch quiet = new CountDownLatch(1);
        Rhythm rhythm = rhythm(NEVER, () -> {
            many.countDown();
            quiet.countDown();
            return runs.incrementAndGet() > 1;
        });
        quiet.await();
        assertEquals(19, many.getCount());
        rhythm.hurry();
        many.await();
    }

    @Test
    void aTaskThatThrowsGoesOn() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch many = new CountDownLatch(5);
        Rhythm rhythm = rhythm(OFTEN, () -> {
            many.countDown();
            if (runs.incrementAndGet() % 2 == 1) {
                throw new IllegalStateException("the log is closed");
            }
            return runs.get() % 4 == 0;
        });
        many.await();
        assertTrue(timers.failures() >= 2);
        rhythm.hurry();
    }

    @Test
    void beforeItsStartAndAfterTheEndNothingHappens() {
        Rhythm rhythm = new Rhythm(timers, scheduler, OFTEN, OFTEN, "test", () -> ran.add(""));
        rhythm.hurry();
        scheduler.shutdownNow();
        assertTrue(ran.isEmpty());
        Rhythm started = rhythmOnAnotherThread();
        started.hurry();
    }

    private Rhythm rhythmOnAnotherThread() {
        ScheduledExecutorService other = Executors.newSingleThreadScheduledExecutor();
        Rhythm made = new Rhythm(timers, other, NEVER, NEVER, "test", () -> ran.add(""));
        made.start();
        other.shutdownNow();
        return made;
    }
}
