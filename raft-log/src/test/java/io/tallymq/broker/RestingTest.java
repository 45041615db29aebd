package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.view.Standing;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Messages that rest take no more memory than their limits say, and no entry does much with many of them. */
class RestingTest {
    private static final Map<String, Object> RESTS =
            Map.of("x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 3_600_000L);
    private static final MachineLimits FEW =
            MachineLimits.FORMAT_1.withState(StateLimits.DEFAULTS.with(StateLimit.RESTING, 5, 3));
    private static final int MANY = 9_000;
    /** Per unit: the record of the rest, those of attempts and settled bits; and those of the queue. */
    private static final long MOST = 4L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50;

    private static int stored(MemoryStore store, byte type) {
        List<byte[]> all = new ArrayList<>();
        store.scan(Keys.of(type), (k, v) -> all.add(k));
        return all.size();
    }

    /** The first message of a quorum queue: it has the lane of those that say no priority. */
    private long base;

    private Settle reject(long holder, long i) {
        return new Settle(holder, Outcome.REJECT_REQUEUE, new long[] {base + i, base + i});
    }

    /** A queue and one who has so many messages of it. */
    private long having(OneNode node, String queue, int messages) {
        node.declare(queue, RESTS);
        long holder = ((Reply.Subscribed) node.consume(queue, messages)).consumer();
        node.apply(new Credit(holder, messages));
        node.apply(OneNode.messages(messages, 10, new Route("/", "", queue)));
        base = node.delivered.get(0).firstSeq();
        return holder;
    }

    @Test
    void neighboursThatRestUntilTheSameTimeAreOne() {
        OneNode node = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        node.raise(BrokerMachine.LEVELS.max());
        long holder = having(node, "q", 10);
        for (long seq : new long[] {3, 5, 4, 1, 2, 8}) {
            node.passed--; // all in one moment
            node.apply(reject(holder, seq));
        }
        node.apply(new Settle(holder, Outcome.ACK, new long[] {base, base + 9}));
        node.restart();
        assertEquals(6, node.queue("q").resting());
        assertEquals(2, stored(node.memory, Keys.RESTING));
        node.passed += 3_600_100;
        node.delivered.clear();
        node.apply(new Credit(holder, 100));
        node.apply(new Probe(false));
        node.restart();
        assertEquals(0, stored(node.memory, Keys.RESTING));
        assertEquals(0, node.queue("q").resting());
    }

    /** Every second message each: nothing is anybody's neighbour. */
    @Test
    void whatIsTooManyComesBackAtOnce() {
        TwoNodes two = new TwoNodes("resting", FEW);
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            return Reply.OK;
        });
        two.both(n -> new Reply.Removed(having(n, "q", 10)));
        two.both(n -> new Reply.Removed(having(n, "r", 10)));
        long q = holder(two, "q");
        final long r = holder(two, "r");
        for (long seq = 0; seq < 10; seq += 2) {
            two.both(reject(q, seq));
        }
        assertEquals(3, two.straight.queue("q").resting(), "of one queue");
        for (long seq = 0; seq < 10; seq += 2) {
            two.both(reject(r, seq));
        }
        assertEquals(2, two.straight.queue("r").resting(), "of all");
        two.both(new PurgeQueue(two.straight.connection, "/", "q"));
        assertEquals(0, two.straight.queue("q").resting());
        two.both(reject(r, 9));
        assertEquals(3, two.straight.queue("r").resting(), "there is room again");
        two.both(new DeleteQueue(two.straight.connection, "/", "r", false, false));
        two.both(new Probe(false));
        assertEquals(0, stored(two.straight.memory, Keys.RESTING));
    }

    private static long holder(TwoNodes two, String queue) {
        return two.straight.delivered.stream()
                .filter(d -> d.chunk().queue() == Machines.queueNumber(two.straight.machine, queue))
                .findFirst()
                .orElseThrow()
                .holder();
    }

    /** One node with so many messages at rest, neighbours of which come again at other times. */
    private CountedNode manyAtRest() {
        CountedNode counted = new CountedNode(MOST);
        OneNode node = counted.node;
        node.raise(BrokerMachine.LEVELS.max());
        long holder = having(node, "q", MANY);
        for (int odd = 0; odd < 2; odd++) {
            for (long from = odd; from < MANY; from += 1_000) {
                long[] some = new long[1_000];
                for (int i = 0; i < some.length; i++) {
                    some[i] = base + from + i / 2 * 2;
                }
                node.apply(new Settle(holder, Outcome.REJECT_REQUEUE, some));
            }
        }
        node.commit();
        assertEquals(MANY, node.queue("q").resting());
        assertEquals(MANY, stored(counted.memory(), Keys.RESTING));
        counted.store().reset();
        return counted;
    }

    @Test
    void aPurgeOfManyIsDoneBySeveralEntries() {
        CountedNode counted = manyAtRest();
        OneNode node = counted.node;
        assertEquals(new Reply.Removed(MANY), counted.apply(new PurgeQueue(node.connection, "/", "q")));
        assertEquals(0, node.queue("q").resting());
        assertEquals(0, node.queue("q").ready());
        assertEquals(0, node.queue("q").readyBytes());
        assertEquals(Reply.EMPTY, counted.apply(new Get(node.connection, 7, "/", "q", false)));
        assertTrue(counted.settle() > MANY / WorkLimits.DEFAULTS.perEntry() / 2);
        counted.assertEmpty(Keys.RESTING, Keys.ATTEMPTS, Keys.CHUNK);
    }

    /** What goes later is gone for who looks: what comes to rest after the purge is not. */
    @Test
    void whatAPurgeTookIsNotShown() {
        CountedNode counted = manyAtRest();
        OneNode node = counted.node;
        assertEquals(MANY, resting(node));
        counted.apply(new PurgeQueue(node.connection, "/", "q"));
        long holder = node.delivered.get(0).holder();
        long next = base + MANY;
        counted.apply(new Credit(holder, 10));
        counted.apply(OneNode.messages(4, 10, new Route("/", "", "q")));
        counted.apply(new Settle(holder, Outcome.REJECT_REQUEUE, new long[] {next + 1, next + 2}));
        assertEquals(2, node.queue("q").resting());
        assertEquals(2, resting(node));
        counted.restart();
        assertEquals(2, resting(counted.node));
        counted.settle();
        assertEquals(2, resting(counted.node));
    }

    /** As people see it. */
    private static long resting(OneNode node) {
        long n = 0;
        long queue = Machines.queueNumber(node.machine, "q");
        for (Standing s = node.machine.standing(queue, 0, false);
                s != null;
                s = node.machine.standing(queue, s.last() + 1, false)) {
            n += s.parts().stream()
                    .filter(p -> p.state() == Standing.State.DELAYED)
                    .mapToLong(p -> p.last() - p.first() + 1)
                    .sum();
        }
        return n;
    }

    @Test
    void aQueueWithManyIsDeletedAndTheirRecordsGoLater() {
        CountedNode counted = manyAtRest();
        counted.apply(new DeleteQueue(counted.node.connection, "/", "q", false, false));
        assertTrue(counted.settle() > MANY / WorkLimits.DEFAULTS.perEntry() / 2);
        counted.assertEmpty(Keys.RESTING, Keys.ATTEMPTS, Keys.CHUNK, Keys.QUEUE, Keys.QUEUE_STATE);
    }

    @Test
    void aQueueIsDeletedWhileAPurgeOfItGoesOn() {
        CountedNode counted = manyAtRest();
        counted.apply(new PurgeQueue(counted.node.connection, "/", "q"));
        counted.restart();
        counted.apply(new DeleteQueue(counted.node.connection, "/", "q", false, false));
        counted.settle();
        counted.assertEmpty(Keys.RESTING, Keys.ATTEMPTS, Keys.CHUNK, Keys.QUEUE, Keys.QUEUE_STATE);
    }
}
