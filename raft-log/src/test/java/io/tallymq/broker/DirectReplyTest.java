package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.DropUpload;
import io.tallymq.broker.command.NodeUp;
import io.tallymq.broker.command.OnChannel;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Channels that consume from amq.rabbitmq.reply-to, as the replicated state has them. */
class DirectReplyTest {
    private static final Route TO_A = to("a");
    private static final Route TO_Q = new Route("/", "", "q");
    private static final ConnectionId OTHER = new ConnectionId("n1", 2);

    private final MemoryStore store = new MemoryStore(0);
    private final OneNode node = new OneNode(store, MachineLimits.FORMAT_1);

    private static Route to(String token) {
        return new Route("/", "", DirectReplyTo.name(token));
    }

    private Reply consume(int channel, String token) {
        return node.apply(new ConsumeReplies(node.connection, channel, token));
    }

    private Reply declare(String name) {
        QueueSpec spec = new QueueSpec(false, false, false, Arguments.NONE);
        return node.apply(new DeclareQueue(node.connection, "/", name, spec, true));
    }

    private int code(String token) {
        return declare(DirectReplyTo.name(token)) instanceof Reply.Rejected r ? r.code() : 200;
    }

    private void publish(Route... routes) {
        node.apply(OneNode.messages(routes.length, 5, routes));
    }

    private List<String> replies() {
        List<String> all = List.copyOf(node.replies);
        node.replies.clear();
        return all;
    }

