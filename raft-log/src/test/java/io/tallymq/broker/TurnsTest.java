package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** x-priority of consumers, and x-single-active-consumer of queues. */
class TurnsTest extends OneNodeTest {
    private int channel;

    private long consume(int prefetch, long priority) {
        Map<String, Object> a = priority == 0 ? Map.of() : Map.of("x-priority", priority);
        return ((Reply.Subscribed) node.consume(++channel, "q", prefetch, a)).consumer();
    }

    private void publish(int messages) {
        node.apply(OneNode.messages(messages, 10, new Route("/", "", "q")));
    }

    private Map<Long, Long> handed() {
        Map<Long, Long> handed = new TreeMap<>();
        for (Delivery d : node.delivered) {
            handed.merge(d.holder(), (long) d.count(), Long::sum);
        }
        node.delivered.clear();
        return handed;
    }

    private void settle(long consumer, long first, long last, Settle.Outcome how) {
        node.apply(new Settle(consumer, how, new long[] {first, last}));
    }

    private void single() {
        node.declare("q", Map.of("x-single-active-consumer", true));
    }

    private List<Boolean> active() {
        return node.machine.consumers().stream().map(ConsumerView::active).toList();
    }

    private long oldest() {
        return node.machine.consumers().get(0).oldest();
    }

    /** By which it is known for how long a consumer has had it. */
    @Test
    void theOldestMessageOfAConsumerIsTold() {
        node.declare("q");
        long consumer = consume(10, 0);
        assertEquals(-1, oldest());
        publish(3);
        settle(consumer, 1, 1, Settle.Outcome.ACK);
        assertEquals(0, oldest());
        settle(consumer, 0, 0, Settle.Outcome.ACK);
        assertEquals(2, oldest());
        settle(consumer, 2, 2, Settle.Outcome.ACK);
        assertEquals(-1, oldest());
    }

    @Test
    void whoHasMorePriorityGetsAllItMayHave() {
        node.declare("q");
        long low = consume(10, -5);
        long normal = consume(10, 0);
        long high = consume(10, 7);
        long high2 = consume(10, 7);
        publish(4);
        assertEquals(Map.of(high, 2L, high2, 2L), handed());
        publish(20);
        assertEquals(Map.of(high, 8L, high2, 8L, normal, 4L), handed());
        publish(100);
        assertEquals(Map.of(normal, 6L, low, 10L), handed());
        settle(low, 30, 39, Settle.Outcome.ACK);
        settle(high, 0, 0, Settle.Outcome.ACK);
        assertEquals(true, handed().keySet().containsAll(List.of(low, high)));
    }

    @Test
    void theFirstOfASingleActiveQueueGetsAll() {
        single();
        long first = consume(3, 0);
        long second = consume(3, 0);
        publish(10);
        assertEquals(Map.of(first, 3L), handed());
        assertEquals(List.of(true, false), active());
        settle(first, 0, 2, Settle.Outcome.ACK);
        assertEquals(List.of(first), List.copyOf(handed().keySet()));
        assertTrue(second > first);
    }

    /** Two of them hold its messages at no time. */
    @Test
    void theNextIsActiveOnceTheOneBeforeHoldsNothing() {
        single();
        long first = consume(3, 0);
        long second = consume(3, 0);
        publish(10);
        handed();
        node.apply(new Cancel(first));
        assertEquals(Map.of(), handed());
        assertEquals(List.of(false), active());
        settle(first, 0, 1, Settle.Outcome.ACK);
        assertEquals(Map.of(), handed());
        settle(first, 2, 2, Settle.Outcome.NACK_REQUEUE);
        assertEquals(2, node.delivered.get(0).firstSeq());
        assertTrue(node.delivered.get(0).redelivered());
        assertEquals(Map.of(second, 3L), handed());
        assertEquals(List.of(true), active());
    }

    @Test
    void whatADeadOneHeldComesFirst() {
        single();
        long first = consume(3, 0);
        long second = consume(10, 0);
        publish(5);
        handed();
        node.apply(new CloseChannel(node.connection, 1, List.of(new Sent(first, new long[] {0, 1}))));
        assertEquals(
                List.of(0L, 2L, 3L),
                node.delivered.stream().map(Delivery::firstSeq).toList());
        assertEquals(
                List.of(true, false, false),
                node.delivered.stream().map(Delivery::redelivered).toList());
        assertEquals(Map.of(second, 5L), handed());
    }

    @Test
    void oneOfAHigherPriorityTakesOverWhenNothingIsHeld() {
        single();
        long first = consume(3, 0);
        publish(10);
        handed();
        long better = consume(3, 5);
        assertEquals(Map.of(), handed());
        assertEquals(List.of(false, false), active());
        settle(first, 0, 2, Settle.Outcome.ACK);
        assertEquals(Map.of(better, 3L), handed());
        assertEquals(List.of(false, true), active());
        consume(3, 5);
        settle(better, 3, 5, Settle.Outcome.ACK);
        assertEquals(List.of(better), List.copyOf(handed().keySet()), "one of the same priority waits");
    }

    /** Nobody else says anything meanwhile. */
    @Test
    void whoIsActiveAgainIsGivenWhatWaits() {
        single();
        long first = consume(10, 0);
        publish(1);
        long better = consume(10, 5);
        publish(5);
        assertEquals(Map.of(first, 1L), handed());
        node.apply(new Cancel(better));
        assertEquals(Map.of(first, 5L), handed());
    }

    @Test
    void whenTheLastHasGoneTheNextToComeIsActive() {
        single();
        long first = consume(3, 0);
        node.apply(new Cancel(first));
        publish(1);
        assertEquals(Map.of(), handed());
        long next = consume(3, 0);
        assertEquals(Map.of(next, 1L), handed());
    }

    @Test
    void getAndExclusiveDoNotFitASingleActiveConsumer() {
        single();
        publish(1);
        Reply.Rejected r = (Reply.Rejected) node.apply(new Get(node.connection, 1, "/", "q", false));
        assertEquals(405, r.code());
        assertEquals(
                "queue 'q' in vhost '/' has a single active consumer: basic.get would take messages beside it; consume"
                        + " instead",
                r.text());
        ConsumerSpec exclusive = new ConsumerSpec("t", false, true, 1, 1, Arguments.NONE);
        Reply.Rejected e = (Reply.Rejected) node.apply(new Subscribe(node.connection, 1, "/", "q", exclusive));
        assertEquals(403, e.code());
    }

    @Test
    void itIsYesOrNo() {
        Reply.Rejected r = (Reply.Rejected) node.declare("q", Map.of("x-single-active-consumer", "yes"));
        assertEquals(
                "invalid arg 'x-single-active-consumer' for queue 'q' in vhost '/': bool expected, longstr received",
                r.text());
        node.declare("q", Map.of("x-single-active-consumer", false));
    }
}
