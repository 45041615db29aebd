package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a consumer was assigned beyond its prefetch counts as ready, so a purge takes it: at once for every count, and out of the queue when the channel has said
 * what of it the client was sent just then.
 */
class PurgedAheadTest {
    private static final Route Q = new Route("/", "", "q");
    private final OneNode node;
    private final ConnectionId clients = new ConnectionId("n2", 2);
    private long consumer;

    PurgedAheadTest() {
        node = new OneNode(new MemoryStore(), limits());
    }

    /** Of 400 messages a fast consumer has settled 100; the next 100 are with its client, 100 more are assigned ahead, the last 100 are nobody's. */
    @BeforeEach
    void assignAhead() {
        node.raise(BrokerMachine.LEVELS.max());
        node.apply(new NodeUp("n2", 1));
        node.apply(new OpenConnection(clients, OneNode.info()));
        node.declare("q");
        ConsumerSpec spec = new ConsumerSpec("t", false, false, 100, 100, Arguments.NONE);
        consumer = ((Reply.Subscribed) node.apply(new Subscribe(clients, 1, "/", "q", spec))).consumer();
        node.apply(OneNode.messages(400, 10, Q));
        settle(Settle.Outcome.ACK, 0, 99);
        assertEquals(List.of(200L, 100L), List.of(ready(), unacked()));
    }

    MachineLimits limits() {
        return MachineLimits.FORMAT_1;
    }

    private void settle(Settle.Outcome how, long from, long to) {
        node.apply(new Settle(consumer, how, new long[] {from, to}));
    }

    private long ready() {
        return node.queue("q").ready();
    }

    private long unacked() {
        return node.queue("q").unacked();
    }

    private void purge() {
        assertEquals(new Reply.Removed(200), node.apply(new PurgeQueue(node.connection, "/", "q")));
        assertEquals(List.of(consumer), node.askedBack);
        assertEquals(List.of(0L, 100L), List.of(ready(), unacked()));
        node.restart();
        node.delivered.clear();
    }

    /** Takes what is to be had, by a channel of its own. */
    private String rest() {
        StringBuilder got = new StringBuilder();
        while (node.apply(new Get(node.connection, 7, "/", "q", true)) instanceof Reply.Got g) {
            got.append(g.delivery().firstSeq()).append(' ');
        }
        return got.toString();
    }

    private static String numbers(long first, long last) {
        return LongStream.rangeClosed(first, last).mapToObj(n -> n + " ").collect(Collectors.joining());
    }

    /** The channel had sent five of them when it was asked: those are its client's. */
    @Test
    void whatComesBackUnsentIsGone() {
        purge();
        settle(Settle.Outcome.ACK, 100, 104);
        node.apply(new TakeBack(consumer, new long[] {105, 204}));
        node.restart();
        assertEquals(List.of(0L, 100L), List.of(ready(), unacked()));
        assertEquals("", rest());
        node.apply(new CloseChannel(clients, 1, List.of(new Sent(consumer, new long[] {105, 204}))));
        settleDown();
        assertEquals(numbers(105, 204), rest());
        assertEquals(305, node.queue("q").counters().delivered(), "the first 205 of 300, and 100 again");
    }

    @Test
    void whatTheClientNacksMeanwhileComesAgain() {
        purge();
        settle(Settle.Outcome.NACK_REQUEUE, 201, 202);
        settle(Settle.Outcome.ACK, 100, 200);
        node.apply(new TakeBack(consumer, new long[0]));
        node.apply(new CloseChannel(clients, 1, List.of()));
        settleDown();
        assertEquals("201 202 ", rest());
        assertEquals(0, ready());
    }

    /** What is published behind a purge is not its business, nor what it took before. */
    @Test
    void aSecondPurgeCountsWhatIsNew() {
        purge();
        node.apply(OneNode.messages(3, 10, Q));
        assertEquals(new Reply.Removed(3), node.apply(new PurgeQueue(node.connection, "/", "q")));
        node.apply(OneNode.messages(2, 10, Q));
        node.apply(new TakeBack(consumer, new long[] {100, 199}));
        assertEquals("403 404 ", rest());
    }

    @Test
    void aChannelThatClosesSaysWhatItSent() {
        purge();
        node.apply(new CloseChannel(clients, 1, List.of(new Sent(consumer, new long[] {199, 201}))));
        settleDown();
        assertEquals(numbers(100, 201), rest());
    }

    /** Nobody knows what its client was sent: what was with it as far as the log knows comes again. */
    @Test
    void withItsNodeTheRestIsGone() {
        purge();
        node.apply(new NodeUp("n2", 2));
        settleDown();
        assertEquals(numbers(100, 199), rest());
    }

    /** It is with its client again. */
    @Test
    void whatIsRecoveredIsWhatItsClientHad() {
        purge();
        node.apply(new Recover(clients, 1));
        settleDown();
        assertEquals(List.of(0L, 100L), List.of(ready(), unacked()));
        node.apply(new Cancel(consumer));
        assertEquals("", rest());
    }

    private void settleDown() {
        for (int i = 0; i < 20; i++) {
            node.begin();
            node.end();
        }
        node.restart();
    }
}
