package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Dead letters for queues that refuse what is too much: as RabbitMQ's, those with reject-publish-dlx hand them on to their own dead letters. */
class FullTargetsTest {
    private static final String[] HANDS_ON = {"x-overflow", "reject-publish-dlx"};

    private TwoNodes two = nodes(BrokerMachine.LEVELS.max());

    private static TwoNodes nodes(int level) {
        TwoNodes two = new TwoNodes("full targets", MachineLimits.FORMAT_1);
        two.both(n -> {
            n.raise(level);
            return Reply.OK;
        });
        return two;
    }

    private void declare(String queue, Object... arguments) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        assertInstanceOf(Reply.QueueDeclared.class, two.both(n -> n.declare(queue, a)));
    }

    /** Its letters go to another one by the default exchange. */
    private void declareTo(String queue, String to, Object... more) {
        Object[] all = new Object[more.length + 4];
        System.arraycopy(more, 0, all, 4, more.length);
        all[0] = "x-dead-letter-exchange";
        all[1] = "";
        all[2] = "x-dead-letter-routing-key";
        all[3] = to;
        declare(queue, all);
    }

    private void handsOn(String queue, String to, long most) {
        declareTo(queue, to, "x-max-length", most, HANDS_ON[0], HANDS_ON[1]);
    }

    private void publish(String queue, int messages) {
        two.both(OneNode.messages(messages, 20, new Route("/", "", queue)));
    }

    private void expire() {
        two.both(n -> {
            n.passed += 1_000;
            return n.apply(new Probe(false));
        });
        while (two.straight.machine.owes()) {
            two.both(new Probe(false));
        }
    }

    private long ready(String queue) {
        return two.straight.queue(queue).ready();
    }

    private long sent(String queue) {
        return two.straight.queue(queue).counters().deaths().deadLettered();
    }

    private long lost(String queue) {
        return two.straight.queue(queue).counters().deaths().deadDropped();
    }

    private long copiesLost(String queue) {
        return two.straight.queue(queue).counters().deaths().copiesLost();
    }

    private Reply.Got get(String queue) {
        return (Reply.Got) two.both(new Get(two.straight.connection, 1, "/", queue, false));
    }

    private List<?> deaths(Reply.Got got) {
        ChunkBody body = two.straight.memory.load(got.delivery().chunk());
        int at = body.at(got.delivery().from());
        return (List<?>) MessageHeaders.decode(
                        body.bytes(),
                        MessageRecord.propertiesOffset(body.bytes(), at),
                        MessageRecord.propertiesLength(body.bytes(), at))
                .get("x-death");
    }

    private static String text(Object death) {
        Map<?, ?> d = (Map<?, ?>) death;
        return d.get("queue") + " " + d.get("reason") + " " + d.get("count");
    }

    @Test
    void whatTheyHaveNoRoomForGoesOn() {
        declareTo("a", "b", "x-message-ttl", 100L);
        handsOn("b", "c", 10);
        declare("c");
        publish("a", 20);
        expire();
        assertEquals(10, ready("b"));
        assertEquals(10, ready("c"));
        assertEquals(0, lost("a") + lost("b"));
        assertEquals(20, sent("a"));
        assertEquals(10, sent("b"));
        assertEquals(
                List.of("b maxlen 1", "a expired 1"),
                deaths(get("c")).stream().map(FullTargetsTest::text).toList());
    }

    /** Of several queues each that has no room and hands nothing on misses the letter, which others get. */
    @Test
    void eachCopyThatIsLostIsCounted() {
        declare("a", "x-message-ttl", 100L, "x-dead-letter-exchange", "amq.fanout");
        declare("b", "x-max-length", 1L, "x-overflow", "reject-publish");
        declare("c", "x-max-length", 2L, "x-overflow", "reject-publish");
        declare("d");
        for (String queue : List.of("b", "c", "d")) {
            two.both(n -> n.bind("amq.fanout", queue));
        }
        publish("a", 5);
        expire();
        assertEquals(List.of(1L, 2L, 5L), List.of(ready("b"), ready("c"), ready("d")));
        assertEquals(5, sent("a"));
        assertEquals(0, lost("a"), "all of them went on");
        assertEquals(4 + 3, copiesLost("a"));
        assertEquals(7, two.straight.machine.totals().deaths().copiesLost());
        two.both(n -> n.apply(new DeleteQueue(n.connection, "/", "d", false, false)));
        publish("a", 5);
        expire();
        assertEquals(5, lost("a"), "none went on");
        assertEquals(7, copiesLost("a"));
        two.both(n -> n.apply(new DeleteQueue(n.connection, "/", "a", false, false)));
        assertEquals(7, two.straight.machine.totals().deaths().copiesLost());
    }

    /** From full queue to full queue, until there is room or it comes round. */
    @Test
    void andOnUntilItComesRound() {
        declareTo("a", "b", "x-message-ttl", 100L);
        handsOn("b", "c", 1);
        handsOn("c", "d", 1);
        handsOn("d", "b", 1);
        publish("a", 10);
        expire();
        assertEquals(3, ready("b") + ready("c") + ready("d"));
        assertEquals(10, sent("a"));
        assertEquals(7, lost("d"), "of b they came");
        assertEquals(0, lost("a") + lost("b") + lost("c"));
    }

    @Test
    void whatAPublisherIsRefusedGoesOnAsWell() {
        handsOn("b", "c", 1);
        handsOn("c", "d", 1);
        declare("d");
        publish("b", 5);
        assertEquals(4, two.straight.refused.size());
        assertEquals(3, ready("d"));
        assertEquals(4, sent("b"));
        assertEquals(3, sent("c"));
        assertEquals(0, lost("b") + lost("c"));
    }

    @Test
    void whoHandsNothingOnLosesThem() {
        declareTo("a", "b", "x-message-ttl", 100L);
        declareTo("b", "c", "x-max-length", 1L, "x-overflow", "reject-publish");
        declare("c");
        publish("a", 5);
        expire();
        assertEquals(0, ready("c"));
        assertEquals(4, lost("a"));
    }

    /** With at-least-once they wait for room: the queue that they are for gets them. */
    @Test
    void whoWaitsForRoomIsNotRefused() {
        declareTo("a", "b", "x-queue-type", "quorum", "x-message-ttl", 100L, "x-dead-letter-strategy", "at-least-once");
        handsOn("b", "c", 1);
        declare("c");
        publish("a", 3);
        expire();
        assertEquals(0, ready("c"));
        assertEquals(2, two.straight.queue("a").deadLetters().messages());
    }

    @Test
    void largeBodiesGoOnWithoutBeingCopied() {
        declareTo("a", "b");
        handsOn("b", "c", 0);
        declare("c");
        byte[] part = new byte[50];
        two.both(n -> n.apply(new BodyPart(n.connection, 1, part, 0, part.length)));
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, MessageRecord.EXTERNAL_BODY, 0, 2, MessageRecord.EXTERNAL_LENGTH);
        w.uint16(0).int64(1).int64(0).int64(50);
        two.both(new Publish(List.of(new Route("/", "", "a")), w.array(), 0, w.size(), 0, Origins.NONE));
        Reply.Got a = get("a");
        two.both(new Settle(a.holder(), Settle.Outcome.DISCARD, new long[] {0, 0}));
        two.straight.commit();
        Reply.Got c = get("c");
        ChunkBody body = two.straight.memory.load(c.delivery().chunk());
        long id = MessageRecord.externalId(body.bytes(), body.at(0));
        assertEquals(50, two.straight.memory.loadShared(id, 0).length);
        two.both(new Settle(c.holder(), Settle.Outcome.ACK, new long[] {0, 0}));
        two.straight.commit();
        assertNull(two.straight.memory.loadShared(id, 0), "nobody has it any more");
    }

    /** Each of many full queues hands each letter on to all of them: an entry does a bounded part of that. */
    @Test
    void anEntryDoesSoMuchOfIt() {
        declare("a", "x-message-ttl", 100L, "x-dead-letter-exchange", "amq.fanout");
        for (int i = 0; i < 40; i++) {
            String queue = "f" + i;
            declare(queue, "x-dead-letter-exchange", "amq.fanout", "x-max-length", 0L, HANDS_ON[0], HANDS_ON[1]);
            two.both(n -> n.bind("amq.fanout", queue));
        }
        publish("a", 2);
        expire();
        long lost = 0;
        for (int i = 0; i < 40; i++) {
            lost += lost("f" + i);
        }
        assertEquals(2, sent("a"));
        assertEquals(
                0,
                two.straight.machine.queues().stream()
                        .filter(q -> q.name().startsWith("f"))
                        .mapToLong(q -> q.ready())
                        .sum());
        assertTrue(lost > 0 && lost < 200_000, "lost " + lost);
    }

    @Test
    void belowLevelFiveTheyAreLost() {
        two = nodes(4);
        declareTo("a", "b", "x-message-ttl", 100L);
        handsOn("b", "c", 1);
        declare("c");
        publish("a", 5);
        expire();
        assertEquals(0, ready("c"));
        assertEquals(4, lost("a"));
    }
}
