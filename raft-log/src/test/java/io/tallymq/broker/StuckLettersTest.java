package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.view.BrokerView;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Dead letters that wait because they can't go where they are to go: there are not more and more of them. */
class StuckLettersTest {
    private static final int MOST = 8;
    private static final int OF_ONE = 4;

    private TwoNodes two = nodes(BrokerMachine.LEVELS.max(), MOST, OF_ONE);

    private static TwoNodes nodes(int level, int most, int ofOne) {
        StateLimits limits = StateLimits.DEFAULTS.with(StateLimit.DEAD_LETTERS, most, ofOne);
        TwoNodes two = new TwoNodes("stuck letters", MachineLimits.FORMAT_1.withState(limits));
        two.both(n -> {
            n.raise(level);
            return Reply.OK;
        });
        return two;
    }

    /** Its letters go to the queue "d", and wait for it. */
    private void declare(String queue, Object... arguments) {
        Map<String, Object> a = new TreeMap<>(Map.of(
                "x-queue-type",
                "quorum",
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                "d",
                "x-dead-letter-strategy",
                "at-least-once"));
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        assertInstanceOf(Reply.QueueDeclared.class, two.both(n -> n.declare(queue, a)));
    }

    private void publish(String queue, int messages) {
        for (int i = 0; i < messages; i++) {
            two.both(OneNode.messages(1, 20, new Route("/", "", queue)));
        }
    }

    private Reply get(String queue, boolean noAck) {
        return two.both(new Get(two.straight.connection, 9, "/", queue, noAck));
    }

    private void reject(String queue) {
        Reply.Got got = assertInstanceOf(Reply.Got.class, get(queue, false));
        long seq = got.delivery().firstSeq();
        two.both(new Settle(got.holder(), Settle.Outcome.DISCARD, new long[] {seq, seq}));
    }

    /** What consumers have is settled like that as long as they are given something. Returns how many messages that was. */
    private int settleAll(Settle.Outcome how) {
        int n = 0;
        for (var some = two.delivered(); !some.isEmpty(); some = two.delivered()) {
            for (Delivery d : some) {
                two.both(new Settle(d.holder(), how, new long[] {d.firstSeq(), d.firstSeq() + d.count() - 1}));
                n += d.count();
            }
        }
        return n;
    }

    private void pass(long millis) {
        two.both(n -> {
            n.passed += millis;
            return n.apply(new Probe(false));
        });
        while (two.straight.machine.owes()) {
            two.both(new Probe(false));
        }
    }

    private BrokerView.QueueInfo queue(String name) {
        return two.straight.queue(name);
    }

    private long letters(String queue) {
        return queue(queue).deadLetters().messages();
    }

    private long lost(String queue) {
        return queue(queue).counters().deaths().deadDropped();
    }

    @Test
    void theyTakeRoomWherePublishesAreRefused() {
        declare("q", "x-max-length", 3L, "x-overflow", "reject-publish");
        publish("q", 3);
        reject("q");
        reject("q");
        publish("q", 1);
        assertEquals(1, queue("q").ready());
        assertEquals(
                "queue 'q' in vhost '/' has no room: its limit is 3 messages (x-max-length); its 2 dead letters that wait"
                        + " count: see dead_letters_reason",
                two.straight.refused.get(0));
        assertEquals(
                "there is no queue with the name of routing key 'd'; they take the room of the queue's length limit: publishes"
                        + " are refused until they go",
                queue("q").deadLetters().reason());
        two.forget();
        two.both(n -> n.declare("d"));
        pass(2_000);
        assertEquals(2, queue("d").ready());
        publish("q", 2);
        assertEquals(Map.of(), two.straight.refused);
        assertEquals(3, queue("q").ready());
    }

    @Test
    void theirBytesTakeRoomToo() {
        declare("q", "x-max-length-bytes", 60L, "x-overflow", "reject-publish");
        publish("q", 3);
        reject("q");
        publish("q", 1);
        assertEquals(1, two.straight.refused.size());
        assertEquals(2, queue("q").ready());
    }

    /** Who drops the oldest messages drops the oldest letters; what is lost is counted, and what waits is told of. */
    @Test
    void ofDroppedMessagesTheOldestAreLost() {
        declare("q", "x-max-length", 1L);
        publish("q", 10);
        assertEquals(1, queue("q").ready());
        assertEquals(OF_ONE, letters("q"));
        assertEquals(10 - 1 - OF_ONE, lost("q"));
        assertEquals(OF_ONE, two.straight.machine.used(StateLimit.DEAD_LETTERS));
        assertEquals(
                "there is no queue with the name of routing key 'd'; 4 are stuck, the most that are kept: for each new one the"
                        + " oldest is lost (dead_letter_lost)",
                queue("q").deadLetters().reason());
        two.both(n -> n.declare("d"));
        pass(2_000);
        assertEquals(OF_ONE, queue("d").ready());
        assertEquals(0, two.straight.machine.used(StateLimit.DEAD_LETTERS));
        publish("q", 10);
        assertEquals(OF_ONE + 10, queue("d").ready());
        assertEquals(10 - 1 - OF_ONE, lost("q"));
    }

