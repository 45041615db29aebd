package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However much consumers give back who stay, no entry does much: counted in operations of the store between two commits. */
class GivingBackTest {
    private static final int MANY = 9_000;
    private static final long MOST = 4L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50;

    private final CountedNode counted = new CountedNode(MOST);
    private final OneNode node = counted.node;
    private final ConnectionId other = new ConnectionId("n1", 2);
    private long first;

    private enum Way {
        RECOVER,
        NACK_REQUEUE,
        REJECT_REQUEUE
    }

    private long consume(int channel) {
        ConsumerSpec spec = new ConsumerSpec("t" + channel, false, false, 0, 2_000, Arguments.NONE);
        long c = ((Reply.Subscribed) node.apply(new Subscribe(other, channel, "/", "q", spec))).consumer();
        node.apply(new Credit(c, MANY));
        return c;
    }

    /** Two consumers that hold every second message each, in channels 1 and 2. */
    private List<Long> interleaved(Object... timeout) {
        node.apply(new OpenConnection(other, OneNode.info()));
        node.declare(
                "q",
                timeout.length == 0
                        ? Map.of("x-queue-type", "quorum")
                        : Map.of("x-queue-type", "quorum", (String) timeout[0], timeout[1]));
        List<Long> holders = List.of(consume(1), consume(2));
        for (int i = 0; i < MANY / 2; i++) {
            node.apply(OneNode.messages(2, 10, new Route("/", "", "q")));
        }
        node.commit();
        assertEquals(MANY, node.queue("q").unacked());
        first = node.delivered.get(0).firstSeq();
        node.delivered.clear();
        counted.store().reset();
        return holders;
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void whatGoesBackIsReadyAtOnceAndComesInOrderByAndBy(Way way) {
        node.raise(5);
        long c = interleaved().get(0);
        if (way == Way.RECOVER) {
            assertEquals(Reply.OK, counted.apply(new Recover(other, 1)));
        } else {
            long[] each = LongStream.range(0, MANY / 2)
                    .map(i -> first + 2 * i)
                    .flatMap(seq -> LongStream.of(seq, seq))
                    .toArray();
            counted.apply(new Settle(c, Settle.Outcome.valueOf(way.name()), each));
        }
        assertEquals(MANY / 2, node.queue("q").ready());
        assertEquals(MANY / 2, node.queue("q").unacked());
        assertEquals(10L * MANY / 2, node.queue("q").readyBytes());
        assertEquals(2, node.queue("q").consumers());
        assertEquals(List.of(), node.delivered, "nobody gets anything before all that goes back is there");
        node.apply(new Credit(c, MANY));
        assertTrue(counted.settle() > 1);
        List<Long> again = new ArrayList<>();
        for (Delivery d : node.delivered) {
            assertTrue(d.redelivered());
            assertEquals(way == Way.REJECT_REQUEUE ? 1 : 0, d.attempts());
            LongStream.range(0, d.count()).forEach(i -> again.add(d.firstSeq() - first + i));
        }
        assertEquals(LongStream.range(0, MANY / 2).map(i -> 2 * i).boxed().toList(), again);
        assertEquals(MANY, node.queue("q").unacked());
        counted.assertEmpty(Keys.LEAVING);
    }

    @Test
    void whatWasNotAckedInTimeGoesBackByAndBy() {
        node.raise(5);
        List<Long> holders = interleaved("x-consumer-timeout", 60_000L);
        long other = holders.get(1);
        List<Long> again = new ArrayList<>();
        for (int i = 0; i < 8 && again.size() < MANY / 2; i++) {
            node.passed += 15_000;
            settleAll(other); // that one does ack
            counted.store().reset();
            counted.apply(new Probe(false));
            assertTrue(node.delivered.size() <= 1, "what comes back is all given back by one entry");
            counted.settle();
            for (Delivery d : node.delivered) {
                assertTrue(d.redelivered());
                assertEquals(0, d.attempts());
                LongStream.range(0, d.count()).forEach(n -> again.add(d.firstSeq() - first + n));
            }
            node.delivered.clear();
        }
        assertTrue(node.timedOut.contains(holders.get(0)));
        assertEquals(1, node.queue("q").consumers());
        assertEquals(LongStream.range(0, MANY / 2).map(i -> 2 * i).boxed().toList(), again);
        counted.assertEmpty(Keys.LEAVING);
    }

    private void settleAll(long consumer) {
        node.apply(new Settle(consumer, Settle.Outcome.ACK, new long[] {first, first + 2L * MANY}));
        node.commit();
    }
}
