package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.ConsumeReplies;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.VoidPublish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.DirectReplyTo;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transaction whose commit-ok did not come is committed again, and some of its publishes had reached no queue: these never count as come. */
class RepeatedTxTest {
    private static final Route Q = new Route("/", "", "q");
    private static final Route NOWHERE = new Route("/", "", "nowhere");

    private final OneNode node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);
    /** A refused transaction ends its channel. */
    private int channel = 10;

    @BeforeEach
    void start() {
        node.raise(VoidPublish.LEVEL);
        node.declare("q");
    }

    /** Messages with these numbers, and ids if they are negative, by these routes. */
    private Reply commit(List<Route> routes, long... seqs) {
        ByteWriter w = new ByteWriter(256);
        for (int i = 0; i < seqs.length; i++) {
            byte[] more = seqs[i] < 0
                    ? new byte[0]
                    : Extension.NONE.with(Terms.named("p", seqs[i])).encode();
            byte[] properties = IdMessages.messageId(seqs[i] < 0 ? "id" + seqs[i] : null);
            MessageRecord.writeHeader(w, 0, i, more.length, properties.length, 1);
            w.raw(more, 0, more.length).raw(properties, 0, properties.length).uint8('x');
        }
        Publish p = new Publish(routes, w.array(), 0, w.size(), 0, Origins.NONE);
        return node.apply(new CommitTx(node.connection, ++channel, List.of(), p));
    }

    private static void assertRefused(Reply r) {
        Reply.Rejected some = assertInstanceOf(Reply.Rejected.class, r);
        assertEquals(406, some.code());
        assertTrue(some.text().contains("came before"), some.text());
    }

    @Test
    void whatReachedNoQueueIsNoneOfTheOthers() {
        assertEquals(Reply.OK, commit(List.of(Q, NOWHERE), 1, 2));
        assertEquals(Reply.OK, commit(List.of(Q, NOWHERE), 1, 2));
        assertEquals(1, node.queue("q").ready());
        assertEquals("unroutable", node.machine.receipts().receipt("/", "p", 2).outcome());
        assertEquals(1, node.machine.receipts().receipt("/", "p", 1).duplicates());
        assertRefused(commit(List.of(Q, NOWHERE, Q), 1, 2, 3));
        assertEquals(1, node.queue("q").ready());
    }

    /** It may come again, as ever. */
    @Test
    void alsoIfThereIsAQueueByNow() {
        assertEquals(Reply.OK, commit(List.of(Q, NOWHERE), 1, 2));
        node.declare("nowhere");
        assertRefused(commit(List.of(Q, Q), 1, 3));
        node.restart();
        assertEquals(Reply.OK, commit(List.of(Q, NOWHERE), 1, 2));
        assertEquals(1, node.queue("q").ready());
        assertEquals(1, node.queue("nowhere").ready());
        assertEquals(Reply.OK, commit(List.of(Q, NOWHERE), 1, 2));
        assertEquals(1, node.queue("nowhere").ready());
    }

    /** Each is known, however many there are. */
    @Test
    void alsoIfTheyAreMany() {
        List<Route> routes = new ArrayList<>();
        long[] seqs = LongStream.rangeClosed(1, 300).toArray();
        for (long seq : seqs) {
            routes.add(seq <= 30 ? Q : NOWHERE);
        }
        assertEquals(Reply.OK, commit(routes, seqs));
        node.declare("nowhere");
        node.restart();
        assertEquals(Reply.OK, commit(routes, seqs));
        assertEquals(30, node.queue("q").ready());
        assertEquals(270, node.queue("nowhere").ready());
    }

    @Test
    void aDirectReplyIsStoredNowhere() {
        node.apply(new ConsumeReplies(node.connection, 3, "a"));
        List<Route> routes = List.of(Q, new Route("/", "", DirectReplyTo.name("a")));
        assertEquals(Reply.OK, commit(routes, 1, 2));
        assertEquals(Reply.OK, commit(routes, 1, 2));
        assertEquals(1, node.queue("q").ready());
    }

    @Test
    void theSameByIds() {
        node.apply(
                new DeclareExchange("/", "x", new ExchangeSpec("direct", true, false, false, Arguments.NONE), false));
        node.apply(IdMessages.policy("^x$", Map.of("dedup-id", "message-id")));
        node.bind("x", "q", "q");
        List<Route> routes = List.of(new Route("/", "x", "q"), new Route("/", "x", "nowhere"));
        assertEquals(Reply.OK, commit(routes, -1, -2));
        assertEquals(Reply.OK, commit(routes, -1, -2));
        assertEquals(1, node.queue("q").ready());
        assertRefused(commit(List.of(routes.get(0), routes.get(0)), -1, -3));
    }
}
