package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.store.MemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A store that has no room for a while. */
class FullStoreTest {
    private static final long PATIENCE_SECONDS = 60;

    private final MemoryStore memory = new MemoryStore();
    private final AtomicReference<CountDownLatch> full = new AtomicReference<>();
    private final MessageStore store = (MessageStore) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {MessageStore.class}, (proxy, method, args) -> {
                CountDownLatch refused = full.get();
                if (refused != null && method.getName().equals("commit")) {
                    refused.countDown();
                    return false;
                }
                try {
                    return method.invoke(memory, args);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });

    /** Readers are the HTTP API and the ticker, which withholds deliveries and notices lost nodes. */
    @Test
    void whoReadsDoesNotWaitForRoomAndWhatWaitsGoesOnWhenThereIsSome() throws Exception {
        try (LocalBroker broker = new LocalBroker("n1", store)) {
            CountDownLatch refused = new CountDownLatch(3);
            full.set(refused);
            CompletableFuture<Reply> answer = broker.submit(new Probe(false));
            assertTrue(refused.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "nothing was written, or not again");
            Applied before = memory.applied();
            assertEquals(List.of(), soon(() -> broker.read(BrokerView::queues)));
            assertEquals(Integer.valueOf(0), soon(broker.runtime()::owed));
            CompletableFuture<Reply> behind = broker.submit(new Probe(false));
            awaitBlocked(broker.runtime(), "the disk of the store of node n1 is full");
            assertEquals(before, memory.applied());
            assertFalse(behind.isDone(), "nothing is applied before what waits is written");
            full.set(null);
            assertInstanceOf(Reply.Probed.class, answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertInstanceOf(Reply.Probed.class, behind.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(before == null || memory.applied().index() > before.index());
        }
    }

    private static void awaitBlocked(BrokerRuntime runtime, String reason) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!reason.equals(runtime.blockedReason())) {
            assertTrue(System.nanoTime() < deadline, "publishers hear: " + runtime.blockedReason());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private static <T> T soon(Supplier<T> question) throws Exception {
        return CompletableFuture.supplyAsync(question).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
