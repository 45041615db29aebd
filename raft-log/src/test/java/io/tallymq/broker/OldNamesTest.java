package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Numbers of many blocks at once: each block is read from the store, so a slice has not many of them, and they are small. */
class OldNamesTest {
    private static final int QUEUES = 32;
    private static final int BLOCK = 64;
    private static final int BLOCKS = 63;
    private static final int PRODUCERS = 4;
    private static final int LEFT_OUT = 7;
    private static final Route NOWHERE = new Route("/", "", "nowhere");

    private final OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);

    @BeforeEach
    void aFanOutFarAndWide() {
        node.raise(VoidPublish.LEVEL);
        node.apply(
                new DeclareExchange("/", "x", new ExchangeSpec("fanout", true, false, false, Arguments.NONE), false));
        for (int i = 0; i < QUEUES; i++) {
            String name = "q".repeat(250) + i;
            node.declare(name);
            node.bind("x", name);
        }
        for (int block = 0; block < BLOCKS; block++) {
            List<Terms> some = new ArrayList<>();
            for (int i = 0; i < BLOCK; i++) {
                for (int p = 0; p < PRODUCERS && i != LEFT_OUT; p++) {
                    some.add(Terms.named("p" + p, (long) block * BLOCK + i));
                }
            }
            node.slices(run(new Route("/", "x", ""), some));
        }
        node.commit();
    }

    private static Publish run(Route route, List<Terms> terms) {
        ByteWriter w = new ByteWriter(1 << 16);
        for (Terms t : terms) {
            byte[] more = Extension.NONE.with(t).encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 1);
            w.raw(more, 0, more.length).uint16(0).uint8('x');
        }
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    private static List<Terms> leftOut() {
        List<Terms> some = new ArrayList<>();
        for (int block = 0; block < BLOCKS; block++) {
            for (int p = 0; p < PRODUCERS; p++) {
                some.add(Terms.named("p" + p, (long) block * BLOCK + LEFT_OUT));
            }
        }
        return some;
    }

    /** Who takes turns with others stands in the same queues, at one distance: the store has the queues once for a block. */
    @Test
    void neighboursThatTakeTurnsHaveTheirQueuesTogether() {
        long[] bytes = {0};
        node.memory.scan(Keys.of(Keys.RECEIPTS), (k, v) -> bytes[0] = Math.max(bytes[0], v.length));
        assertTrue(bytes[0] < 20_000, bytes[0] + " bytes in a block");
    }

    @Test
    void aSliceReadsNotMany() {
        List<Long> slices = node.slices(run(NOWHERE, leftOut()));
        assertTrue(slices.size() >= 2, slices + " units in slices");
        assertTrue(slices.stream().mapToLong(n -> n).sum() >= 4L * BLOCKS * PRODUCERS, slices + " units in slices");
        assertEquals(
                "unroutable",
                node.machine.receipts().receipt("/", "p1", LEFT_OUT).outcome());
        var stored = node.machine.receipts().receipt("/", "p1", LEFT_OUT + 1);
        assertEquals(
                QUEUES + " ready",
                stored.places().size() + " " + stored.places().get(31).state());
        node.restart();
        assertEquals(stored, node.machine.receipts().receipt("/", "p1", LEFT_OUT + 1));
    }

    /** One after the other, as clients do. */
    @Test
    void whatIsInMemoryCostsNextToNothing() {
        long before = node.machine.unwritten();
        for (int i = 0; i < BLOCK; i++) {
            node.apply(run(NOWHERE, List.of(Terms.named("p0", (long) BLOCKS * BLOCK + i))));
        }
        long units = node.machine.unwritten() - before;
        assertTrue(units < BLOCK / 2, units + " units");
    }
}
