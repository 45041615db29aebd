package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.PauseQueue;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Redrive;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Route;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A queue that is paused takes messages and acks, and gives nothing to anybody. */
class PauseTest {
    private final TwoNodes two = new TwoNodes("pause", MachineLimits.FORMAT_1);

    @BeforeEach
    void raise() {
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            return Reply.OK;
        });
    }

    private long consume(String queue, Map<String, Object> arguments, int prefetch) {
        two.both(n -> n.declare(queue, arguments));
        return ((Reply.Subscribed) two.both(n -> n.consume(1, queue, prefetch))).consumer();
    }

    private void publish(String queue, int messages) {
        two.both(OneNode.messages(messages, 10, new Route("/", "", queue)));
    }

    private void pause(String queue, boolean pause) {
        assertEquals(Reply.OK, two.both(new PauseQueue("/", queue, pause)));
        assertEquals(pause, two.straight.queue(queue).paused());
    }

    private long given() {
        return two.delivered().stream().mapToInt(Delivery::count).sum();
    }

    private Reply get(String queue) {
        return two.both(new Get(two.straight.connection, 9, "/", queue, true));
    }

    @Test
    void nobodyIsGivenAnythingUntilItGoesOn() {
        long consumer = consume("q", Map.of(), 10);
        publish("q", 4);
        assertEquals(4, given());
        pause("q", true);
        publish("q", 20);
        two.both(new Settle(consumer, Settle.Outcome.ACK, new long[] {0, 1}));
        two.both(new Settle(consumer, Settle.Outcome.NACK_REQUEUE, new long[] {2, 2}));
        two.both(n -> n.consume(2, "q", 5));
        assertEquals(0, given());
        assertEquals(Reply.EMPTY, get("q"));
        assertEquals(
                List.of(21L, 1L),
                List.of(two.straight.queue("q").ready(), two.straight.queue("q").unacked()));
        pause("q", true);
        pause("q", false);
        assertEquals(14, given(), "what came back and the next ones, to both");
        assertInstanceOf(Reply.Got.class, get("q"));
    }

    /** It was sent nothing of that yet. */
    @Test
    void whatWasAssignedAheadIsAskedBack() {
        long consumer = consume("q", Map.of(), 100);
        publish("q", 400);
        two.both(new Settle(consumer, Settle.Outcome.ACK, new long[] {0, 99}));
        assertTrue(given() > 200);
        pause("q", true);
        assertEquals(List.of(consumer), two.straight.askedBack);
        two.both(new TakeBack(consumer, new long[] {100, 199}));
        assertEquals(
                List.of(200L, 100L),
                List.of(two.straight.queue("q").ready(), two.straight.queue("q").unacked()));
        two.both(new Settle(consumer, Settle.Outcome.ACK, new long[] {100, 199}));
        assertEquals(0, given());
        pause("q", false);
        assertEquals(200, given(), "its prefetch, and as much ahead");
    }

    @Test
    void whatItsMessagesExpireToComesAllTheSame() {
        two.both(n -> n.declare("dead"));
        consume(
                "q",
                Map.of("x-message-ttl", 5L, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "dead"),
                10);
        pause("q", true);
        publish("q", 3);
        two.both(n -> {
            n.passed += 1_000;
            return Reply.OK;
        });
        publish("other", 1);
        publish("other", 1);
        assertEquals(3, two.straight.queue("dead").ready());
        assertEquals(0, given());
    }

    /** An operator may still move its messages, and throw them away. */
    @Test
    void operatorsActOnItAllTheSame() {
        consume("q", Map.of(), 10);
        two.both(n -> n.declare("other"));
        pause("q", true);
        publish("q", 5);
        long number = Machines.queueNumber(two.straight.machine, "q");
        two.both(new Redrive(number, new long[] {0, 1}, "other", "", "", ""));
        assertEquals(2, two.straight.queue("other").ready());
        assertEquals(new Reply.Removed(3), two.both(new PurgeQueue(two.straight.connection, "/", "q")));
        assertEquals(0, given());
    }

    @Test
    void streamsAndWhatIsNotThereAreRefused() {
        two.both(n -> n.declare("s", Map.of("x-queue-type", "stream")));
        assertEquals(540, ((Reply.Rejected) two.both(new PauseQueue("/", "s", true))).code());
        assertEquals(404, ((Reply.Rejected) two.both(new PauseQueue("/", "none", true))).code());
    }
}
