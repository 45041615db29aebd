package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.Broker;
import io.tallymq.store.MemoryStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What event loops ask for each publish waits for nobody who looks at the state, and for no entry. */
class LevelReadTest {
    @Test
    void theLevelIsKnownWhileTheStateIsLocked() throws Exception {
        try (LocalBroker broker = new LocalBroker("n1", new MemoryStore())) {
            CountDownLatch looks = new CountDownLatch(1);
            CountDownLatch goesOn = new CountDownLatch(1);
            CompletableFuture<Boolean> looking = CompletableFuture.supplyAsync(() -> broker.read(view -> {
                looks.countDown();
                try {
                    return goesOn.await(60, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
            looks.await();
            int level = CompletableFuture.supplyAsync(((Broker) broker)::level).get(30, TimeUnit.SECONDS);
            assertTrue(level >= 1);
            goesOn.countDown();
            assertTrue(looking.get());
        }
    }
}
