package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.store.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Publishes that have names and are not plain: they call off, answer, repeat a key, or come with others in a transaction. */
class OddNamesTest {
    private static final Route Q = new Route("/", "", "q");

    private OneNode node;
    private int channel = 10;

    /** A publish of a message with what is beside its body. */
    private record Message(Extension extension, String key) {}

    @BeforeEach
    void start() {
        node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
        node.raise(VoidPublish.LEVEL);
        node.declare("q");
    }

    private Publish run(Route route, Message... messages) {
        ByteWriter w = new ByteWriter(256);
        for (Message m : messages) {
            byte[] more = m.extension.encode();
            byte[] properties = properties(m.key);
            MessageRecord.writeHeader(w, 0, 0, more.length, properties.length, 1);
            w.raw(more, 0, more.length).raw(properties, 0, properties.length).uint8('x');
        }
        ByteWriter from =
                new ByteWriter(16).varint(1).varint(node.connection.number()).varint(1);
        from.varint(1).varint(messages.length).varint(0);
        Origins origins = new Origins(new ByteReader(from.toBytes()), node.connection.node());
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, origins);
    }

    private static byte[] properties(String key) {
        if (key.isEmpty()) {
            return new byte[2];
        }
        ByteWriter table = new ByteWriter();
        table.uint8("x-deduplication-header".length()).raw("x-deduplication-header".getBytes(), 0, 22);
        byte[] value = key.getBytes(StandardCharsets.UTF_8);
        table.uint8('S').int32(value.length).raw(value, 0, value.length);
        ByteWriter w = new ByteWriter().uint16(1 << 13);
        return w.int32(table.size()).raw(table.array(), 0, table.size()).toBytes();
    }

    private static Message named(long seq) {
        return new Message(Extension.NONE.with(Terms.named("p", seq)), "");
    }

    private static Message keyed(long seq, String key) {
        return new Message(seq == 0 ? Extension.NONE : Extension.NONE.with(Terms.named("p", seq)), key);
    }

    private static Extension at(long delay) {
        return new Extension(List.of(), 0, -1, false, new Extension.Later(delay, 0, "job"));
    }

    private Reply commit(Message... messages) {
        return node.apply(new CommitTx(node.connection, ++channel, List.of(), run(Q, messages)));
    }

    private String outcome(long seq) {
        return node.machine.receipts().receipt("/", "p", seq).outcome();
    }

    /** A client that heard nothing publishes both again: what came second stays. */
    @Test
    void whatCallsOffIsDecidedLikeAnythingElse() {
        Message off = new Message(at(-1).with(Terms.named("p", 1)), "");
        Message on = new Message(at(60_000).with(Terms.named("p", 2)), "");
        for (int i = 0; i < 2; i++) {
            node.apply(run(new Route("/", "amq.schedule", ""), off));
            node.apply(run(Q, on));
        }
        assertEquals(1, node.machine.scheduled(null, 10).items().size());
        assertEquals("stored", outcome(2));
        assertTrue(node.machine.receipts().receipt("/", "p", 1).isFinal());
    }

    @Test
    void aDirectReplyThatIsCopiedToAQueueComesThereOnce() {
        node.apply(new ConsumeReplies(node.connection, 1, "a"));
        Message copied = new Message(new Extension(List.of("q"), 0, -1).with(Terms.named("p", 1)), "");
        node.apply(run(new Route("/", "", DirectReplyTo.name("a")), copied));
        node.apply(run(new Route("/", "", DirectReplyTo.name("a")), copied));
        assertEquals(1, node.queue("q").ready());
    }

    @Test
    void aTransactionsOwnPublishesCountForItsConditions() {
        Message first = new Message(Extension.NONE.with(new Terms("", 0, -1, 1)), "");
        assertInstanceOf(Reply.Rejected.class, commit(first, first));
        assertEquals(0, node.queue("q").ready());
        assertEquals(Reply.OK, commit(first));
    }

    /** Carried out, the first one moves the window past the second. */
    @Test
    void whatIsADuplicateByItsKeyMovesTheWindowOfItsTransaction() {
        node.declare("d", Map.of("x-message-deduplication", true));
        Route d = new Route("/", "", "d");
        node.apply(run(d, keyed(0, "k")));
        Reply r = node.apply(
                new CommitTx(node.connection, ++channel, List.of(), run(d, keyed(5_000, "k"), keyed(1, "other"))));
        assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(0, node.refused.size());
        assertEquals(Reply.OK, commit(named(1)));
    }
}
