package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.store.MemoryStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A transaction that takes effect settles all that it says: if something of it is not held any more, nothing happens. */
class TxSettlesTest extends OneNodeTest {
    private static final int CHANNEL = 3;

    @BeforeEach
    void twoQueues() {
        node.raise(5);
        node.declare("in", Map.of("x-consumer-timeout", 1_000L));
        node.declare("out");
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", "in")));
    }

    private long consume(int channel) {
        return ((Reply.Subscribed) node.consume(channel, "in", 2)).consumer();
    }

    private Reply commit(Settle... settles) {
        return node.apply(new CommitTx(
                node.connection, CHANNEL, Arrays.asList(settles), OneNode.messages(1, 10, new Route("/", "", "out"))));
    }

    private static Settle settle(long holder, Outcome how, long first, long last) {
        return new Settle(holder, how, new long[] {first, last});
    }

    private void timeOut() {
        node.passed += 2_000;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
        assertEquals(1, node.timedOut.size());
    }

    private void assertRefused(Reply r, String which) {
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(406, why.code());
        assertTrue(
                why.text()
                        .contains("is not held any more, and may come again: open a channel and take what comes ("
                                + which),
                why.text());
        assertEquals(0, node.queue("out").ready(), "what a refused transaction published is there");
    }

    @ParameterizedTest
    @EnumSource(
            value = Outcome.class,
            names = {"ACK", "NACK_REQUEUE", "REJECT_REQUEUE", "DISCARD"})
    void whatATimeoutTookIsNotSettledAndNothingIsPublished(Outcome how) {
        long slow = consume(CHANNEL);
        publish(1);
        timeOut();
        long other = consume(4);
        assertRefused(commit(settle(slow, how, 0, 0)), "its consumer is gone");
        node.apply(settle(other, Outcome.ACK, 0, 0));
        assertEquals(0, node.queue("in").ready() + node.queue("in").unacked());
    }

    @Test
    void whatIsHeldOfItGoesBack() {
        long slow = consume(CHANNEL);
        publish(1);
        node.passed += 700;
        publish(1);
        node.passed += 200;
        timeOutFirst();
        assertRefused(commit(settle(slow, Outcome.ACK, 0, 1)), "consumer 't' of queue 'in' in vhost '/' had it");
        assertEquals(2, node.queue("in").ready());
    }

    private void timeOutFirst() {
        while (node.timedOut.isEmpty()) {
            node.passed += 20;
            node.apply(new Probe(false));
        }
        assertEquals(1, node.queue("in").unacked());
    }

    @Test
    void whatWasSettledBeforeIsNotSettledAgain() {
        publish(3);
        Reply.Got got = (Reply.Got) node.apply(new Get(node.connection, CHANNEL, "/", "in", false));
        node.apply(settle(got.holder(), Outcome.ACK, 0, 0));
        assertRefused(commit(settle(got.holder(), Outcome.ACK, 0, 0)), "fetched from queue 'in'");
    }

    @Test
    void aDeletedQueueHasNothingToSettle() {
        long c = consume(CHANNEL);
        publish(1);
        node.apply(new DeleteQueue(node.connection, "/", "in", false, false));
        assertRefused(commit(settle(c, Outcome.ACK, 0, 0)), "its consumer is gone");
    }

    @Test
    void whatACancelledConsumerHoldsIsSettled() {
        long c = consume(CHANNEL);
        publish(2);
        node.apply(new Cancel(c));
        assertEquals(Reply.OK, commit(settle(c, Outcome.ACK, 0, 1)));
        assertEquals(0, node.queue("in").ready() + node.queue("in").unacked());
        assertEquals(1, node.queue("out").ready());
    }

    @Test
    void outsideOfTransactionsItIsPassedOver() {
        long slow = consume(CHANNEL);
        publish(1);
        timeOut();
        assertEquals(Reply.OK, node.apply(settle(slow, Outcome.ACK, 0, 0)));
        assertEquals(1, node.queue("in").ready());
    }

    /** What logs of level 4 and below mean stays. */
    @Test
    void clustersOfALowerLevelPassItOver() {
        OneNode old = new OneNode(new MemoryStore(0), MachineLimits.FORMAT_1);
        old.raise(4);
        old.declare("q");
        old.apply(OneNode.messages(1, 10, new Route("/", "", "q")));
        Reply.Got got = (Reply.Got) old.apply(new Get(old.connection, CHANNEL, "/", "q", false));
        Settle ack = settle(got.holder(), Outcome.ACK, 0, 0);
        old.apply(ack);
        CommitTx again =
                new CommitTx(old.connection, CHANNEL, List.of(ack), OneNode.messages(1, 10, new Route("/", "", "q")));
        assertEquals(Reply.OK, old.apply(again));
        assertEquals(1, old.queue("q").ready());
    }

    /** A letter that waits for its target takes room in its queue: what is published to it in the same transaction finds that. */
    @Test
    void whatIsDiscardedMayTakeRoom() {
        node.declare(
                "small",
                Map.of(
                        "x-queue-type",
                        "quorum",
                        "x-max-length",
                        1L,
                        "x-overflow",
                        "reject-publish",
                        "x-dead-letter-exchange",
                        "none",
                        "x-dead-letter-strategy",
                        "at-least-once"));
        Route small = new Route("/", "", "small");
        node.apply(OneNode.messages(1, 10, small));
        Reply.Got got = (Reply.Got) node.apply(new Get(node.connection, CHANNEL, "/", "small", false));
        long seq = got.delivery().firstSeq();
        Reply r = node.apply(new CommitTx(
                node.connection,
                CHANNEL,
                List.of(settle(got.holder(), Outcome.DISCARD, seq, seq)),
                OneNode.messages(1, 10, small)));
        assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(1, node.queue("small").ready(), "given back, as all of its channel");
    }
}
