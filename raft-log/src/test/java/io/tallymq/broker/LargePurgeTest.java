package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.store.Keys;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However torn what a purge takes is, or what is still to come back, no entry does much: counted in operations of the store between two commits. */
class LargePurgeTest {
    private static final int MANY = 9_000;
    private static final long MOST = 4L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50;
    private static final Route ROUTE = new Route("/", "", "q");

    private final CountedNode counted = new CountedNode(MOST);
    private final OneNode node = counted.node;
    private final ConnectionId other = new ConnectionId("n1", 2);
    /** Of them the first one goes, in each test. */
    private List<Long> holders;

    private long consume(int channel) {
        ConsumerSpec spec = new ConsumerSpec("t" + channel, false, false, 0, 2_000, Arguments.NONE);
        long c = ((Reply.Subscribed) node.apply(new Subscribe(other, channel, "/", "q", spec))).consumer();
        node.apply(new Credit(c, MANY / 2 - spec.window()));
        return c;
    }

    /** Two consumers hold every second message each, in channels 1 and 2, and get no more. */
    @BeforeEach
    void interleaved() {
        node.raise(BrokerMachine.LEVELS.max());
        node.apply(new OpenConnection(other, OneNode.info()));
        node.declare("q", Map.of("x-queue-type", "quorum"));
        holders = List.of(consume(1), consume(2));
        for (int i = 0; i < MANY / 2; i++) {
            node.apply(OneNode.messages(2, 10, ROUTE));
        }
        node.commit();
        assertEquals(MANY, node.queue("q").unacked());
        node.delivered.clear();
        counted.store().reset();
    }

    private void assertPurged() {
        assertTrue(node.machine.owes(), "later entries take it out");
        assertEquals(0, node.queue("q").ready());
        assertEquals(0, node.queue("q").readyBytes());
        assertEquals(MANY / 2, node.queue("q").unacked());
        assertEquals(10L * MANY / 2, node.queue("q").unackedBytes());
    }

    private Reply purge() {
        return counted.apply(new PurgeQueue(node.connection, "/", "q"));
    }

    /** What is published behind it is to be had while that goes, and what the other consumer holds stays his. */
    private void assertTheRestIsThere() {
        node.apply(OneNode.messages(1, 7, ROUTE));
        assertEquals(1, node.queue("q").ready());
        assertEquals(7, node.queue("q").readyBytes());
        node.consume("q", 10);
        assertEquals(1, node.delivered.size());
        counted.settle();
        assertEquals(MANY / 2 + 1, node.queue("q").unacked());
        assertEquals(10L * MANY / 2 + 7, node.queue("q").unackedBytes());
        node.apply(new Settle(holders.get(1), Settle.Outcome.ACK, new long[] {0, Long.MAX_VALUE}));
        long last = node.delivered.get(0).holder();
        node.apply(new Settle(last, Settle.Outcome.ACK, new long[] {0, Long.MAX_VALUE}));
        node.commit();
        assertEquals(0, node.queue("q").unacked());
        counted.settleUncounted();
        counted.assertEmpty(Keys.CHUNK, Keys.SETTLED, Keys.ATTEMPTS, Keys.LEAVING);
    }

    @Test
    void whatIsStillToComeBackGoesAtOnceForEverybodyAndByAndByFromTheStore() {
        counted.apply(new Recover(other, 1));
        assertEquals(new Reply.Removed(MANY / 2), purge());
        assertPurged();
        counted.restart();
        assertPurged();
        assertEquals(new Reply.Removed(0), purge());
        assertTheRestIsThere();
    }

    @Test
    void theSameOfWhatAChannelHeldThatWasClosed() {
        counted.apply(new CloseChannel(other, 1, List.of()));
        assertEquals(new Reply.Removed(MANY / 2), purge());
        assertPurged();
        assertTheRestIsThere();
    }

    @Test
    void whatCameBackInManyPlacesGoesInTheSameWay() {
        counted.apply(new Recover(other, 1));
        counted.settle();
        counted.restart();
        assertEquals(new Reply.Removed(MANY / 2), purge());
        assertPurged();
        counted.restart();
        assertPurged();
        assertTheRestIsThere();
    }

    @Test
    void asManyMoreArePurgedBeforeTheFirstAreOut() {
        counted.apply(new Recover(other, 1));
        assertEquals(new Reply.Removed(MANY / 2), purge());
        counted.apply(new Recover(other, 2));
        assertEquals(MANY / 2, node.queue("q").ready());
        assertEquals(10L * MANY / 2, node.queue("q").readyBytes());
        assertEquals(new Reply.Removed(MANY / 2), purge());
        counted.restart();
        assertTrue(counted.settle() > 2);
        assertEquals(0, node.queue("q").ready() + node.queue("q").unacked());
        assertEquals(0, node.queue("q").readyBytes() + node.queue("q").unackedBytes());
        counted.assertEmpty(Keys.CHUNK, Keys.SETTLED, Keys.ATTEMPTS, Keys.LEAVING);
    }

    @Test
    void theQueueIsDeletedBehindIt() {
        counted.apply(new Recover(other, 1));
        assertEquals(new Reply.Removed(MANY / 2), purge());
        counted.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        counted.restart();
        counted.settle();
        counted.assertEmpty(
                Keys.CHUNK, Keys.ATTEMPTS, Keys.LEAVING, Keys.HOLDER, Keys.HELD, Keys.QUEUE, Keys.QUEUE_STATE);
    }

    @Test
    void aQueueIsDeletedWhileMuchIsStillToComeBack() {
        counted.apply(new Recover(other, 1));
        assertEquals(
                new Reply.Removed(MANY / 2), counted.apply(new DeleteQueue(node.connection, "/", "q", false, false)));
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.ATTEMPTS, Keys.LEAVING, Keys.HOLDER, Keys.HELD);
    }
}
