package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.queues.Leaving;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** However much goes with a channel, connection or node, no entry does much: counted in operations of the store between two commits. */
class LeavingTest {
    private static final int MANY = 9_000;
    /** Per unit: what was tried, a holder's two records, a queue's records. */
    private static final long MOST = 4L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50;

    private final CountedNode counted = new CountedNode(MOST);
    private final OneNode node = counted.node;
    private final ConnectionId leaver = new ConnectionId("n1", 2);

    private void open() {
        counted.apply(new OpenConnection(leaver, OneNode.info()));
    }

    private long consume(int channel, String queue) {
        ConsumerSpec spec = new ConsumerSpec("t", false, false, 0, 2_000, Arguments.NONE);
        return ((Reply.Subscribed) node.apply(new Subscribe(leaver, channel, "/", queue, spec))).consumer();
    }

    private void declare(String queue, boolean exclusive, boolean autoDelete) {
        QueueSpec spec = new QueueSpec(true, exclusive, autoDelete, Arguments.NONE);
        assertFalse(node.apply(new DeclareQueue(leaver, "/", queue, spec, false)) instanceof Reply.Rejected);
    }

    /** Two consumers that hold every second message each, in channels 1 and 2. */
    private List<Long> interleaved() {
        open();
        node.declare("q");
        List<Long> holders = List.of(consume(1, "q"), consume(2, "q"));
        holders.forEach(h -> node.apply(new Credit(h, MANY)));
        for (int i = 0; i < MANY / 2; i++) {
            node.apply(OneNode.messages(2, 10, new Route("/", "", "q")));
        }
        node.commit();
        assertEquals(MANY, node.queue("q").unacked());
        node.delivered.clear();
        counted.store().reset();
        return holders;
    }

    private List<Long> order() {
        List<Long> seqs = new ArrayList<>();
        node.delivered.forEach(
                d -> LongStream.range(d.firstSeq(), d.firstSeq() + d.count()).forEach(seqs::add));
        return seqs;
    }

    private static List<Long> upTo(long end) {
        return LongStream.range(0, end).boxed().toList();
    }

    @Test
    void whatAConnectionHeldIsReadyAtOnceAndComesInOrderAndAsTheClientHadIt() {
        List<Long> holders = interleaved();
        Sent sent = new Sent(holders.get(0), new long[] {0, 999});
        counted.apply(new CloseConnection(leaver, List.of(sent)));
        assertEquals(MANY, node.queue("q").ready());
        assertEquals(0, node.queue("q").unacked());
        assertEquals(10L * MANY, node.queue("q").readyBytes());
        assertEquals(0, node.queue("q").consumers());
        node.apply(new Settle(holders.get(1), Settle.Outcome.ACK, new long[] {0, MANY}));
        node.apply(OneNode.messages(1, 10, new Route("/", "", "q")));
        node.consume("q", 2 * MANY);
        node.commit();
        assertTrue(node.delivered.isEmpty(), "nobody gets anything before all that goes back is there");
        assertTrue(counted.settle() > 1);
        assertEquals(upTo(MANY + 1), order());
        assertEquals(
                500,
                node.delivered.stream()
                        .filter(Delivery::redelivered)
                        .mapToInt(Delivery::count)
                        .sum(),
                "of the first consumer's those that its client had");
        counted.assertEmpty(Keys.LEAVING);
    }

    @Test
    void whoFetchesMeanwhileGetsTheNextInOrder() {
        interleaved();
        counted.apply(new CloseChannel(leaver, 1, List.of()));
        counted.apply(new CloseChannel(leaver, 2, List.of()));
        for (long i = 0; i < MANY; i++) {
            Reply.Got got = (Reply.Got) node.apply(new Get(node.connection, 7, "/", "q", false));
            assertEquals(i, got.delivery().firstSeq());
            assertEquals(MANY - 1 - i, got.remaining());
        }
        assertEquals(Reply.EMPTY, node.apply(new Get(node.connection, 7, "/", "q", false)));
    }

    @Test
    void whatIsPurgedOrDeletedMeanwhileIsGone() {
        interleaved();
        counted.apply(new CloseConnection(leaver, List.of()));
        assertEquals(new Reply.Removed(MANY), counted.apply(new PurgeQueue(node.connection, "/", "q")));
        counted.settleUncounted();
        assertEquals(0, node.queue("q").ready());
        counted.assertEmpty(Keys.CHUNK, Keys.ATTEMPTS, Keys.LEAVING, Keys.HOLDER, Keys.HELD);
    }

