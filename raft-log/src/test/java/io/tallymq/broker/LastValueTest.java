package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** x-last-value: of each value only the newest message waits. */
class LastValueTest extends OneNodeTest {
    private static final Map<String, Object> ARGUMENTS = Map.of("x-last-value", "device");

    private void declare() {
        node.raise(3);
        node.declare("q", ARGUMENTS);
    }

    private void publish(long id, Object device) {
        node.apply(GroupsTest.message(id, "device", device));
    }

    private long get() {
        return node.apply(new Get(node.connection, 1, "/", "q", true)) instanceof Reply.Got g
                ? GroupsTest.ids(g.delivery(), store())[0]
                : -1;
    }

    @Test
    void theNewestOfEachValueWaits() {
        declare();
        publish(1, "a");
        publish(2, "b");
        publish(3, null);
        publish(4, "a");
        publish(5, 7L);
        publish(6, "7");
        restart();
        publish(7, "b");
        publish(8, null);
        assertEquals(5, node.queue("q").ready());
        assertEquals(3, node.queue("q").counters().replaced());
        assertEquals(3, get());
        assertEquals(4, get());
        assertEquals(6, get());
        assertEquals(7, get());
        assertEquals(8, get());
        assertEquals(-1, get());
    }

    /** Many queues that are full each: what is beyond the limit of all goes from the queue that gets more, the oldest first. */
    @Test
    void thereIsALimitForAllQueues() {
        MachineLimits few = MachineLimits.FORMAT_1.withState(StateLimits.DEFAULTS.with(StateLimit.LAST_VALUES, 5));
        TwoNodes two = new TwoNodes("last values", few);
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            n.declare("q", ARGUMENTS);
            n.declare("r", ARGUMENTS);
            return n.bind("amq.direct", "r", "r");
        });
        for (int i = 0; i < 7; i++) {
            int id = i;
            two.both(GroupsTest.message(id, "device", "d" + id));
        }
        assertEquals(5, two.straight.queue("q").ready());
        two.both(GroupsTest.message(8, "device", "d6"));
        assertEquals(5, two.straight.queue("q").ready(), "it takes the place of another");
        Publish p = GroupsTest.message(9, "device", "e");
        two.both(new Publish(List.of(new Route("/", "", "r")), p.bytes(), p.offset(), p.end(), 0, Origins.NONE));
        assertEquals(1, two.straight.queue("r").ready(), "each has one");
        two.both(new DeleteQueue(two.straight.connection, "/", "q", false, false));
        for (int i = 0; i < 4; i++) {
            Publish more = GroupsTest.message(10 + i, "device", "f" + i);
            two.both(new Publish(
                    List.of(new Route("/", "", "r")), more.bytes(), more.offset(), more.end(), 0, Origins.NONE));
        }
        assertEquals(5, two.straight.queue("r").ready(), "there is room again");
    }

    /** A chunk of which all is replaced by what comes in the same entry goes before what it shares with another queue's is written. */
    @Test
    void whatIsReplacedWithinAnEntryMayBeShared() {
        OneNode small = new OneNode(new MemoryStore(0), BrokerMachineLogTest.SMALL);
        small.raise(3);
        small.declare("q", ARGUMENTS);
        small.declare("z");
        small.bind("amq.fanout", "q");
        small.bind("amq.fanout", "z");
        Publish p = GroupsTest.messages(1, "device", Collections.nCopies(8, "a"));
        List<Route> both = List.of(new Route("/", "amq.fanout", ""), new Route("/", "", "q"));
        int each = (p.end() - p.offset()) / 8;
        for (int i = 2; i < 8; i++) {
            MessageRecord.setRoute(p.bytes(), p.offset() + i * each, 1);
        }
        small.apply(new Publish(both, p.bytes(), p.offset(), p.end(), 0, Origins.NONE));
        small.commit();
        assertEquals(1, small.queue("q").ready());
        for (long id = 1; id <= 2; id++) {
            Reply.Got g = (Reply.Got) small.apply(new Get(small.connection, 1, "/", "z", false));
            assertEquals(id, GroupsTest.ids(g.delivery(), small.memory)[0]);
        }
    }

    /** By a declare that is refused; a policy can't be, and what it would refuse may take another's place. */
    @Test
    void aPolicyThatRefusesDropsTheOldest() {
        node.raise(5);
        declareToRefuse();
        publish(1, "a");
        publish(2, "b");
        publish(3, "a");
        publish(4, "c");
        assertEquals(2, node.queue("q").ready());
        assertEquals(3, get());
        assertEquals(4, get());
    }

    private void declareToRefuse() {
        node.declare("q", ARGUMENTS);
        Arguments definition = new Arguments(Map.of("max-length", 2L, "overflow", "reject-publish"));
        node.apply(new SetPolicy("/", "p", false, new PolicySpec(".*", "queues", 1, definition)));
    }

    /** As programs of these levels do: replicas of both may read one log. */
    @Test
    void belowLevelFiveAPolicyMayRefuse() {
        node.raise(4);
        declareToRefuse();
        publish(1, "a");
        publish(2, "b");
        publish(3, "a");
        assertEquals(List.of(0), List.copyOf(node.refused.keySet()));
        assertEquals(1, get());
        publish(4, "c");
        publish(5, "c");
        assertEquals(2, node.queue("q").ready());
        node.raise(5);
        publish(6, "d");
        assertEquals(2, node.queue("q").ready());
        assertEquals(4, get());
    }

    @Test
    void whatSomebodyHasStaysHisUntilItComesBack() {
        declare();
        long c = ((Reply.Subscribed) node.consume(1, "q", 1)).consumer();
        publish(1, "a");
        final long seq = node.delivered.get(0).firstSeq();
        publish(2, "a");
        publish(3, "a");
        assertEquals(1, node.queue("q").ready());
        assertEquals(1, node.queue("q").unacked());
        restart();
        node.delivered.clear();
        node.apply(new Settle(c, Settle.Outcome.NACK_REQUEUE, new long[] {seq, seq}));
        assertEquals(0, node.queue("q").ready());
        assertEquals(3, GroupsTest.ids(node.delivered.get(0), store())[0]);
        assertEquals(2, node.queue("q").counters().replaced());
    }

    @Test
    void nothingIsLeftOfADeletedQueue() {
        declare();
        for (long i = 0; i < 100; i++) {
            publish(i, i % 30);
        }
        assertEquals(30, node.queue("q").ready());
        node.apply(new PurgeQueue(node.connection, "/", "q"));
        assertEquals(0, node.queue("q").ready());
        publish(1, "a");
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        node.commit();
        store().scan(Keys.of(Keys.LAST_VALUE), (k, v) -> assertNull(k));
        store().scan(Keys.of(Keys.CHUNK), (k, v) -> assertNull(k));
        store().scan(Keys.of(Keys.ATTEMPTS), (k, v) -> assertNull(k));
    }

    /** Programs of level 4 and below left the value of a dead letter until it had gone its way. */
    @Test
    void whatTheStoreHasOfADeadLettersValueGoesWithIt() {
        node.raise(4);
        Map<String, Object> letters = new TreeMap<>(ARGUMENTS);
        letters.put("x-queue-type", "quorum");
        letters.put("x-dead-letter-exchange", "");
        letters.put("x-dead-letter-routing-key", "d");
        letters.put("x-dead-letter-strategy", "at-least-once");
        node.declare("q", letters);
        publish(1, "a");
        Reply.Got got = (Reply.Got) node.apply(new Get(node.connection, 1, "/", "q", false));
        long seq = got.delivery().firstSeq();
        node.apply(new Settle(got.holder(), Settle.Outcome.DISCARD, new long[] {seq, seq}));
        node.commit();
        store().scan(Keys.of(Keys.LAST_VALUE), (k, v) -> assertNull(k));
        byte[] key = Keys.of(Keys.LAST_VALUE, Machines.queueNumber(node.machine, "q"), seq);
        store().put(key, new ByteWriter(8).bool(true).string("a").toBytes());
        node.commit();
        restart();
        publish(2, "a");
        assertEquals(1, node.queue("q").ready());
        node.declare("d");
        node.passed += 600_000;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
        node.commit();
        assertEquals(1, node.queue("d").ready());
        assertNull(store().get(key));
    }

    /** What rests of it behind a newer one comes back to nobody, and is not counted as replaced. */
    @Test
    void ofADeletedQueueNothingIsReplaced() {
        declare();
        publish(1, "a");
        Reply.Got got = (Reply.Got) node.apply(new Get(node.connection, 1, "/", "q", false));
        long seq = got.delivery().firstSeq();
        publish(2, "a");
        node.apply(new SettleWith(got.holder(), Settle.Outcome.NACK_REQUEUE, seq, 1_000));
        assertEquals(1, node.queue("q").resting());
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        assertEquals(0, node.machine.totals().replaced());
        restart();
    }

    @Test
    void theOldestGoBeyondTheLimit() {
        node.raise(3);
        node.declare("q", Map.of("x-last-value", "device", "x-max-length", 10L));
        for (long i = 0; i < 100; i++) {
            publish(i, "d" + i % 20);
        }
        assertEquals(10, node.queue("q").ready());
        assertEquals(90, get());
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        node.raise(3);
        for (Map<String, Object> with : List.<Map<String, Object>>of(
                Map.of("x-max-priority", 5L),
                Map.of("x-message-groups", true),
                Map.of("x-max-length", 5L, "x-overflow", "reject-publish"))) {
            Map<String, Object> all = new TreeMap<>(with);
            all.putAll(ARGUMENTS);
            assertEquals(406, ((Reply.Rejected) node.declare("q", all)).code(), with.toString());
        }
    }

    /** Random commands against a map: one waits for each value, and a replica restored each time does the same. */
    @Test
    void random() {
        for (long seed = 1; seed <= Long.getLong("tallymq.logs", 60); seed++) {
            new RandomValues(seed).run();
        }
    }

    private static final class RandomValues {
        private final Random random;
        private final String name;
        private final TwoNodes nodes;
        private final OneNode straight;
        private final TreeMap<String, Long> newest = new TreeMap<>();
        private final TreeMap<Long, String> ready = new TreeMap<>();
        private final TreeMap<Long, Long> held = new TreeMap<>();
        private final TreeMap<Long, String> valueOf = new TreeMap<>();
        private long consumer;
        private int channel;
        private long published;

        RandomValues(long seed) {
            this.name = "seed " + seed;
            this.random = new Random(seed);
            this.nodes = new TwoNodes(name, seed % 2 == 0 ? MachineLimits.FORMAT_1 : GroupsTest.TINY);
            this.straight = nodes.straight;
        }

        void run() {
            nodes.both(n -> {
                n.raise(3);
                return n.declare("q", ARGUMENTS);
            });
            for (int i = 0; i < 200; i++) {
                step();
                for (Delivery d : nodes.delivered()) {
                    long[] ids = GroupsTest.ids(d, straight.memory);
                    for (int k = 0; k < ids.length; k++) {
                        assertEquals(valueOf.get(ids[k]), ready.remove(ids[k]), name + ": " + ids[k]);
                        held.put(d.firstSeq() + k, ids[k]);
                    }
                }
                if (!straight.machine.owes()) { // else some is still to come back, and to go
                    assertEquals(ready.size(), straight.queue("q").ready(), name);
                    assertEquals(held.size(), straight.queue("q").unacked(), name);
                }
            }
        }

        private void step() {
            int what = random.nextInt(8);
            if (what < 4) {
                publish();
            } else if (what == 4 && consumer == 0) {
                int on = ++channel;
                consumer = ((Reply.Subscribed) nodes.both(n -> n.consume(on, "q", 3))).consumer();
            } else if (what == 5 && random.nextInt(4) == 0) {
                close();
            } else if (!held.isEmpty()) {
                settle();
            }
        }

        private void publish() {
            long id = published++;
            String value = random.nextInt(6) == 0 ? "" : "v" + random.nextInt(5);
            valueOf.put(id, value);
            if (!value.isEmpty()) {
                Long before = newest.put(value, id);
                ready.remove(before == null ? -1L : before);
            }
            ready.put(id, value);
            nodes.both(n -> n.apply(GroupsTest.message(id, "device", value.isEmpty() ? null : value)));
        }

        private void back(long id) {
            String value = valueOf.get(id);
            if (value.isEmpty() || newest.get(value) == id) {
                ready.put(id, value);
            }
        }

        private void close() {
            held.values().forEach(this::back);
            held.clear();
            consumer = 0;
            nodes.both(n -> n.apply(new CloseChannel(n.connection, channel, List.of())));
        }

        private void settle() {
            long seq = new ArrayList<>(held.keySet()).get(random.nextInt(held.size()));
            long id = held.remove(seq);
            boolean ack = random.nextBoolean();
            if (!ack) {
                back(id);
            }
            Settle.Outcome how = ack ? Settle.Outcome.ACK : Settle.Outcome.REJECT_REQUEUE;
            long by = consumer;
            nodes.both(n -> n.apply(new Settle(by, how, new long[] {seq, seq})));
        }
    }
}
