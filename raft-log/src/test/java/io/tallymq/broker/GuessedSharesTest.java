package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConsumerSpec;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A consumer gives back one message of each of many chunks whose messages differ in size: no entry looks into many, and in the end all bytes are right. */
class GuessedSharesTest {
    private static final int MANY = 4_000;
    /** Body bytes of each chunk's first and second message. */
    private static final int[] BODIES = {10, 31};

    private final CountedNode counted =
            new CountedNode(4L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50);
    private final OneNode node = counted.node;
    private final ConnectionId other = new ConnectionId("n1", 2);
    private long consumer;
    private long first;

    @BeforeEach
    void aConsumerHoldsAll() {
        node.raise(BrokerMachine.LEVELS.max());
        node.apply(new OpenConnection(other, OneNode.info()));
        node.declare("q");
        ConsumerSpec spec = new ConsumerSpec("t", false, false, 0, 2_000, Arguments.NONE);
        consumer = ((Reply.Subscribed) node.apply(new Subscribe(other, 1, "/", "q", spec))).consumer();
        node.apply(new Credit(consumer, 2 * MANY - spec.window()));
        for (int i = 0; i < MANY; i++) {
            node.apply(two());
            node.commit();
        }
        assertEquals(2 * MANY, node.queue("q").unacked());
        first = node.delivered.get(0).firstSeq();
        counted.restart();
        counted.store().reset();
    }

    private static Publish two() {
        return messages(BODIES);
    }

    private static Publish messages(int... bodies) {
        ByteWriter w = new ByteWriter();
        for (int body : bodies) {
            MessageRecord.writeHeader(w, 0, 0, 2, body);
            w.uint16(0);
            w.reserve(body);
        }
        return new Publish(List.of(new Route("/", "", "q")), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    /** Of some chunks the first or the second message each. */
    private void settle(Settle.Outcome how, int from, int to, int which) {
        long[] ranges = LongStream.range(from, to)
                .map(i -> first + 2 * i + which)
                .flatMap(seq -> LongStream.of(seq, seq))
                .toArray();
        counted.apply(new Settle(consumer, how, ranges));
    }

    private void assertBytes(long ready, long unacked) {
        counted.settle();
        assertEquals(ready, node.queue("q").readyBytes());
        assertEquals(unacked, node.queue("q").unackedBytes());
        assertTrue(
                counted.store().mostLoads <= WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce(),
                counted.store().mostLoads + " chunks were looked into");
    }

    @Test
    void whatGoesBackIsMeasuredByTheEntriesThatGiveItBack() {
        settle(Settle.Outcome.NACK_REQUEUE, 0, MANY, 0);
        assertEquals(MANY, node.queue("q").ready());
        assertEquals(MANY, node.queue("q").unacked());
        long all = (long) MANY * (BODIES[0] + BODIES[1]);
        assertEquals(all, node.queue("q").readyBytes() + node.queue("q").unackedBytes());
        assertBytes((long) MANY * BODIES[0], (long) MANY * BODIES[1]);
    }

    @Test
    void twiceBeforeTheFirstIsBack() {
        settle(Settle.Outcome.NACK_REQUEUE, 0, MANY / 2, 1);
        settle(Settle.Outcome.NACK_REQUEUE, MANY / 2, MANY, 0);
        assertBytes(MANY / 2L * (BODIES[0] + BODIES[1]), MANY / 2L * (BODIES[0] + BODIES[1]));
    }

    @Test
    void theConsumerHasNothingLeftMeanwhileAndGetsMore() {
        settle(Settle.Outcome.NACK_REQUEUE, 0, MANY, 0);
        settle(Settle.Outcome.NACK_REQUEUE, 0, MANY, 1);
        assertEquals(0, node.queue("q").unackedBytes());
        node.apply(new Credit(consumer, 3));
        long had = BODIES[0] + BODIES[1] + BODIES[0];
        assertBytes((long) MANY * (BODIES[0] + BODIES[1]) - had, had);
    }

    @Test
    void itIsPurgedMeanwhile() {
        settle(Settle.Outcome.NACK_REQUEUE, 0, MANY, 1);
        counted.apply(new PurgeQueue(node.connection, "/", "q"));
        assertEquals(0, node.queue("q").readyBytes());
        assertBytes(0, (long) MANY * BODIES[0]);
    }

    /** Of two parts one is out before the other: what was guessed of it too little or too much is nobody's then. */
    private void assertNothingIsReadyWhileTheyGo() {
        counted.apply(new PurgeQueue(node.connection, "/", "q"));
        int entries = 0;
        for (; node.machine.owes(); entries++) {
            assertEquals(0, node.queue("q").readyBytes(), "behind " + entries + " entries");
            counted.apply(new Probe(false));
            if (entries == 0) {
                counted.restart();
            }
        }
        assertTrue(entries > 0, "later entries take it out");
    }

    private void twoPartsGoBack() {
        settle(Settle.Outcome.NACK_REQUEUE, 0, 3 * MANY / 4, 1);
        settle(Settle.Outcome.NACK_REQUEUE, 3 * MANY / 4, MANY, 1);
    }

    @Test
    void theFirstOfTwoPartsThatArePurgedIsOut() {
        twoPartsGoBack();
        assertNothingIsReadyWhileTheyGo();
        assertBytes(0, (long) MANY * BODIES[0]);
    }

    @Test
    void theSameIfTheConsumerHadNothingAnyMoreBefore() {
        twoPartsGoBack();
        for (int from = 0; from < MANY; from += MANY / 4) {
            settle(Settle.Outcome.ACK, from, from + MANY / 4, 0);
        }
        assertNothingIsReadyWhileTheyGo();
        assertBytes(0, 0);
    }

    /** Every second message of large chunks goes back: each chunk is looked into once, and that is not counted for each message. */
    @Test
    void aChunkIsCountedOnceForAllThatGoesBackOfIt() {
        int[] bodies = IntStream.range(0, 500).map(i -> 200 + 100 * (i % 2)).toArray();
        for (int i = 0; i < 4; i++) {
            counted.apply(messages(bodies));
        }
        counted.apply(new Credit(consumer, 4 * bodies.length));
        first += 2 * MANY;
        settle(Settle.Outcome.NACK_REQUEUE, 0, 2 * bodies.length, 1);
        int entries = counted.settle();
        assertTrue(entries > 0 && entries < 5, entries + " entries");
    }
}
