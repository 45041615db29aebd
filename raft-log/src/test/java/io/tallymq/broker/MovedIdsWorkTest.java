package io.tallymq.broker;

import static io.tallymq.broker.IdMessages.message;
import static io.tallymq.broker.IdMessages.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.IdMessages.Message;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Where a message goes whose id its exchange remembers, that is looked for and told anew: an entry moves fewer of these. */
class MovedIdsWorkTest {
    private static final Route X = new Route("/", "x", "");
    private static final int MANY = 2_000;
    /** At least, of one. */
    private static final int UNITS = 20;

    private static final int QUEUES = 32;
    private static final int SLICE = 1_000;
    private static final MachineLimits SMALL = new MachineLimits(
            256,
            100_000,
            1_000,
            256 * 1024,
            512,
            4_096,
            new WorkLimits(SLICE, 500, 1_000, 64, 4_096),
            8,
            250_000,
            StateLimits.DEFAULTS);

    private OneNode node;

    private void start(boolean withIds, MachineLimits limits) {
        start(new MemoryStore(), withIds, limits);
    }

    private void start(MessageStore store, boolean withIds, MachineLimits limits) {
        node = new OneNode(store, limits);
        node.raise(VoidPublish.LEVEL);
        declare("x");
        declare("letters");
        node.declare("q");
        node.bind("letters", "q");
        node.declare("w", Map.of("x-dead-letter-exchange", "letters", "x-message-ttl", 1_000L));
        if (withIds) {
            assertInstanceOf(Reply.PolicySet.class, node.apply(policy("^x", Map.of("dedup-id", "message-id"))));
        }
    }

    private void declare(String exchange) {
        ExchangeSpec fanout = new ExchangeSpec("fanout", true, false, false, Arguments.NONE);
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", exchange, fanout, false)));
    }

    private void publish(int from, int to, IntFunction<Message> each) {
        node.slices(IdMessages.run(
                node.connection, X, IntStream.range(from, to).mapToObj(each).toList()));
    }

    private static Message id(int i) {
        return message("id" + i);
    }

    private static Message inTime(int id, String scheduleId) {
        return id(id).with(new Extension(List.of(), 0, -1, false, new Extension.Later(1_000, 0, scheduleId)));
    }

    /** Moved by an entry, and its units. */
    private record Entry(long moved, long units) {}

    private Entry next(String queue) {
        node.commit();
        long before = node.queue(queue).ready();
        long none = node.machine.unwritten();
        node.apply(new Probe(false));
        return new Entry(node.queue(queue).ready() - before, node.machine.unwritten() - none);
    }

    private Entry letters(boolean withIds) {
        start(withIds, MachineLimits.FORMAT_1);
        node.bind("x", "w");
        publish(0, MANY, MovedIdsWorkTest::id);
        node.passed += 2_000;
        return next("q");
    }

    @Test
    void fewerLettersOfSuchGoByOneEntry() {
        few(letters(true), letters(false));
    }

    private static void few(Entry withIds, Entry without) {
        assertTrue(2 * withIds.moved <= without.moved, withIds + " and without ids " + without);
        assertTrue(withIds.units >= UNITS * withIds.moved, withIds.toString());
    }

    private Entry released(boolean withIds) {
        start(withIds, MachineLimits.FORMAT_1);
        node.bind("x", "q");
        publish(0, MANY, i -> inTime(i, ""));
        node.passed += 2_000;
        return next("q");
    }

    @Test
    void fewerOfSuchAreReleasedByOneEntry() {
        few(released(true), released(false));
    }

    private Reply.Redriven redrive(long first, long last) {
        return (Reply.Redriven)
                node.apply(new Redrive(node.machine.queueNumber("/", "q"), new long[] {first, last}, "s", "", "", ""));
    }

    @Test
    void fewerOfSuchAreMovedByOneCommand() {
        start(true, SMALL);
        node.bind("x", "q");
        node.declare("s");
        publish(0, MANY, MovedIdsWorkTest::id);
        Reply.Redriven some = redrive(0, MANY);
        assertTrue(some.moved() > 0 && some.moved() <= SLICE / UNITS + 1, some.toString());
        assertEquals(some.moved(), node.queue("s").ready());
        assertTrue(some.undecided() >= some.moved(), some.toString());
        assertTrue(node.machine.unwritten() >= UNITS * some.moved());
    }