    @Test
    void aQueueIsDeletedWhileMessagesAreStillToComeBack() {
        interleaved();
        counted.apply(new CloseConnection(leaver, List.of()));
        assertEquals(new Reply.Removed(MANY), counted.apply(new DeleteQueue(node.connection, "/", "q", false, false)));
        counted.restart();
        counted.settleUncounted();
        counted.assertEmpty(
                Keys.CHUNK, Keys.ATTEMPTS, Keys.LEAVING, Keys.HOLDER, Keys.HELD, Keys.QUEUE, Keys.QUEUE_STATE);
    }

    @Test
    void aNodeIsLostWithManyConnectionsAndTheirQueues() {
        for (int i = 0; i < MANY; i++) {
            ConnectionId c = new ConnectionId("n1", 10 + i);
            node.apply(new OpenConnection(c, OneNode.info()));
            node.apply(new DeclareQueue(c, "/", "reply" + i, new QueueSpec(false, true, false, Arguments.NONE), false));
            node.bind("amq.fanout", "reply" + i);
            ConsumerSpec spec = new ConsumerSpec("t", false, true, 1, 2_000, Arguments.NONE);
            node.apply(new Subscribe(c, 1, "/", "reply" + i, spec));
        }
        node.commit();
        counted.store().reset();
        node.begin();
        node.machine.apply(new NodeLost("n1", 1, 1), node);
        node.end();
        node.commit();
        assertTrue(node.machine.queues().isEmpty());
        assertTrue(node.machine.bindings().isEmpty());
        assertEquals(0, node.machine.sizes().connections());
        counted.restart();
        node.index++;
        node.machine.begin(new Stamp(1, node.index, node.index), "n2", 1, 1, true);
        node.machine.apply(new NodeUp("n2", 1), node);
        ConnectionId other = new ConnectionId("n2", 1);
        node.machine.apply(new OpenConnection(other, OneNode.info()), node);
        Reply again = node.machine.apply(
                new DeclareQueue(other, "/", "reply7", new QueueSpec(false, true, false, Arguments.NONE), false), node);
        assertEquals(new Reply.QueueDeclared("reply7", 0, 0), again, "the name is free");
        node.end();
        node.commit();
        int entries = 0;
        for (; node.machine.owes(); entries++) {
            node.index++;
            node.machine.begin(new Stamp(1, node.index, node.index), "n2", 1, 2 + entries, false);
            node.machine.apply(new Probe(false), node);
            node.end();
            node.commit();
            if (entries == 3) {
                counted.restart();
            }
        }
        assertTrue(entries > MANY * Leaving.QUEUE_COST / 2 / WorkLimits.DEFAULTS.perEntry(), entries + " entries");
        assertTrue(
                counted.store().mostOperations <= MANY + MOST,
                counted.store().mostOperations + " operations in one entry");
        assertEquals(1, node.machine.queues().size());
        counted.assertEmpty(Keys.LEAVING, Keys.HOLDER, Keys.HELD, Keys.BINDING);
    }

    @Test
    void aQueueWithManyConsumersIsDeletedAtOnceAndTheirRecordsLater() {
        open();
        node.declare("q");
        for (int i = 0; i < MANY; i++) {
            consume(1 + i / 100, "q");
        }
        node.commit();
        counted.store().reset();
        counted.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        assertEquals(
                MANY - WorkLimits.DEFAULTS.perEntry(),
                node.machine.sizes().consumers(),
                "they take memory until they are taken out");
        assertTrue(counted.settle() >= MANY / WorkLimits.DEFAULTS.perEntry() - 1);
        assertEquals(0, node.machine.sizes().consumers());
        counted.assertEmpty(Keys.HOLDER, Keys.HELD);
    }

    @Test
    void autoDeleteQueuesGoWithTheirConsumers() {
        open();
        for (int i = 0; i < MANY; i++) {
            declare("a" + i, false, true);
            consume(1, "a" + i);
        }
        node.commit();
        counted.store().reset();
        counted.apply(new CloseChannel(leaver, 1, List.of()));
        assertTrue(node.machine.queues().isEmpty());
        counted.settle();
        counted.assertEmpty(Keys.LEAVING, Keys.HOLDER, Keys.HELD, Keys.QUEUE, Keys.QUEUE_STATE);
    }
}
