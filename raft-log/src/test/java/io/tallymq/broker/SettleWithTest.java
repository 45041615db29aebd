package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Settles that say for how long and are answered: each outcome acts as the plain one does, and what is not held any more is refused. */
class SettleWithTest extends OneNodeTest {

    private void declare(int messages, Map<String, Object> arguments) {
        assertInstanceOf(Reply.QueueDeclared.class, node.declare("q", arguments));
        node.apply(OneNode.messages(messages, 20, new Route("/", "", "q")));
    }

    private Reply.Got got() {
        return (Reply.Got) node.apply(new Get(node.connection, 1, "/", "q", false));
    }

    private Reply settle(Reply.Got got, Outcome how, long delay) {
        return node.apply(new SettleWith(got.holder(), how, seq(got.delivery()), delay));
    }

    private static long seq(Delivery d) {
        return d.firstSeq();
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private static void assertNotHeld(Reply r) {
        Reply.Rejected why = assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(406, why.code());
        assertTrue(!why.reason().endsPublisher(), "it is a nack, no mistake of the client");
    }

    @Test
    void anAckIsAnsweredOnce() {
        declare(2, Map.of());
        Reply.Got got = got();
        assertEquals(Reply.OK, settle(got, Outcome.ACK, 0));
        assertNotHeld(settle(got, Outcome.ACK, 0));
        assertNotHeld(settle(got, Outcome.NACK_REQUEUE, 100));
        assertEquals(1, node.queue("q").ready());
        assertEquals(0, node.queue("q").resting());
    }

    @Test
    void whatWentBackOtherwiseIsNotHeld() {
        declare(1, Map.of());
        Reply.Got got = got();
        node.apply(
                new Settle(got.holder(), Outcome.NACK_REQUEUE, new long[] {seq(got.delivery()), seq(got.delivery())}));
        assertNotHeld(settle(got, Outcome.ACK, 0));
        assertEquals(1, node.queue("q").ready());
    }

    @Test
    void aDeletedQueueHasNothing() {
        declare(1, Map.of());
        Reply.Got got = got();
        node.apply(new DeleteQueue(node.connection, "/", "q", false, false));
        assertNotHeld(settle(got, Outcome.DISCARD, 0));
    }

    @Test
    void whatIsReleasedWithADelayComesBackToItsPlaceAndCountsAsNoFailure() {
        declare(2, Map.of("x-queue-type", "quorum", "x-delivery-limit", 0L));
        for (int i = 0; i < 3; i++) {
            Reply.Got got = got();
            assertEquals(0, got.delivery().from(), "in its old place");
            assertEquals(Reply.OK, settle(got, Outcome.NACK_REQUEUE, 1_000));
            assertEquals(1, node.queue("q").ready());
            assertEquals(1, node.queue("q").resting());
            restart();
            pass(900);
            assertEquals(1, node.queue("q").ready());
            pass(110);
            assertEquals(2, node.queue("q").ready());
        }
    }

    @Test
    void whatIsRejectedTooOftenDoesNotRest() {
        declare(1, Map.of("x-queue-type", "quorum", "x-delivery-limit", 1L));
        assertEquals(Reply.OK, settle(got(), Outcome.REJECT_REQUEUE, 1_000));
        assertEquals(1, node.queue("q").resting());
        pass(1_010);
        assertEquals(Reply.OK, settle(got(), Outcome.REJECT_REQUEUE, 1_000));
        assertEquals(0, node.queue("q").resting());
        assertEquals(0, node.queue("q").ready());
    }

    @Test
    void theDelayOfTheClientGoesBeforeTheQueues() {
        declare(1, Map.of("x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 100L));
        assertEquals(Reply.OK, settle(got(), Outcome.NACK_REQUEUE, 5_000));
        pass(1_000);
        assertEquals(0, node.queue("q").ready());
        pass(4_010);
        assertEquals(Reply.OK, settle(got(), Outcome.NACK_REQUEUE, 0));
        assertEquals(1, node.queue("q").resting(), "without one the queue's counts");
        pass(210);
        assertEquals(1, node.queue("q").ready());
    }

    @Test
    void aPurgeTakesWhatRests() {
        declare(1, Map.of());
        assertEquals(Reply.OK, settle(got(), Outcome.REJECT_REQUEUE, 1_000));
        assertEquals(1, ((Reply.Removed) node.apply(new PurgeQueue(node.connection, "/", "q"))).messages());
        assertEquals(Long.MAX_VALUE, node.machine.nextDue());
    }

    @Test
    void whatIsDeadLetteredGoesOn() {
        node.declare("d");
        declare(1, Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d"));
        assertEquals(Reply.OK, settle(got(), Outcome.DISCARD, 0));
        pass(1);
        assertEquals(1, node.queue("d").ready());
        assertEquals(0, node.queue("q").ready());
    }

    @Test
    void aConsumerHasRoomAgain() {
        declare(3, Map.of());
        node.consume("q", 1);
        assertEquals(1, node.delivered.size());
        Delivery first = node.delivered.get(0);
        assertEquals(Reply.OK, node.apply(new SettleWith(first.holder(), Outcome.NACK_REQUEUE, seq(first), 1_000)));
        assertEquals(2, node.delivered.size());
        Delivery second = node.delivered.get(1);
        assertEquals(Reply.OK, node.apply(new SettleWith(second.holder(), Outcome.ACK, seq(second), 0)));
        assertEquals(3, node.delivered.size());
    }
}
