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
import io.tallymq.broker.store.Keys;
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
    private static final int TURNS = 64;
    private static final int QUEUES = 32;
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

    /** By two keys in turns to many queues with long names: none stands right behind the one before it. */
    @Test
    void neighboursThatTakeTurnsHaveTheirQueuesTogetherAndAreCounted() {
        OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        node.raise(VoidPublish.LEVEL);
        node.apply(
                new DeclareExchange("/", "x", new ExchangeSpec("direct", true, false, false, Arguments.NONE), false));
        node.apply(IdMessages.policy("^x$", Map.of("dedup-id", "message-id")));
        for (int i = 0; i < 2 * QUEUES; i++) {
            String name = "q".repeat(240) + i;
            node.declare(name);
            node.bind("x", name, i < QUEUES ? "a" : "b");
        }
        List<String> ids = IntStream.range(0, TURNS).mapToObj(i -> "id" + i).collect(Collectors.toList());
        for (int i = 0; i < TURNS; i++) {
            node.apply(run(node, i % 2 == 0 ? "a" : "b", ids.subList(i, i + 1)));
        }
        node.commit();
        long[] bytes = {0};
        node.memory.scan(Keys.of(Keys.ID_BLOCK), (k, v) -> bytes[0] = Math.max(bytes[0], v.length));
        assertTrue(bytes[0] < 200_000, bytes[0] + " bytes in a block");
        long units = node.slices(run(node, "a", ids)).stream().mapToLong(n -> n).sum();
        node.restart();
        node.slices(run(node, "a", ids));
        long least = TURNS * (20 + QUEUES + bytes[0] / 512);
        assertTrue(units >= least, units + " units, at least " + least);
        assertEquals(2, node.machine.ids().receipt("/", "x", "id7").duplicates());
        assertEquals(
                QUEUES, node.machine.ids().receipt("/", "x", "id7").places().size());
    }

    private static Publish run(OneNode node, List<String> ids) {
        return run(node, "", ids);
    }

    private static Publish run(OneNode node, String key, List<String> ids) {
        return IdMessages.run(
                node.connection,
                new Route("/", "x", key),
                ids.stream().map(IdMessages::message).toList());
    }
}
