package io.tallymq.raft.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
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

    @Test
    void whatHangsIsLeft() {
        CountDownLatch never = new CountDownLatch(1);
        assertFalse(BoundedClose.run(
                "thing",
                () -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                },
                Duration.ofMillis(20)));
        never.countDown();
    }
}
