package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.util.TimeDuration;
import org.apache.ratis.util.TimeoutExecutor;
import org.apache.ratis.util.TimeoutTimer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TimeoutTimerTest {
    private static final TimeDuration SOON = TimeDuration.valueOf(60, TimeUnit.MILLISECONDS);

    @Test
    void thisModulesClassIsTheOneInUse() {
        StandIns.assertOurs(TimeoutTimer.class);
        assertEquals(TimeoutTimer.getInstance(), TimeoutExecutor.getInstance());
    }

    @Test
    void aTaskRunsNotBeforeItsTime() {
        CompletableFuture<Long> ran = new CompletableFuture<>();
        long begin = System.nanoTime();
        TimeoutExecutor.getInstance()
                .onTimeout(SOON, () -> ran.complete(System.nanoTime()), ran::completeExceptionally);
        assertTrue(ran.join() - begin >= SOON.toLong(TimeUnit.NANOSECONDS));
    }

    @Test
    void whatATaskThrowsIsHandled() {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        IOException failure = new IOException("on purpose");
        TimeoutExecutor.getInstance()
                .onTimeout(
                        SOON,
                        () -> {
                            throw failure;
                        },
                        thrown::complete);
        assertEquals(failure, thrown.join());
    }
}
