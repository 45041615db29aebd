package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Qos;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.command.TakeBack;
import io.tallymq.broker.command.VoidId;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConsumerSpec;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Channels that have ended by an error, and limits that a channel's consumers have together; also after a restart. */
class ChannelStateTest extends OneNodeTest {
    private static final int CHANNEL = 1;

    @BeforeEach
    void declare() {
        node.declare("a");
        node.declare("b");
    }

    private Reply ask(int channel, Command c) {
        return node.apply(new OnChannel(node.connection, channel, c));
    }

    /** Messages of one channel, in one entry. */
    private void publish(int channel, String exchange, String... keys) {
        Route[] routes = new Route[keys.length];
        for (int i = 0; i < keys.length; i++) {
            routes[i] = new Route("/", keys[i].isEmpty() ? exchange : "", keys[i]);
        }
        Publish p = OneNode.messages(keys.length, 10, routes);
        ByteWriter w = new ByteWriter(16);
        w.varint(1)
                .varint(node.connection.number())
                .varint(channel)
                .varint(1)
                .varint(keys.length)
                .varint(0);
        Origins origins = new Origins(new ByteReader(w.toBytes()), "n1");
        node.apply(new Publish(p.routes(), p.bytes(), p.offset(), p.end(), p.first(), origins));
    }

    private long ready(String queue) {
        return node.queue(queue).ready();
    }

    @Test
    void aRefusedPublishEndsItsChannelUntilThatIsClosed() {
        publish(CHANNEL, "missing", "a", "", "a", "b");
        assertEquals(1, ready("a"));
        assertEquals(0, ready("b"));
        restart();
        publish(CHANNEL, "missing", "b");
        publish(CHANNEL + 1, "missing", "b");
        assertEquals(1, ready("b"));
        assertInstanceOf(Reply.Ignored.class, ask(CHANNEL, new PurgeQueue(node.connection, "/", "a")));
        assertEquals(1, ready("a"));
        node.apply(new CloseChannel(node.connection, CHANNEL, List.of()));
        restart();
        publish(CHANNEL, "missing", "b");
        assertEquals(2, ready("b"));
    }

    @Test
    void aRefusedCommandEndsItsChannelAndTheConnectionTakesItAlong() {
        assertInstanceOf(Reply.Rejected.class, ask(CHANNEL, new PurgeQueue(node.connection, "/", "none")));
        publish(CHANNEL, "missing", "a");
        assertEquals(0, ready("a"));
        node.apply(new CloseConnection(node.connection, List.of()));
        node.apply(new OpenConnection(node.connection, OneNode.info()));
        restart();
        publish(CHANNEL, "missing", "a");
        assertEquals(1, ready("a"));
    }

    @Test
    void whatIsSettledBehindTheEndGoesBackAsSent() {
        publish(CHANNEL, "missing", "a");
        Reply.Got got = (Reply.Got) ask(CHANNEL, new Get(node.connection, CHANNEL, "/", "a", false));
        ask(CHANNEL, new PurgeQueue(node.connection, "/", "none"));
        long seq = got.delivery().firstSeq();
        node.apply(new Settle(got.holder(), Settle.Outcome.ACK, new long[] {seq, seq}));
        node.apply(new CloseChannel(node.connection, CHANNEL, List.of()));
        Reply.Got again = (Reply.Got) ask(2, new Get(node.connection, 2, "/", "a", true));
        assertTrue(again.delivery().redelivered());
        ask(2, new PurgeQueue(node.connection, "/", "none"));
        node.apply(new Settle(again.holder(), Settle.Outcome.ACK, new long[] {seq, seq}));
        assertEquals(0, ready("a") + node.queue("a").unacked(), "what needs no ack was handed out");
    }

    private long consume(String queue, boolean noAck) {
        ConsumerSpec spec = new ConsumerSpec(queue, noAck, false, 0, 100, Arguments.NONE);
        return ((Reply.Subscribed) ask(CHANNEL, new Subscribe(node.connection, CHANNEL, "/", queue, spec))).consumer();
    }

    private void limit(int messages) {
        ask(CHANNEL, new Qos(node.connection, CHANNEL, messages));
    }

    private void settle(long holder, long first, long last) {
        node.apply(new Settle(holder, Settle.Outcome.ACK, new long[] {first, last}));
    }

