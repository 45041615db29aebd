package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tallymq.broker.store.MessageStore;
import io.tallymq.raft.session.RuntimeTuning;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReadersTest {
    private final AssertionError bug = new AssertionError("a bug");

    /** Who waits for a read hears of its end, whatever it was that ended it. */
    @Test
    void whatIsABugIsTheAnswer() {
        MessageStore broken = (MessageStore) Proxy.newProxyInstance(
                MessageStore.class.getClassLoader(), new Class<?>[] {MessageStore.class}, (proxy, method, args) -> {
                    throw bug;
                });
        try (Readers readers = new Readers("n1", broken, RuntimeTuning.Reading.DEFAULTS)) {
            for (int i = 0; i < 3; i++) { // a thread that ends is replaced
                CompletableFuture<byte[]> read = readers.loadShared(1, 1);
                ExecutionException e = assertThrows(ExecutionException.class, () -> read.get(30, TimeUnit.SECONDS));
                assertSame(bug, e.getCause());
            }
            assertEquals(0, readers.waiting());
        }
    }
}
