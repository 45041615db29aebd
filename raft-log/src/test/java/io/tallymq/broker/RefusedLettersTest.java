package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.logs.Views;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.moving.DeadLettering;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Many messages at once that full queues refuse and hand to their dead letters: a slice has few of them, and they go together. */
class RefusedLettersTest {
    private static final int MESSAGES = 4_000;
    private static final Route Q = new Route("/", "", "q");
    private static final Route OTHER = new Route("/", "", "other");
    private static final MachineLimits LIMITS = MachineLimits.FORMAT_1;

    private final OneNode node = withFullQueue();

    private static OneNode withFullQueue() {
        OneNode node = new OneNode(new MemoryStore(0), LIMITS);
        node.declare("d");
        node.declare("other");
        Map<String, Object> to = Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d");
        node.declare("q", with(to, "x-max-length", 1L, "x-overflow", "reject-publish-dlx"));
        node.apply(OneNode.messages(1, 0, Q));
        node.commit();
        return node;
    }

    private static Map<String, Object> with(Map<String, Object> some, String k, Object v, String k2, Object v2) {
        Map<String, Object> all = new TreeMap<>(some);
        all.put(k, v);
        all.put(k2, v2);
        return all;
    }

    private void assertAllWent(int refused) {
        assertEquals(1, node.queue("q").ready());
        assertEquals(refused, node.queue("d").ready());
        assertEquals(refused, node.refused.size());
        assertEquals(refused, node.queue("q").counters().deaths().deadLettered());
    }

    @Test
    void aSliceHasFewOfThem() {
        List<Long> slices = node.slices(OneNode.messages(MESSAGES, 0, Q));
        assertAllWent(MESSAGES);
        assertTrue(slices.size() >= MESSAGES / DeadLettering.RUN, slices + " units in slices");
        slices.forEach(units -> assertTrue(units < 2 * DeadLettering.RUN, units + " units in one slice: " + slices));
    }

    @Test
    void aSliceHasFewOfTheirBytes() {
        int body = DeadLettering.RUN_BYTES / 2;
        assertEquals(4, node.slices(OneNode.messages(8, body, Q)).size());
        assertAllWent(8);
    }

    @Test
    void othersBetweenThemDoNotMatter() {
        node.slices(OneNode.messages(2 * MESSAGES, 0, OTHER, Q));
        assertAllWent(MESSAGES);
        assertEquals(MESSAGES, node.queue("other").ready());
    }

    /** A replica that comes back between two slices goes on with the rest as the others do. */
    @Test
    void aReplicaThatStartsBetweenSlicesHasThemAll() {
        OneNode other = withFullQueue();
        other.restartsWithin = true;
        Publish p = OneNode.messages(2 * MESSAGES, 0, OTHER, Q);
        node.apply(p);
        other.apply(p);
        assertAllWent(MESSAGES);
        Views.assertSame(Views.of(node.machine), Views.of(other.machine), "restarted between slices");
        assertTrue(node.apply(new Get(node.connection, 1, "/", "d", true)) instanceof Reply.Got);
    }
}
