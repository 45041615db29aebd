package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BindQueue;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.store.MemoryStore;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an entry with a fan-out costs every replica: memory that must be kept until a commit, and bytes for the store. */
class FanOutBoundTest {
    private static final int QUEUES = 300;
    private static final int MESSAGES = 65_535;
    private static final Route ALL = new Route("/", "amq.fanout", "");
    private static final Route ALL_BUT_ONE = new Route("/", "amq.direct", "");
    private static final MachineLimits LIMITS = MachineLimits.FORMAT_1;
    /** The most that one slice may be: the limit, and what one message more brings to all queues. */
    private static final long SLICE = LIMITS.work().slice() + QUEUES * (2L + Placement.CHUNK_WORK);

    private final CountingStore store = new CountingStore(new MemoryStore(0));

    private OneNode withQueues(MessageStore to, MachineLimits limits) {
        OneNode node = new OneNode(to, limits);
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i);
            node.bind("amq.fanout", "q" + i);
            if (i > 0) {
                node.bind("amq.direct", "q" + i);
            }
        }
        node.commit();
        store.reset();
        return node;
    }

    @Test
    void oneBodyAndOneTableOfOffsetsServeAllQueues() {
        OneNode node = withQueues(store, LIMITS);
        node.slices(OneNode.messages(MESSAGES, 0, ALL));
        node.machine.queues().forEach(q -> assertEquals(MESSAGES, q.ready()));
        assertTrue(store.mostHeld < 4 << 20, store.mostHeld + " bytes held until a commit");
        assertTrue(store.written < 4 << 20, store.written + " bytes written for 0.8 MB of messages");
    }

    @Test
    void aRunIsInterruptedHoweverItsRoutesTakeTurns() {
        OneNode node = withQueues(store, LIMITS);
        List<Long> slices = node.slices(OneNode.messages(MESSAGES, 0, ALL, ALL_BUT_ONE));
        node.machine.queues().stream().skip(1).forEach(q -> assertEquals(MESSAGES, q.ready()));
        slices.forEach(work -> assertTrue(work <= SLICE, work + " units in one slice"));
        assertTrue(store.mostHeld < 4 << 20, store.mostHeld + " bytes held until a commit");
        assertTrue(store.mostUncommitted < 4 << 20, store.mostUncommitted + " bytes in one write");
    }

    /** Each queue remembers each key, which is work and memory however few pieces the run is. */
    @Test
    void aRunIsInterruptedWhereQueuesRememberKeys() {
        OneNode node = new OneNode(store, LIMITS);
        node.raise(BrokerMachine.LEVELS.max());
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i, Map.of("x-message-deduplication", true));
            node.bind("amq.fanout", "q" + i);
        }
        node.commit();
        store.reset();
        List<Long> slices = node.slices(withKeys(2_000, 2_000));
        assertEquals(2_000, node.queue("q0").ready());
        slices.forEach(work -> assertTrue(work <= SLICE + QUEUES * 9, work + " units in one slice"));
        assertTrue(store.mostUncommitted < 4 << 20, store.mostUncommitted + " bytes in one write");
        assertTrue(node.slices(withKeys(2_000, 100)).size()
                >= 2_000 * QUEUES / LIMITS.work().slice());
        assertEquals(2_100, node.queue("q0").ready(), "looking for what came before is work, too");
    }

    private static Publish withKeys(int messages, int keys) {
        List<String> all = IntStream.range(0, messages)
                .mapToObj(i -> keys + "k" + i % keys)
                .toList();
        Publish p = GroupsTest.messages(0, "x-deduplication-header", all);
        return new Publish(List.of(ALL), p.bytes(), p.offset(), p.end(), 0, Origins.NONE);
    }

    /** The same of what has waited for its time, which is asked for then. */
    @Test
    void whatIsDueIsDividedWhereQueuesRememberKeys() {
        OneNode node = new OneNode(store, LIMITS);
        node.raise(BrokerMachine.LEVELS.max());
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i, Map.of("x-message-deduplication", true));
            node.bind("amq.fanout", "q" + i);
        }
        for (int i = 0; i < 600; i++) {
            Publish one = GroupsTest.messages(0, "x-deduplication-header", List.of("k" + i));
            byte[] record = Arrays.copyOfRange(one.bytes(), one.offset(), one.end());
            node.apply(new ScheduleMessage(ALL, "s" + i, 1_000_000, record));
        }
        node.commit();
        store.reset();
        node.passed = 2_000_000;
        do {
            node.apply(new Probe(false));
            node.commit();
        } while (node.machine.owes());
        assertEquals(600, node.queue("q0").ready());
        assertTrue(store.mostUncommitted < 1 << 20, store.mostUncommitted + " bytes in one write");
    }

    /** What a transaction brings to queues with limits is counted at once, before anything of it is done. */
    @Test
    void aTransactionBringsSoMuchToQueuesWithLimits() {
        OneNode node = new OneNode(store, LIMITS);
        node.raise(BrokerMachine.LEVELS.max());
        Map<String, Object> limit = Map.of("x-max-length", 1_000_000L, "x-overflow", "reject-publish");
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i, limit);
            node.bind("amq.fanout", "q" + i);
        }
        Reply r = node.apply(new CommitTx(node.connection, 1, List.of(), OneNode.messages(MESSAGES, 0, ALL)));
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, r);
        assertTrue(why.text().endsWith("divide it"), why.text());
        assertEquals(0, node.queue("q0").ready());
        assertEquals(Reply.OK, node.apply(new CommitTx(node.connection, 2, List.of(), OneNode.messages(600, 0, ALL))));
        assertEquals(600, node.queue("q0").ready());
    }

    /** The same of queues that drop duplicates: each is asked for each message, and will have seen it. */
    @Test
    void aTransactionBringsSoMuchToQueuesThatDropDuplicates() {
        OneNode node = new OneNode(store, LIMITS);
        node.raise(BrokerMachine.LEVELS.max());
        for (int i = 0; i < QUEUES; i++) {
            node.declare("q" + i, Map.of("x-message-deduplication", true, "x-cache-size", 1L));
            node.bind("amq.fanout", "q" + i);
        }
        Reply r = node.apply(new CommitTx(node.connection, 1, List.of(), withKeys(2_000, 2_000)));
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, r);
        assertTrue(why.text().endsWith("divide it"), why.text());
        assertEquals(0, node.queue("q0").ready());
        assertEquals(Reply.OK, node.apply(new CommitTx(node.connection, 2, List.of(), withKeys(600, 600))));
        assertEquals(600, node.queue("q0").ready());
    }

    /** Where its messages go is looked for before anything of it is done, too. */
    @Test
    void aTransactionSearchesSoFar() {
        OneNode node = new OneNode(store, LIMITS);
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q0");
        for (int i = 0; i < 1_000; i++) {
            Arguments any = new Arguments(new TreeMap<>(Map.of("x-match", "any", "h", "v", "n", (long) i)));
            node.apply(new BindQueue(node.connection, "/", new BindingKey("amq.headers", "q0", "", any), true));
        }
        Reply r = node.apply(new CommitTx(node.connection, 1, List.of(), byHeader(1_000)));
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(506, why.code());
        assertTrue(why.text().endsWith("divide it"), why.text());
        assertEquals(0, node.queue("q0").ready());
        assertEquals(Reply.OK, node.apply(new CommitTx(node.connection, 2, List.of(), byHeader(600))));
        assertEquals(600, node.queue("q0").ready());
    }

    /** Routes that this replica knows are looked at as those that it does not know: who was restored meanwhile says the same. */
    @Test
    void whatSearchesTooFarDoesSoWhenItIsAskedAgain() {
        TwoNodes two = new TwoNodes("searches", LIMITS);
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            n.declare("q0");
            for (int i = 0; i < 1_600; i++) {
                n.bind("amq.fanout", "q0", "k" + i);
            }
            return Reply.OK;
        });
        Route[] routes = IntStream.range(0, 600)
                .mapToObj(i -> new Route("/", "amq.fanout", "r" + i))
                .toArray(Route[]::new);
        for (int channel = 1; channel <= 3; channel++) {
            Reply r = two.both(
                    new CommitTx(two.straight.connection, channel, List.of(), OneNode.messages(600, 0, routes)));
            assertEquals(506, assertInstanceOf(Reply.Rejected.class, r).code());
        }
        assertEquals(0, two.straight.queue("q0").ready());
    }

    private static Publish byHeader(int messages) {
        Publish p = GroupsTest.messages(0, "h", Collections.nCopies(messages, "v"));
        return new Publish(List.of(new Route("/", "amq.headers", "")), p.bytes(), p.offset(), p.end(), 0, Origins.NONE);
    }

    @Test
    void descriptorsInMemoryHaveABoundForAllQueues() {
        OneNode node = withQueues(new MemoryStore(0), LIMITS.withResidentInAll(1_000));
        for (int i = 0; i < 10; i++) {
            node.apply(OneNode.messages(1, 0, ALL));
            node.commit();
        }
        assertEquals(1_000, node.machine.residentChunks());
        long consumer = ((Reply.Subscribed) node.consume("q" + (QUEUES - 1), 0)).consumer();
        assertEquals(10, node.delivered.stream().mapToInt(Delivery::count).sum());
        node.apply(new Settle(consumer, Settle.Outcome.ACK, new long[] {0, 9}));
        assertEquals(0, node.queue("q" + (QUEUES - 1)).unacked());
    }
}
