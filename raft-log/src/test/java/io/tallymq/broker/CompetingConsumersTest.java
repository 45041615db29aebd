package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is assigned beyond a prefetch, and what of it comes back, never reaches another consumer behind later messages. */
class CompetingConsumersTest extends OneNodeTest {
    private static final int PREFETCH = 100;

    @BeforeEach
    void declare() {
        node.declare("q");
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", "q")));
    }

    private long consume() {
        return consumeOn(1);
    }

    private void ack(long consumer, long first, long last) {
        node.apply(new Settle(consumer, Settle.Outcome.ACK, new long[] {first, last}));
    }

    /** How many messages the consumer was handed. */
    private long handed(long consumer) {
        return node.delivered.stream()
                .filter(d -> d.holder() == consumer)
                .mapToLong(Delivery::count)
                .sum();
    }

    private Delivery firstOf(long consumer) {
        return node.delivered.stream()
                .filter(d -> d.holder() == consumer)
                .findFirst()
                .orElseThrow();
    }

    /** A consumer that settles its whole prefetch in one round, so that it is assigned ahead. */
    private long fastConsumer() {
        long consumer = consume();
        publish(1_000);
        long first = firstOf(consumer).firstSeq();
        ack(consumer, first, first + PREFETCH - 1);
        assertTrue(handed(consumer) > 2 * PREFETCH, "nothing was assigned ahead");
        return consumer;
    }

    @Test
    void whatARecoverTakesFromACancelledConsumerTheOthersAreHandedAtOnce() {
        node.raise(2);
        long cancelled = consumeOn(1);
        publish(5);
        long other = consumeOn(2);
        node.apply(new Cancel(cancelled));
        assertEquals(0, handed(other));
        node.apply(new Recover(node.connection, 1));
        assertEquals(5, handed(other));
        restart();
    }

    @Test
    void aSecondConsumerGetsNothingBeforeWhatTheFirstMayGiveBack() {
        long fast = fastConsumer();
        assertEquals(List.of(), node.askedBack);
        long second = consume();
        assertEquals(
                List.of(fast), node.askedBack, "the first is told at once: its client may be slow, and never rest");
        assertEquals(0, handed(second));
        restart();
        publish(1);
        assertEquals(0, handed(second));

        long first = firstOf(fast).firstSeq();
        // The client of the first has its prefetch and rests: what it was not sent goes back.
        node.apply(new TakeBack(fast, new long[] {first + PREFETCH, first + 2 * PREFETCH - 1}));

        assertEquals(first + 2 * PREFETCH, firstOf(second).firstSeq(), "the oldest that nobody was sent");
        assertEquals(PREFETCH, handed(second));
        assertFalse(firstOf(second).redelivered());
        consume();
        assertEquals(List.of(fast), node.askedBack, "nobody holds more than his prefetch: nobody is asked again");
    }

    @Test
    void theSecondOneGetsItsTurnOnceTheFirstWasSentAll() {
        long fast = fastConsumer();
        long second = consume();
        long first = firstOf(fast).firstSeq();
        long last = first + handed(fast) - 1;
        ack(fast, first + PREFETCH, last - PREFETCH);
        assertTrue(handed(second) > 0);
        assertEquals(last + 1, firstOf(second).firstSeq());
    }

    @Test
    void ofSeveralNoneIsAssignedMoreThanItsPrefetch() {
        long a = consume();
        long b = consume();
        publish(2_000);
        for (int i = 0; i < 5; i++) {
            for (long consumer : new long[] {a, b}) {
                node.apply(new Settle(consumer, Settle.Outcome.ACK, new long[] {1, Long.MAX_VALUE / 2}));
            }
        }
        assertEquals(2 * PREFETCH, node.queue("q").unacked());
    }

    @Test
    void whoIsLeftAloneIsAssignedAheadAgain() {
        long a = consume();
        long b = consume();
        node.apply(new Cancel(b));
        publish(1_000);
        long first = firstOf(a).firstSeq();
        ack(a, first, first + PREFETCH - 1);
        assertTrue(handed(a) > 2 * PREFETCH);
        restart();
    }

