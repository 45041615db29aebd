package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.command.Credit;
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
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a purge or acks take is in many places, and each of these is many chunks: no entry takes out many. */
class PurgedChunksTest {
    private static final long MOST = 4L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50;
    private static final Route ROUTE = new Route("/", "", "q");
    /** Chunks between two that are acked. */
    private static final int RUN = 20;

    private final CountedNode counted = new CountedNode(MOST);
    private final OneNode node = counted.node;
    private final ConnectionId other = new ConnectionId("n1", 2);
    private long first;

    /** A consumer has so many messages, each of which is a chunk; returns its number. */
    private long consumerOf(int many) {
        node.raise(BrokerMachine.LEVELS.max());
        node.apply(new OpenConnection(other, OneNode.info()));
        node.declare("q");
        ConsumerSpec spec = new ConsumerSpec("t", false, false, 0, 2_000, Arguments.NONE);
        long c = ((Reply.Subscribed) node.apply(new Subscribe(other, 1, "/", "q", spec))).consumer();
        node.apply(new Credit(c, many - spec.window()));
        for (int i = 0; i < many; i++) {
            node.apply(OneNode.messages(1, 10, ROUTE));
        }
        node.commit();
        first = node.delivered.get(0).firstSeq();
        return c;
    }

    /** All is back in so many places, and each message but the last one of each is a chunk. */
    private void backIn(int places) {
        long c = consumerOf(places * RUN);
        long[] acked = LongStream.range(0, places)
                .map(i -> first + RUN * i)
                .flatMap(seq -> LongStream.of(seq, seq))
                .toArray();
        counted.apply(new Settle(c, Settle.Outcome.ACK, acked));
        counted.apply(new Recover(other, 1));
        counted.settleUncounted();
        counted.store().reset();
        assertEquals(places * (RUN - 1), node.queue("q").ready());
    }

    private void assertPurgeIsBounded(int places) {
        assertEquals(new Reply.Removed(places * (RUN - 1)), counted.apply(new PurgeQueue(node.connection, "/", "q")));
        assertEquals(0, node.queue("q").ready());
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.SETTLED, Keys.ATTEMPTS, Keys.LEAVING);
    }

    @Test
    void inManyPlaces() {
        backIn(800);
        assertPurgeIsBounded(800);
    }

    @Test
    void inPlacesThatAreFewEnoughToGoAtOnce() {
        backIn(499);
        assertPurgeIsBounded(499);
    }

    /** Acks of up to 20 chunks each, of 400 times as many: they are gone at once, and taken out by and by. */
    @Test
    void acksOfManyRangesOfChunks() {
        int places = 400;
        long c = consumerOf(places * RUN);
        long[] acked = LongStream.range(0, places)
                .map(i -> first + RUN * i)
                .flatMap(seq -> LongStream.of(seq + 1, seq + RUN - 1))
                .toArray();
        counted.store().reset();
        counted.apply(new Settle(c, Settle.Outcome.ACK, acked));
        assertEquals(places, node.queue("q").unacked());
        counted.settle();
        assertEquals(places, node.queue("q").unacked());
        counted.apply(new Recover(other, 1));
        counted.settle();
        assertEquals(new Reply.Removed(places), counted.apply(new PurgeQueue(node.connection, "/", "q")));
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.SETTLED, Keys.ATTEMPTS, Keys.LEAVING);
    }
}