    /** Units of moving one after the other of a group, all of which is written anew for each. */
    private List<Long> unitsOfNeighbours(boolean restarts, long seed) {
        MemoryStore memory = new MemoryStore();
        start(restarts ? memory : seeded(memory, seed), true, MachineLimits.FORMAT_1);
        node.declare("s");
        node.bind("x", "q");
        for (int i = 1; i < QUEUES; i++) {
            node.declare("y".repeat(250) + i);
            node.bind("x", "y".repeat(250) + i);
        }
        publish(0, 8, MovedIdsWorkTest::id);
        publish(8, 9, MovedIdsWorkTest::id); // what the newest entry brought is told of in its block
        List<Long> units = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            if (restarts) {
                node.restart();
            }
            long before = node.machine.unwritten();
            redrive(i, i);
            units.add(node.machine.unwritten() - before);
        }
        assertEquals(8, node.queue("s").ready());
        return units;
    }

    private static MessageStore seeded(MemoryStore memory, long seed) {
        return new CountingStore(memory) {
            @Override
            public long hashSeed() {
                return seed;
            }
        };
    }

    @Test
    void whatIsWrittenAnewWithItCounts() {
        List<Long> units = unitsOfNeighbours(false, 1);
        int names = 250 * QUEUES / 512;
        for (int i = 1; i < 8; i++) {
            assertTrue(units.get(i) >= units.get(i - 1) + names, units.toString());
        }
    }

    /** Whatever a replica has in memory of it. */
    @Test
    void itIsAsMuchOnAReplicaThatCameBack() {
        List<Long> units = unitsOfNeighbours(false, 1);
        assertEquals(units, unitsOfNeighbours(false, 2));
        assertEquals(units, unitsOfNeighbours(true, 0));
    }

    /** An id that came again when it was over stands at two places: which block is looked into last depends on the replica. */
    private List<Long> unitsOfTwice(long seed) {
        start(seeded(new MemoryStore(), seed), false, MachineLimits.FORMAT_1);
        Map<String, Object> briefly = Map.of("dedup-id", "message-id", "dedup-window", 1_000L);
        assertInstanceOf(Reply.PolicySet.class, node.apply(policy("^x", briefly)));
        node.declare("y".repeat(250));
        node.bind("x", "y".repeat(250));
        publish(0, 3 * MANY, MovedIdsWorkTest::id);
        node.passed += 1_000;
        publish(2 * MANY, 3 * MANY, MovedIdsWorkTest::id);
        List<Message> again = new ArrayList<>(List.of(id(3 * MANY)));
        for (int n = 0; n < 2; n++) {
            IntStream.range(5 * MANY / 2, 3 * MANY).forEach(i -> again.add(id(i)));
        }
        List<Long> slices = node.slices(IdMessages.run(node.connection, X, again));
        assertEquals(4 * MANY + 1, node.queue("y".repeat(250)).ready());
        assertEquals(
                2, node.machine.ids().receipt("/", "x", "id" + (3 * MANY - 1)).duplicates());
        return slices;
    }

    @Test
    void atTwoPlacesTheNewestCounts() {
        List<Long> units = unitsOfTwice(0);
        for (int seed = 1; seed < 5; seed++) {
            assertEquals(units, unitsOfTwice(seed), "seed " + seed);
        }
    }

    private long unitsOfCallingOff(boolean withIds) {
        start(withIds, MachineLimits.FORMAT_1);
        publish(0, MANY, i -> inTime(i, "s" + i));
        List<Message> others = IntStream.range(0, MANY)
                .mapToObj(i -> inTime(MANY + i, "s" + i))
                .toList();
        List<Long> slices = node.slices(IdMessages.run(node.connection, X, others));
        return slices.stream().mapToLong(n -> n).sum();
    }

    @Test
    void whatNeverComesIsLookedForToo() {
        long more = unitsOfCallingOff(true) - unitsOfCallingOff(false);
        assertTrue(more >= MANY * UNITS, more + " units more");
    }

    @Test
    void whatIsCalledOffByACommandIsLookedForToo() {
        start(true, MachineLimits.FORMAT_1);
        publish(0, 2, i -> inTime(i, "s" + i));
        long before = node.machine.unwritten();
        assertEquals(Reply.OK, node.apply(new CallOff("/", "s1", 0, 0)));
        long units = node.machine.unwritten() - before;
        assertTrue(units >= UNITS, units + " units");
    }

    /** Without ids, too, it is read from wherever in the store, and taken out. */
    @Test
    void whatIsCalledOffIsReadAndTakenOut() {
        long units = unitsOfCallingOff(false);
        assertTrue(units >= MANY * (8 + UNITS), units + " units of keeping " + MANY + " and calling off as many");
        long before = node.machine.unwritten();
        assertEquals(Reply.OK, node.apply(new CallOff("/", "s1", 0, 0)));
        long one = node.machine.unwritten() - before;
        assertTrue(one >= UNITS, one + " units");
    }

    /** Two letters of one id go together: it is told of both. */
    @Test
    void whatGoesTwiceTogetherIsToldTwice() {
        start(true, MachineLimits.FORMAT_1);
        for (String from : List.of("a", "b")) {
            node.declare(
                    from,
                    new TreeMap<>(Map.of(
                            "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "w", "x-message-ttl", 1_000L)));
            node.bind("x", from);
        }
        publish(0, 1, MovedIdsWorkTest::id);
        for (int i = 0; i < 3; i++) {
            node.passed += 2_000;
            node.apply(new Probe(false));
            node.apply(new Probe(false));
        }
        var receipt = node.machine.ids().receipt("/", "x", "id0");
        assertEquals(2, node.queue("q").ready());
        assertEquals(
                "[Place[queue=q, state=ready, from=w, why=expired], Place[queue=q, state=ready, from=w, why=expired]]",
                receipt.places().toString());
        node.restart();
        assertEquals(receipt, node.machine.ids().receipt("/", "x", "id0"));
    }
}
