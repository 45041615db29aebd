package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

class BoundedCloseTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void whatClosesIsWaitedFor() {
        AtomicInteger closed = new AtomicInteger();
        assertTrue(BoundedClose.run("thing", closed::incrementAndGet, PATIENCE));
        assertEquals(1, closed.get());
    }

    @Test
    void whatFailsIsOver() {
        assertTrue(BoundedClose.run(
                "thing",
                () -> {
                    throw new IOException("on purpose");
                },
                PATIENCE));
    }

    /** As Ratis' close, which waits for a thread that waits for a lock of its. */
    @Test
    void anInterruptEndsAWaitAndTheRestIsClosed() {
        ReentrantLock lock = new ReentrantLock();
        Thread evicts = new Thread(() -> {
            lock.lock();
            lock.unlock();
        });
        assertTrue(BoundedClose.run(
                "thing",
                () -> {
                    lock.lock();
                    try {
                        evicts.start();
                        evicts.join();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        lock.unlock();
                    }
                },
                Duration.ofMillis(20),
                PATIENCE));
    }

    @Test
    void whatHangsIsLeft() {
        CountDownLatch never = new CountDownLatch(1);
        assertFalse(BoundedClose.run(
                "thing",
                () -> {
                    while (never.getCount() > 0) {
                        try {
                            never.await();
                        } catch (InterruptedException e) {
                            // goes on waiting
                        }
                    }
                },
                Duration.ofMillis(20),
                Duration.ofMillis(20)));
        never.countDown();
    }
}
