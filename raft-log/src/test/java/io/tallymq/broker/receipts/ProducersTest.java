package io.tallymq.broker.receipts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.DigestWalk;
import io.tallymq.store.MemoryStore;
import org.junit.jupiter.api.Test;

/** Room for producers: who comes beyond takes the place of another one of his virtual host. */
class ProducersTest {
    private static final int MOST = 3;

    private final MemoryStore store = new MemoryStore();
    private long number;
    private final Producers producers = new Producers(store, () -> ++number, MOST);

    private static long digest(Producers p) {
        StateDigest d = new StateDigest();
        assertNull(p.digest(d, null, new DigestWalk.Units(Long.MAX_VALUE)));
        return d.value();
    }

    /** What comes back from the store is what is there. */
    private void assertKept(long index) {
        producers.write();
        store.commit(new MessageStore.Applied(1, index, index, 5));
        producers.committed();
        Producers restored = new Producers(store.copy(), () -> ++number, MOST);
        restored.restore();
        assertEquals(digest(producers), digest(restored));
        assertEquals(producers.count(), restored.count());
    }

    @Test
    void theOneUsedLeastRecentlyOfTheLargestVhostGoes() {
        long now = 50 + Producers.BUSY;
        producers.add("x", "a", 1, 10);
        producers.add("x", "b", 2, 20);
        producers.add("y", "c", 3, 30);
        producers.used(producers.find("x", "a"), 4, 40, null);
        assertNotNull(producers.refusal("y", Producers.BUSY), "nobody can go yet");
        assertNull(producers.refusal("z", now));
        producers.add("y", "d", 5, now);
        assertNull(producers.find("x", "b"));
        assertNotNull(producers.find("x", "a"));
        assertNotNull(producers.find("y", "c"));
        assertEquals(20, producers.forgottenUntil("x"));
        assertEquals(0, producers.forgottenUntil("y"));
        assertEquals(MOST, producers.count());
        assertKept(5);
        producers.add("y", "e", 6, now + 1);
        assertNull(producers.find("y", "c"), "its own: it has as many as any, and more than the other");
        assertNotNull(producers.find("x", "a"));
        assertKept(6);
    }

    /** One entry brings something of a producer and then another one, for which there is room in his place only. */
    @Test
    void whoGoesBeforeItsEntryIsDoneLeavesNothingBehind() {
        producers.add("y", "b", 1, 20 + Producers.BUSY);
        producers.add("y", "c", 1, 20 + Producers.BUSY);
        Named named = new Named(producers);
        Producer a = producers.add("x", "a", 2, 20);
        named.decided(0, a, 1, Outcome.STORED);
        Producer d = producers.add("x", "d", 2, 20 + Producers.BUSY);
        named.decided(1, d, 1, Outcome.STORED);
        named.finish(new Stamp(1, 2, 20));
        assertNull(producers.find("x", "a"));
        assertKept(2);
        int[] blocks = {0};
        store.scan(Keys.of(Keys.RECEIPTS), (k, v) -> blocks[0]++);
        assertEquals(1, blocks[0]);
    }

    @Test
    void aVirtualHostThatGoesTakesThemAlong() {
        producers.add("x", "a", 1, 10);
        producers.add("x", "b", 1, 10);
        producers.add("y", "c", 1, 10);
        assertEquals(1, producers.removeOf("x", 1));
        assertEquals(1, producers.removeOf("x", 5));
        assertEquals(0, producers.removeOf("x", 5));
        assertEquals(1, producers.count());
        assertKept(1);
    }
}
