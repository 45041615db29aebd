package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.store.MemoryStore;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ids that came long ago come again all at once: each is read from the store, so a slice has not many of them. */
class OldIdsTest {
    private static final int IDS = 4_000;
    /** Some 20 ms. */
    private static final int AT_ONCE = 1_600;

    @Test
    void aSliceReadsNotMany() {
        OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        node.raise(VoidPublish.LEVEL);
        node.apply(
                new DeclareExchange("/", "x", new ExchangeSpec("fanout", true, false, false, Arguments.NONE), false));
        node.apply(IdMessages.policy("^x$", Map.of("dedup-id", "message-id")));
        node.declare("q");
        node.bind("x", "q");
        List<String> ids = IntStream.range(0, IDS).mapToObj(i -> "id" + i).collect(Collectors.toList());
        node.slices(run(node, ids));
        Collections.shuffle(ids, new Random(1));
        List<Long> slices = node.slices(run(node, ids));
        assertEquals(IDS, node.queue("q").ready());
        assertTrue(slices.size() >= IDS / AT_ONCE, slices + " units in slices");
        assertEquals(1, node.machine.ids().receipt("/", "x", "id7").duplicates());
    }

    private static Publish run(OneNode node, List<String> ids) {
        return IdMessages.run(
                node.connection,
                new Route("/", "x", ""),
                ids.stream().map(IdMessages::message).toList());
    }
}
