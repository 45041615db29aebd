package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Publish;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.view.Foreseen;
import io.tallymq.store.MemoryStore;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A dry run of a publish to many queues. */
class ForesightTest {
    private static final int QUEUES = Foreseen.MOST_WAYS + 200;
    private static final Route ALL = new Route("/", "amq.fanout", "");

    private final OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);

    private Foreseen foresee() {
        Publish p = OneNode.messages(1, 0, ALL);
        return node.machine.foresee(ALL, Arrays.copyOf(p.bytes(), p.end()));
    }

    /** All are counted, and so many told by name: the state is locked meanwhile. */
    @Test
    void soManyQueuesAreTold() {
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i);
            node.bind("amq.fanout", "q" + i);
        }
        Foreseen all = foresee();
        assertEquals(QUEUES, all.inAll());
        assertEquals(Foreseen.MOST_WAYS, all.queues().size());
        assertEquals(QUEUES - Foreseen.MOST_WAYS, all.leftOut());
        node.declare("full", Map.of("x-max-length", 0L, "x-overflow", "reject-publish"));
        node.bind("amq.fanout", "full");
        Foreseen none = foresee();
        assertEquals(
                "full",
                none.queues().stream()
                        .filter(w -> !w.why().contains("is refused"))
                        .findFirst()
                        .orElseThrow()
                        .queue());
        assertEquals(0, none.inAll());
        assertNull(all.refusal());
    }

    /** Why they have no room is written for those that are told. */
    @Test
    void soManyFullOnesAreTold() {
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i, Map.of("x-max-length", 0L, "x-overflow", "reject-publish"));
            node.bind("amq.fanout", "q" + i);
        }
        Foreseen none = foresee();
        assertEquals(Foreseen.MOST_WAYS, none.queues().size());
        assertEquals(QUEUES - Foreseen.MOST_WAYS, none.leftOut());
        assertEquals(0, none.inAll());
        assertTrue(none.refusal().contains("x-max-length"), none::refusal);
    }
}
