package io.tallymq.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TimersTest {
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Timers timers = new Timers();

    @AfterEach
    void close() {
        scheduler.shutdownNow();
    }

    @Test
    void aTaskThatThrowsGoesOn() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch worksAgain = new CountDownLatch(1);
        var task = timers.every(scheduler, 1, TimeUnit.MILLISECONDS, "test", () -> {
            int run = runs.incrementAndGet();
            if (run == 1) {
                throw new IllegalStateException("the store is closed");
            } else if (run == 2) {
                throw new StackOverflowError();
            }
            worksAgain.countDown();
        });
        worksAgain.await();
        task.cancel(false);
        assertEquals(2, timers.failures());
    }

    @Test
    void aSingleTaskThatThrowsIsCounted() throws Exception {
        timers.after(scheduler, 0, TimeUnit.NANOSECONDS, "test", () -> {
                    throw new IllegalStateException("no");
                })
                .get();
        assertEquals(1, timers.failures());
    }
}
