package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.util.AwaitToRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AwaitToRunTest {
    @Test
    void thisModulesClassIsTheOneInUse() {
        StandIns.assertOurs(AwaitToRun.class);
    }

    @Test
    void itRunsAtEachSignalWhateverTheRunBeforeThrew() throws Exception {
        Semaphore ran = new Semaphore(0);
        try (AwaitToRun runs = new AwaitToRun("test", () -> {
            ran.release();
            throw new IllegalStateException("on purpose");
        })) {
            runs.start();
            for (int i = 0; i < 3; i++) {
                runs.signal();
                ran.acquire();
            }
        }
    }

    /** So Ratis closes its log. The wait for the thread never ended. */
    @Test
    void whoHoldsTheLockThatItWaitsForCanCloseIt() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AtomicInteger times = new AtomicInteger();
        AwaitToRun eviction = new AwaitToRun("test", () -> {
            times.incrementAndGet();
            runs.countDown();
            lock.lock();
            lock.unlock();
            ended.countDown();
        });
        lock.lock();
        try {
            eviction.start().signal();
            runs.await();
            eviction.close();
            eviction.signal();
        } finally {
            lock.unlock();
        }
        ended.await();
        eviction.close();
        assertEquals(1, times.get());
    }
}