    /** The question for what was assigned ahead is answered late: all of that was sent and settled, and the second consumer has later messages. */
    @Test
    void whatComesBackBehindLaterMessagesIsFlagged() {
        long fast = fastConsumer();
        long second = consume();
        long first = firstOf(fast).firstSeq();
        long last = first + handed(fast) - 1;
        ack(fast, first + PREFETCH, last - PREFETCH);
        long toSecond = handed(second);
        assertEquals(last + 1, firstOf(second).firstSeq());

        int before = node.delivered.size();
        node.apply(new Cancel(fast)); // else it has its own again
        node.apply(new TakeBack(fast, new long[0]));
        ack(second, last + 1, last + toSecond);

        assertTrue(anyTo(second, before, last), "nothing went back");
        assertAllFlagged(second, before, last);
        restart();
    }

    @Test
    void whatACancelledConsumerWasNotSentIsFlaggedForWhoHasLaterMessages() {
        long a = consume();
        long b = consume();
        publish(2 * PREFETCH);
        long first = firstOf(a).firstSeq();
        ack(b, first, first + 10 * PREFETCH);
        int before = node.delivered.size();
        node.apply(new Settle(a, Settle.Outcome.RELEASE, new long[] {first, first + 1}));
        assertTrue(anyTo(b, before, first + 1), "nothing went back");
        assertAllFlagged(b, before, first + 1);
    }

    /** A channel ends and its client was sent nothing: who has later messages gets what goes back flagged, a new consumer does not. */
    @Test
    void whatAClosedChannelWasNotSentIsFlaggedForWhoHasLaterMessagesOnly() {
        long leaver = consumeOn(2);
        long other = consume();
        publish(2 * PREFETCH);
        long last = firstOf(leaver).firstSeq() + handed(leaver) + handed(other) - 1;
        int before = node.delivered.size();
        node.apply(new CloseChannel(node.connection, 2, List.of()));
        ack(other, last - 9, last);
        assertTrue(anyTo(other, before, last), "nothing went back");
        assertAllFlagged(other, before, last);

        node.commit();
        before = node.delivered.size();
        long late = consumeOn(3);
        assertTrue(anyTo(late, before, last), "nothing is left for the new one");
        assertFalse(
                node.delivered.stream()
                        .skip(before)
                        .filter(d -> d.holder() == late)
                        .anyMatch(Delivery::redelivered),
                "nobody was sent it, and nothing came before it");
        restart();
    }

    /** What it was not sent comes again unflagged: its client has seen nothing later. */
    @Test
    void whatALoneConsumerGivesBackUnsentComesUnflagged() {
        long fast = fastConsumer();
        long first = firstOf(fast).firstSeq();
        int before = node.delivered.size();
        long unsent = first + handed(fast) - 1;
        node.apply(new TakeBack(fast, new long[] {first + PREFETCH, first + 2 * PREFETCH - 1}));
        ack(fast, first + PREFETCH, first + 2 * PREFETCH - 1);
        assertTrue(anyTo(fast, before, unsent), "nothing went back");
        assertTrue(node.delivered.stream().skip(before).noneMatch(Delivery::redelivered));
        restart();
    }

    private long consumeOn(int channel) {
        return ((Reply.Subscribed) node.consume(channel, "q", PREFETCH)).consumer();
    }

    private boolean anyTo(long consumer, int from, long last) {
        return node.delivered.stream().skip(from).anyMatch(d -> d.holder() == consumer && d.firstSeq() <= last);
    }

    private void assertAllFlagged(long consumer, int from, long last) {
        assertTrue(
                node.delivered.stream()
                        .skip(from)
                        .filter(d -> d.holder() == consumer && d.firstSeq() <= last)
                        .allMatch(Delivery::redelivered),
                "older than what it has, unflagged");
    }
}
