package io.tallymq.broker.receipts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.limits.ProducerLimits;
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
    private static final long BUSY = ProducerLimits.BUSY;
    private static final ProducerLimits LIMITS = new ProducerLimits(MOST, ProducerLimits.RETENTION, BUSY, 2);

    private final MemoryStore store = new MemoryStore();
    private long number;
    private final Producers producers = new Producers(store, () -> ++number, LIMITS);

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
        Producers restored = new Producers(store.copy(), () -> ++number, LIMITS);
        restored.restore();
        assertEquals(digest(producers), digest(restored));
        assertEquals(producers.count(), restored.count());
    }

    @Test
    void theOneUsedLeastRecentlyOfTheLargestVhostGoes() {
        long now = 50 + BUSY;
        producers.add("x", "a", 1, 10);
        producers.add("x", "b", 2, 20);
        producers.add("y", "c", 3, 30);
        producers.used(producers.find("x", "a"), 4, 40, null);
        assertNotNull(producers.refusal("y", BUSY), "nobody can go yet");
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
        producers.add("y", "b", 1, 20 + BUSY);
        producers.add("y", "c", 1, 20 + BUSY);
        Named named = new Named(producers);
        Producer a = producers.add("x", "a", 2, 20);
        named.decided(0, a, 1, Outcome.STORED);
        Producer d = producers.add("x", "d", 2, 20 + BUSY);
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

    private void decided(Producer p, long index) {
        Named named = new Named(producers);
        named.decided(0, p, 7, Outcome.STORED);
        named.finish(new Stamp(1, index, index));
    }

    /** What is written is not there before the commit: it has to be found all the same, on a node that commits seldom as on one that does so all the time. */
    @Test
    void whoWasForgottenIsKnownBeforeAndBehindTheCommit() {
        for (int i = 0; i < 6; i++) {
            decided(producers.add("x", "p" + i, i + 1, 10 + i + BUSY * i), i + 1);
            if (i % 3 == 0) {
                assertKept(i + 1);
            }
        }
        assertNull(producers.look("x", "p0"), "two are remembered");
        assertEquals(10, producers.lostUntil("x"));
        for (String id : new String[] {"p1", "p2"}) {
            Producer p = producers.look("x", id);
            assertTrue(p.isAsleep());
            assertTrue(p.isDecided(7));
            assertNull(producers.find("x", id));
        }
        producers.add("x", "p1", 9, BUSY * 9);
        assertTrue(producers.find("x", "p1").isDecided(7));
        assertNotNull(producers.look("x", "p3"), "it made room");
        assertKept(9);
        producers.look("x", "p2");
        assertTrue(producers.look("x", "p2").isAsleep());
        producers.renew(producers.look("x", "p2"));
        producers.add("x", "p9", 10, BUSY * 10);
        assertTrue(producers.look("x", "p2").isDecided(7), "others went before it");
        assertNull(producers.look("x", "p3"));
        assertKept(10);
    }

    /** Who has the most gives. */
    @Test
    void oneVhostsPastTakesNoPlaceOfTheOthers() {
        decided(producers.add("y", "q", 1, 10), 1);
        for (int i = 0; i < 8; i++) {
            decided(producers.add("x", "p" + i, i + 2, 10 + BUSY * (i + 1)), i + 2);
        }
        decided(producers.add("y", "r", 20, BUSY * 20), 20);
        decided(producers.add("y", "s", 21, BUSY * 21), 21);
        assertNotNull(producers.look("y", "q"));
        assertEquals(0, producers.lostUntil("y"));
        assertTrue(producers.lostUntil("x") > 0);
        assertKept(21);
    }
}