    /** A queue that drops its oldest goes on when its consumer rejects, and loses letters instead. */
    @Test
    void aQueueThatDropsGoesOnWhenItsConsumerRejects() {
        declare("q", "x-max-length", 100L);
        two.both(n -> n.consume("q", 1));
        publish("q", 10);
        assertEquals(10, settleAll(Settle.Outcome.DISCARD));
        assertEquals(OF_ONE, letters("q"));
        assertEquals(10 - OF_ONE, lost("q"));
    }

    /** In any other queue what nobody can take care of stays what it is: nothing is lost. */
    @Test
    void elseConsumersGetNothingBeyond() {
        declare("q");
        two.both(n -> n.consume("q", 1));
        publish("q", 10);
        assertEquals(OF_ONE, settleAll(Settle.Outcome.DISCARD));
        for (int i = 0; i < 5; i++) {
            pass(1_100); // they try again, and nobody gets something meanwhile
            assertEquals(0, settleAll(Settle.Outcome.DISCARD));
        }
        assertEquals(10 - OF_ONE, queue("q").ready());
        assertEquals(OF_ONE, letters("q"));
        assertEquals(0, lost("q"));
        assertEquals(
                "there is no queue with the name of routing key 'd'; 4 are stuck, the most that there may be: consumers get"
                        + " nothing more until they go",
                queue("q").deadLetters().reason());
        assertEquals(
                506, assertInstanceOf(Reply.Rejected.class, get("q", false)).code());
        assertInstanceOf(Reply.Got.class, get("q", true), "what is acked with its delivery is no letter");
        two.both(n -> n.declare("d"));
        pass(1_100);
        assertEquals(10 - OF_ONE - 1, settleAll(Settle.Outcome.DISCARD));
        pass(1_100);
        assertEquals(9, queue("d").ready());
    }

    @Test
    void nothingFailsTooOftenBeyond() {
        declare("q", "x-delivery-limit", 0L);
        two.both(n -> n.consume("q", 1));
        publish("q", 10);
        assertEquals(OF_ONE, settleAll(Settle.Outcome.REJECT_REQUEUE));
        assertEquals(10 - OF_ONE, queue("q").ready());
        assertEquals(OF_ONE, letters("q"));
    }

    /** What consumers have when it is enough dies as they say: nobody's settle is undone. */
    @Test
    void whatConsumersHaveMayStillDie() {
        declare("q");
        two.both(n -> n.consume("q", 7));
        publish("q", 20);
        assertEquals(7 + OF_ONE - 1, settleAll(Settle.Outcome.DISCARD));
        assertEquals(7 + OF_ONE - 1, letters("q"));
        assertEquals(20 - 7 - OF_ONE + 1, queue("q").ready());
    }

    @Test
    void thereAreSoManyOfAllQueues() {
        for (String queue : new String[] {"a", "b", "c"}) {
            declare(queue);
            two.both(n -> n.consume(queue, 1));
            publish(queue, 10);
            settleAll(Settle.Outcome.DISCARD);
        }
        assertEquals(MOST + 2, two.straight.machine.used(StateLimit.DEAD_LETTERS));
        assertEquals(2, letters("c"), "that the first is stuck was seen when the next was handed out");
        two.both(new DeleteQueue(two.straight.connection, "/", "a", false, false));
        assertEquals(OF_ONE + 2, two.straight.machine.used(StateLimit.DEAD_LETTERS));
        pass(1_100);
        settleAll(Settle.Outcome.DISCARD);
        assertEquals(OF_ONE, letters("c"));
    }

    /** Its oldest have no time to lose: what has expired makes room for what lives. */
    @Test
    void whatExpiresInAQueueThatDropsIsNotInTheWay() {
        two = nodes(BrokerMachine.LEVELS.max(), 500_000, 10_000);
        declare("q", "x-message-ttl", 100L, "x-max-length", 1_000_000L);
        for (int i = 0; i < 12; i++) {
            two.both(OneNode.messages(1_000, 0, new Route("/", "", "q")));
        }
        pass(200);
        pass(2_000);
        two.both(n -> n.consume("q", 10));
        publish("q", 1);
        assertEquals(1, settleAll(Settle.Outcome.ACK));
        assertEquals(10_000, letters("q"));
        assertEquals(2_000, lost("q"));
    }

    @Test
    void belowLevelFiveThereIsNoLimit() {
        two = nodes(4, MOST, OF_ONE);
        declare("q", "x-max-length", 1L);
        publish("q", 10);
        assertEquals(9, letters("q"));
        declare("r", "x-max-length", 3L, "x-overflow", "reject-publish");
        publish("r", 3);
        reject("r");
        publish("r", 1);
        assertEquals(3, queue("r").ready());
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            return Reply.OK;
        });
        pass(1_100);
        pass(1_100);
        assertEquals(OF_ONE, letters("q"));
        assertTrue(lost("q") > 0);
    }
}
