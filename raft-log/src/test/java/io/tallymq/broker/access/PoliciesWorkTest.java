package io.tallymq.broker.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.store.MemoryStore;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What policies cost whoever asks for them, as many as there may be. */
class PoliciesWorkTest {
    private static final int MOST = 500;

    private final Policies policies = new Policies(new MemoryStore(), MachineLimits.FORMAT_1.state());

    /** All keys of a classic queue, and behind them one of others: none is for such a queue, and that is seen by the last key. */
    private static Arguments definition() {
        Map<String, Object> all = new TreeMap<>();
        for (String key :
                new String[] {"message-ttl", "expires", "max-length", "max-length-bytes", "consumer-timeout"}) {
            all.put(key, 1_000L);
        }
        for (String hint : new String[] {"mode", "params", "sync-mode", "sync-batch-size", "promote-on-shutdown"}) {
            all.put("ha-" + hint, 1L);
        }
        all.put("dead-letter-exchange", "x");
        all.put("dead-letter-routing-key", "k");
        all.put("overflow", "drop-head");
        all.put("queue-mode", "lazy");
        all.put("queue-version", 2L);
        all.put("confirm", "all");
        all.put("dedup-max", 7L);
        all.put("min-queues", 1L);
        all.put("target-group-size", 3L);
        return new Arguments(all);
    }

    private void fill() {
        for (int i = 0; i < MOST; i++) {
            Reply set = policies.set("/", "p" + i, false, new PolicySpec("x", "all", 0, definition()));
            assertInstanceOf(Reply.PolicySet.class, set);
        }
    }

    /** A round asks for a thousand queues in one entry, and counts what expressions take and no more. */
    @Test
    void whatAPolicyIsForIsWorkedOutOnce() {
        fill();
        Arguments definition = definition();
        long anew = least(() -> {
            for (int i = 0; i < MOST; i++) {
                assertFalse(PolicyTable.suits(Owner.CLASSIC_QUEUE, definition));
            }
        });
        long known = least(() -> assertNull(policies.inEffect(Owner.CLASSIC_QUEUE, "/", "x")));
        assertTrue(known < anew / 2, known / 1_000 + " us for one queue, anew " + anew / 1_000);
        assertEquals(0, policies.takeUnits());
    }

    /** Nanoseconds; of many times the least, for the machine has other work. */
    private static long least(Runnable work) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 200; i++) {
            long began = System.nanoTime();
            work.run();
            least = Math.min(least, System.nanoTime() - began);
        }
        return least;
    }

    /** Who puts a declare into a batch is told beforehand: what there is of its virtual host, matching or not, and nothing of others. */
    @Test
    void whatADeclareTakesIsKnownBeforehand() {
        Arguments definition = new Arguments(Map.of("max-length", 10L));
        policies.set("/", "a", false, new PolicySpec("z{450}", "all", 0, definition));
        policies.set("/", "b", true, new PolicySpec("y{300}", "all", 0, definition));
        policies.set("other", "a", false, new PolicySpec("x{400}", "all", 0, definition));
        String name = "q".repeat(255);
        assertNull(policies.inEffect(Owner.CLASSIC_QUEUE, "/", name));
        assertEquals(policies.steps("/", name) / 1_000, policies.takeUnits());
        assertTrue(policies.steps("/", name) >= 750 * 256);
        policies.clearAll("/");
        assertEquals(0, policies.steps("/", name));
        assertTrue(policies.steps("other", name) >= 400 * 256);
    }

    /** With a virtual host all of its policies go, in one entry. */
    @Test
    void thatAllGoIsOneChange() {
        fill();
        long before = policies.changes();
        policies.clearAll("/");
        assertEquals(0, policies.count());
        assertEquals(1, policies.changes() - before);
    }
}
