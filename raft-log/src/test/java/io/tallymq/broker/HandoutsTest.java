package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** However much becomes ready at once, an entry hands out a bounded part of it; counted in assignments. */
class HandoutsTest {
    private static final int MANY = 15_000;
    private static final int MOST = WorkLimits.DEFAULTS.handOuts() * 3 / 2;

    private MemoryStore store = new MemoryStore();
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);

    /** Each in a chunk of its own. */
    private void publish(String queue, int messages) {
        for (int i = 0; i < messages; i++) {
            node.apply(OneNode.messages(1, 10, new Route("/", "", queue)));
        }
        node.commit();
    }

    private int entry(Command c) {
        int before = node.delivered.size();
        node.apply(c);
        node.commit();
        int made = node.delivered.size() - before;
        assertTrue(made <= MOST, made + " assignments in one entry");
        return made;
    }

    /** Lets empty entries follow until nothing is owed, with a restart in between; returns how many. */
    private int settle() {
        int entries = 0;
        while (node.machine.owes()) {
            entry(new Probe(false));
            if (++entries == 1) {
                long digest = node.machine.digest();
                store = store.copy();
                node.machine = new BrokerMachine(store);
                assertEquals(digest, node.machine.digest());
            }
        }
        return entries;
    }

    private List<Long> firstSeqs() {
        return node.delivered.stream().map(Delivery::firstSeq).toList();
    }

    @Test
    void massRequeue() {
        node.declare("q");
        publish("q", MANY);
        node.consume("q", MANY);
        settle();
        assertEquals(IntStream.range(0, MANY).mapToObj(i -> (long) i).toList(), firstSeqs());
        long holder = node.delivered.get(0).holder();
        node.delivered.clear();
        int atOnce = entry(new Settle(holder, Settle.Outcome.NACK_REQUEUE, new long[] {0, MANY - 1}));
        assertTrue(atOnce < MANY);
        assertEquals(MANY - atOnce, node.queue("q").ready());
        assertTrue(settle() >= 2);
        assertEquals(IntStream.range(0, MANY).mapToObj(i -> (long) i).toList(), firstSeqs(), "all, in order");
        assertEquals(0, node.queue("q").ready());
    }

    /** A queue that has little to hand out does not wait until a large one is done. */
    @Test
    void queuesThatWaitAreServedInTurn() {
        node.declare("large");
        node.declare("small");
        publish("large", MANY);
        publish("small", 10);
        node.consume("large", MANY);
        node.delivered.clear();
        node.begin();
        node.machine.apply(new Probe(false), node);
        final long large = node.machine.queueNumber("/", "large");
        final long small = node.machine.queueNumber("/", "small");
        node.machine.apply(
                new Subscribe(
                        node.connection,
                        2,
                        "/",
                        "small",
                        new ConsumerSpec("s", false, false, 10, 2_000, Arguments.NONE)),
                node);
        node.end();
        node.commit();
        entry(new Probe(false));
        assertEquals(
                10,
                node.delivered.stream().filter(d -> d.chunk().queue() == small).count());
        assertTrue(
                node.delivered.stream().filter(d -> d.chunk().queue() == large).count() < MANY);
        assertTrue(node.machine.owes());
    }

    @Test
    void aQueueThatWaitsIsDeletedAndOwesNothing() {
        node.declare("q");
        publish("q", MANY);
        node.consume("q", MANY);
        assertTrue(node.machine.owes());
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.commit();
        settle();
        assertFalse(node.machine.owes());
    }
}
