package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Route;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Much of one group goes back in one command, and its consumer keeps the rest: he owns the group, on a replica that is restored meanwhile, too. */
class GroupGivenBackTest {
    private static final int MANY = 4_000;
    private static final int EACH = 100;

    private final TwoNodes two = new TwoNodes("given back", MachineLimits.FORMAT_1, true);

    private void publish(int entries) {
        for (int i = 0; i < entries; i++) {
            Publish p = GroupsTest.messages((long) i * EACH, "x-group-id", Collections.nCopies(EACH, "g"));
            two.both(new Publish(List.of(new Route("/", "", "q")), p.bytes(), p.offset(), p.end(), 0, Origins.NONE));
        }
    }

    /** Every second of the messages that the consumer holds. */
    private long[] everySecond() {
        long first = two.delivered().get(0).firstSeq();
        return LongStream.range(0, MANY / 2)
                .map(i -> first + 2 * i)
                .flatMap(seq -> LongStream.of(seq, seq))
                .toArray();
    }

    /** Returns who holds all of them. */
    private long consumer() {
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            return n.declare("q", Map.of("x-message-groups", true));
        });
        long consumer = ((Reply.Subscribed) two.both(n -> n.consume("q", 0))).consumer();
        two.both(new Credit(consumer, 2 * MANY));
        publish(MANY / EACH);
        assertEquals(MANY, two.straight.queue("q").unacked());
        return consumer;
    }

    @Test
    void allOfAChannelGoesBackAtOnce() {
        long consumer = consumer();
        two.both(new Settle(consumer, Settle.Outcome.ACK, everySecond()));
        two.both(new Recover(two.straight.connection, 1));
        assertFalse(two.delivered().isEmpty(), "he has got them again");
        assertEquals(MANY / 2, two.straight.queue("q").unacked());
        assertFalse(two.straight.machine.owes());
    }

    @Test
    void whoKeepsTheRestOwnsTheGroup() {
        long consumer = consumer();
        two.both(new Settle(consumer, Settle.Outcome.NACK_REQUEUE, everySecond()));
        two.both(new Credit(consumer, MANY));
        for (int i = 0; i < 10; i++) {
            two.both(new Probe(false));
        }
        assertEquals(MANY, two.straight.queue("q").unacked(), "he has got them again");
        publish(1);
        assertEquals(MANY + EACH, two.straight.queue("q").unacked());
    }
}