    private static Publish message(Route route, int flags, List<String> copies, byte[] body) {
        byte[] extension = new Extension(copies, 0, -1).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, flags, 0, extension.length, 2, body.length);
        w.raw(extension, 0, extension.length).uint16(0).raw(body, 0, body.length);
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, Origins.NONE);
    }

    /** One whose body came before, of five bytes. */
    private Publish large(Route route, long upload, String... copies) {
        node.apply(new BodyPart(node.connection, upload, new byte[5], 0, 5));
        byte[] place = new ByteWriter().int64(upload).int64(0).int64(5).toBytes();
        return message(route, MessageRecord.EXTERNAL_BODY, List.of(copies), place);
    }

    private int stored(byte type) {
        node.commit();
        int[] n = {0};
        store.scan(Keys.of(type), (k, v) -> n[0]++);
        return n[0];
    }

    @Test
    void aReplyGoesToTheChannelAndIsNotStored() {
        assertEquals(Reply.OK, consume(3, "a"));
        publish(TO_A);
        assertEquals(List.of("0 to n1:1:3 a"), replies());
        assertEquals(0, stored(Keys.CHUNK));
        assertEquals(0, node.machine.totals().droppedUnroutable());
        assertEquals(List.of(), node.unroutable);
    }

    /** What goes to queues before and behind it is not moved by it. */
    @Test
    void repliesAmongOtherMessages() {
        node.declare("q");
        node.declare("r");
        consume(1, "a");
        publish(TO_Q, TO_Q, TO_A, TO_Q, TO_A, TO_A, new Route("/", "", "r"), TO_A);
        assertEquals(List.of("2 to n1:1:1 a", "4 to n1:1:1 a", "5 to n1:1:1 a", "7 to n1:1:1 a"), replies());
        assertEquals(3, node.queue("q").ready());
        assertEquals(1, node.queue("r").ready());
    }

    @Test
    void whoIsNotThereIsUnroutable() {
        consume(1, "a");
        node.apply(message(to("b"), MessageRecord.MANDATORY, List.of(), new byte[1]));
        assertEquals(List.of(0), node.unroutable);
        publish(
                to("b"),
                to(""),
                new Route("/", "", DirectReplyTo.QUEUE),
                new Route("/", "amq.direct", TO_A.routingKey()));
        assertEquals(List.of(), replies());
        assertEquals(4, node.machine.totals().droppedUnroutable());
        assertEquals(200, code("a"));
        assertEquals(404, code("b"));
        assertEquals(404, code(""));
        assertEquals(new Reply.QueueDeclared(DirectReplyTo.QUEUE, 0, 1), declare(DirectReplyTo.QUEUE));
        assertEquals(404, ((Reply.Rejected) declare(DirectReplyTo.QUEUE + "x")).code());
    }

    @Test
    void oneForEachChannelUntilItEnds() {
        consume(1, "a");
        assertEquals("reply consumer already set", ((Reply.Rejected) consume(1, "b")).text());
        assertEquals(Reply.OK, consume(2, "b"));
        assertInstanceOf(Reply.Rejected.class, consume(3, "b"), "a token names one channel");
        node.apply(new CloseChannel(node.connection, 2, List.of()));
        assertEquals(404, code("b"));
        assertEquals(Reply.OK, consume(1, ""));
        assertEquals(404, code("a"));
        assertEquals(Reply.OK, consume(1, "c"));
        publish(TO_A, to("c"));
        assertEquals(List.of("1 to n1:1:1 c"), replies());
    }

    @Test
    void goneWithItsConnectionAndItsNode() {
        node.apply(new OpenConnection(OTHER, OneNode.info()));
        node.apply(new ConsumeReplies(OTHER, 1, "o"));
        assertEquals(200, code("o"));
        node.apply(new CloseConnection(OTHER, List.of()));
        assertEquals(404, code("o"));
        consume(1, "a");
        node.begin();
        node.machine.apply(new NodeUp("n1", 2), node);
        node.end();
        assertEquals(0, stored(Keys.REPLY_CONSUMER));
        assertEquals(Reply.Reason.FENCED, ((Reply.Rejected) consume(1, "b")).reason());
    }

    /** The client is told that its channel ends: it hears nothing more there. */
    @Test
    void anEndedChannelHearsNothing() {
        consume(1, "a");
        node.apply(new OnChannel(node.connection, 1, new DeleteQueue(node.connection, "/", "q", false, false)));
        assertEquals(200, code("a"));
        node.apply(new OnChannel(
                node.connection,
                1,
                new DeclareQueue(
                        node.connection, "/", "missing", new QueueSpec(false, false, false, Arguments.NONE), true)));
        publish(TO_A);
        assertEquals(List.of(), replies());
        assertEquals(404, code("a"));
    }

    @Test
    void anotherVhostsIsNotReached() {
        ConnectionInfo i = OneNode.info();
        node.raise(Administer.LEVEL);
        node.apply(new Administer("a", "", new SetVhost("other", VhostSpec.PLAIN)));
        node.apply(new OpenConnection(
                OTHER,
                new ConnectionInfo(
                        i.name(), "other", i.user(), i.peer(), i.local(), i.negotiated(), i.clientProperties())));
        node.apply(new ConsumeReplies(OTHER, 1, "o"));
        publish(to("o"));
        assertEquals(List.of(), replies());
        assertEquals(404, code("o"));
        publish(new Route("other", "", DirectReplyTo.name("o")));
        assertEquals(List.of("0 to n1:2:1 o"), replies());
    }

    @Test
    void itComesBackFromTheStore() {
        consume(1, "a");
        consume(2, "b");
        consume(2, "");
        node.commit();
        long before = node.machine.digest();
        node.machine = new BrokerMachine(store.copy(), MachineLimits.FORMAT_1);
        assertEquals(before, node.machine.digest());
        publish(TO_A, to("b"));
        assertEquals(List.of("0 to n1:1:1 a"), replies());
        long with = node.machine.digest();
        consume(1, "");
        assertNotEquals(with, node.machine.digest(), "who consumes replies is in the digest");
    }

    /** The receiver's node reads the body and drops it. */
    @Test
    void aBodyInPartsIsTheReceivers() {
        node.apply(new OpenConnection(OTHER, OneNode.info()));
        node.apply(new ConsumeReplies(OTHER, 1, "o"));
        node.apply(large(to("o"), 7));
        assertEquals(List.of("0 to n1:2:1 o upload -1 shared 1"), replies());
        node.apply(new CloseConnection(node.connection, List.of()));
        assertEquals(1, stored(Keys.SHARED), "it does not go with who sent it");
        MemoryStore copy = store.copy();
        node.machine = new BrokerMachine(copy, MachineLimits.FORMAT_1);
        assertArrayEquals(new byte[5], copy.loadShared(1, 0));
        node.apply(new DropUpload(OTHER, -1));
        node.commit();
        assertNull(copy.loadShared(1, 0));
    }

    @Test
    void aBodyNobodyReadsGoesWithTheReceiver() {
        node.apply(new OpenConnection(OTHER, OneNode.info()));
        node.apply(new ConsumeReplies(OTHER, 1, "o"));
        node.apply(large(to("o"), 7));
        node.apply(large(to("o"), 8));
        node.apply(new DropUpload(OTHER, -1));
        assertEquals(1, stored(Keys.SHARED));
        node.apply(new CloseConnection(OTHER, List.of()));
        assertEquals(0, stored(Keys.SHARED));
        assertEquals(0, stored(Keys.UPLOAD));
    }

    @Test
    void anIncompleteBodyIsRefused() {
        consume(1, "a");
        byte[] place = new ByteWriter().int64(9).int64(0).int64(5).toBytes();
        node.apply(message(TO_A, MessageRecord.EXTERNAL_BODY, List.of(), place));
        assertEquals(List.of(), replies());
        assertEquals(1, node.refused.size());
    }

    /** CC takes a reply to queues, too; not one in parts, whose body would have to be there for both. */
    @Test
    void alsoToQueues() {
        node.declare("q");
        consume(1, "a");
        node.apply(message(TO_A, 0, List.of("q"), new byte[3]));
        assertEquals(List.of("0 to n1:1:1 a"), replies());
        assertEquals(1, node.queue("q").ready());
        node.apply(large(TO_A, 7, "q"));
        assertEquals(List.of(), replies());
        assertEquals(1, node.queue("q").ready());
        assertEquals(
                "a reply whose body comes in parts can not go to queues (CC, BCC) as well: publish it to those by itself",
                node.refused.get(0));
        assertEquals(0, stored(Keys.UPLOAD));
        assertEquals(0, stored(Keys.SHARED));
    }

    /** There is no place where it could wait. */
    @Test
    void itIsNotHeldBack() {
        consume(1, "a");
        byte[] later = new Extension(List.of(), 0, -1, false, new Extension.Later(60_000, 0, "")).encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, later.length, 2, 0);
        w.raw(later, 0, later.length).uint16(0);
        node.apply(new Publish(List.of(TO_A), w.array(), 0, w.size(), 0, Origins.NONE));
        assertEquals(List.of("0 to n1:1:1 a"), replies());
        assertEquals(0, stored(Keys.SCHEDULED));
    }

    @Test
    void withinTransactions() {
        consume(1, "a");
        Publish one = message(TO_A, 0, List.of(), new byte[3]);
        assertEquals(Reply.OK, node.apply(new CommitTx(node.connection, 2, List.of(), one)));
        assertEquals(List.of("0 to n1:1:1 a"), replies());
        Publish large = large(TO_A, 7);
        assertEquals(Reply.OK, node.apply(new CommitTx(node.connection, 2, List.of(), large)));
        assertEquals(List.of("0 to n1:1:1 a upload -1 shared 1"), replies());
        node.declare("q");
        Publish both = large(TO_A, 8, "q");
        assertInstanceOf(Reply.Rejected.class, node.apply(new CommitTx(node.connection, 2, List.of(), both)));
        assertEquals(List.of(), replies());
        assertEquals(1, stored(Keys.UPLOAD), "the first one's, which nobody has dropped yet");
    }

    @Test
    void thereAreOnlySoMany() {
        MachineLimits two = MachineLimits.FORMAT_1.withState(FewThings.of(9, 9, 9, 2, 9, 9, 9));
        OneNode small = new OneNode(new MemoryStore(0), two);
        for (int channel = 1; channel <= 3; channel++) {
            Reply r = small.apply(new ConsumeReplies(small.connection, channel, "t" + channel));
            assertEquals(channel == 3, r instanceof Reply.Rejected, "channel " + channel);
        }
    }
}
