package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.util.AwaitForSignal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AwaitForSignalTest {
    private static final String UPDATER = "org.apache.ratis.server.impl.StateMachineUpdater";

    @Test
    void thisModulesClassIsTheOneInUse() {
        StandIns.assertOurs(AwaitForSignal.class);
    }

    /** Ratis' own forgets it: the applying thread found the commit 100 ms later, a sender its entry at the next heartbeat. */
    @Test
    void aSignalBeforeTheWaitIsNotLost() throws Exception {
        AwaitForSignal one = new AwaitForSignal("test");
        one.signal();
        assertTrue(one.await(1, TimeUnit.HOURS));
        one.signal();
        one.await();
    }

    @Test
    void aSignalEndsOneWaitOnly() throws Exception {
        AwaitForSignal one = new AwaitForSignal("test");
        one.signal();
        one.signal();
        assertTrue(one.await(1, TimeUnit.HOURS));
        assertFalse(one.await(1, TimeUnit.MILLISECONDS));
        one.signal();
        assertFalse(one.await(0, TimeUnit.MILLISECONDS), "no time, no wait");
        assertTrue(one.await(1, TimeUnit.HOURS));
    }

    @Test
    void aSignalEndsAWaitThatHasBegun() {
        AwaitForSignal one = new AwaitForSignal("test");
        CompletableFuture<Boolean> waited = CompletableFuture.supplyAsync(() -> {
            try {
                return one.await(1, TimeUnit.HOURS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        one.signal();
        assertTrue(waited.join());
    }

    /** It is known by the name that Ratis gives it. */
    @Test
    void theApplyingThreadWaitsForLongerThanItAsksFor() throws Exception {
        AwaitForSignal one = new AwaitForSignal("n1-" + Class.forName(UPDATER).getSimpleName());
        long begin = System.nanoTime();
        assertFalse(one.await(100, TimeUnit.MILLISECONDS));
        assertTrue(System.nanoTime() - begin >= TimeUnit.SECONDS.toNanos(2));
        assertEquals("n1-StateMachineUpdater-AwaitForSignal", one.toString());
    }
}