    private long held() {
        return node.queue("a").unacked() + node.queue("b").unacked();
    }

    private void fill(String queue, int messages) {
        for (int i = 0; i < messages; i++) {
            publish(CHANNEL + 5, "missing", queue);
        }
    }

    @Test
    void consumersOfAChannelShareItsLimit() {
        limit(3);
        long a = consume("a", false);
        long b = consume("b", false);
        fill("a", 5);
        fill("b", 5);
        assertEquals(3, held());
        assertEquals(3, node.queue("a").unacked());
        restart();
        settle(a, 0, 0);
        settle(a, 1, 1);
        assertEquals(3, held());
        node.apply(new DeleteQueue(node.connection, "/", "a", false, false));
        assertEquals(3, node.queue("b").unacked());
        settle(b, 0, 1);
        assertEquals(3, node.queue("b").unacked());
        limit(0);
        assertEquals(3, node.queue("b").unacked());
        assertEquals(0, ready("b"));
    }

    @Test
    void whoComesToAChannelThatIsFullGetsNothing() {
        consume("a", false);
        fill("a", 3);
        fill("b", 2);
        limit(1);
        int before = node.delivered.size();
        consume("b", false);
        assertEquals(before, node.delivered.size(), "nothing was delivered, not even no messages");
        assertEquals(0, node.queue("b").unacked());
        assertEquals(2, ready("b"));
        restart();
    }

    @Test
    void whatACancelledConsumerLetsGoMakesRoomForTheOthersOfItsChannel() {
        limit(2);
        long a = consume("a", false);
        fill("a", 2);
        consume("b", false);
        fill("b", 2);
        node.apply(new Cancel(a));
        settle(a, 0, 0);
        assertEquals(1, node.queue("b").unacked());
        settle(a, 1, 1);
        assertEquals(2, node.queue("b").unacked(), "the last one, with which the consumer is forgotten");
    }

    @Test
    void whatAConsumerGivesBackMakesRoomForTheOthersOfItsChannel() {
        limit(2);
        long a = consume("a", false);
        fill("a", 2);
        consume("b", false);
        fill("b", 2);
        node.apply(new Cancel(a));
        node.apply(new TakeBack(a, new long[0]));
        assertEquals(2, node.queue("b").unacked());
    }

    @Test
    void aLimitThatComesLaterCountsWhatIsHeld() {
        long a = consume("a", false);
        fill("a", 1);
        limit(2);
        fill("a", 2);
        assertEquals(2, held());
        limit(3);
        assertEquals(3, held());
        limit(1);
        fill("a", 1);
        settle(a, 0, 1);
        assertEquals(1, held());
        settle(a, 2, 2);
        assertEquals(1, held());
        assertEquals(0, ready("a"));
    }

    @Test
    void consumersWithoutAcksWaitForRoomAndTakeNone() {
        limit(1);
        consume("a", true);
        consume("b", false);
        fill("a", 2);
        assertEquals(2, node.delivered.size());
        fill("b", 1);
        fill("a", 1);
        assertEquals(3, node.delivered.size());
    }

    /** Publishes that are commands end their channel by what would be a mistake of any publish, and not by a nack. */
    @Test
    void voidsAreAsPublishes() {
        node.raise(VoidPublish.LEVEL);
        assertInstanceOf(Reply.Rejected.class, ask(CHANNEL, new VoidId("/", "missing", "i", "", "")));
        publish(CHANNEL, "missing", "a");
        assertEquals(0, ready("a"), "it is behind the mistake");
        assertEquals(Reply.IGNORED, ask(CHANNEL, new VoidPublish("/", "p", 1, "", "")));
        assertEquals(0, node.machine.receipts().receipt("/", "p", 1).places().size());
        assertEquals("unseen", node.machine.receipts().receipt("/", "p", 1).outcome());
        int other = CHANNEL + 1;
        assertEquals(Reply.OK, ask(other, new VoidPublish("/", "p", 10_000, "", "")));
        Reply.Rejected nack = assertInstanceOf(Reply.Rejected.class, ask(other, new VoidPublish("/", "p", 1, "", "")));
        assertEquals(Reply.Reason.TOO_OLD, nack.reason());
        publish(other, "missing", "a");
        assertEquals(1, ready("a"), "a nack ends nothing");
    }
}
