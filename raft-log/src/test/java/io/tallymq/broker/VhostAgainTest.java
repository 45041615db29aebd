package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
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
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A virtual host is deleted, and another one gets its name: nothing of the first comes into it. */
class VhostAgainTest {
    private static final Route Q = new Route("/", "", "q");
    private static final int MANY = 5_000;

    private final OneNode node = new OneNode(new MemoryStore(), MachineLimits.FORMAT_1);

    @BeforeEach
    void start() {
        node.raise(VoidPublish.LEVEL);
        var hash = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
        node.apply(new Administer("root", "", new FirstUser("root", hash, "/")));
        node.declare("q");
        node.declare("r");
    }

    /** The exchange is gone before the queue is, and with it its binding, which lies there until the entry is done. */
    @Test
    void anExchangeThatGoesWithItsLastBindingLeavesNothingOfItsVhost() {
        ExchangeSpec spec = new ExchangeSpec("direct", true, true, false, Arguments.NONE);
        assertEquals(Reply.OK, node.apply(new DeclareExchange("/", "x", spec, false)));
        assertEquals(Reply.OK, node.bind("x", "q"));
        delete();
        while (node.machine.owes()) {
            node.apply(new Probe(false));
            node.commit();
        }
        node.commit();
        assertEquals(0, node.machine.exchanges(null, 10).items().size(), "exchanges of no vhost");
        assertEquals(
                new BrokerMachine(node.memory.copy(), MachineLimits.FORMAT_1).digest(),
                node.machine.digest(),
                "as who starts now");
    }

    private void publish(String words) {
        node.apply(SomeReports.run(
                Origins.NONE,
                Q,
                IntStream.range(0, MANY)
                        .mapToObj(i -> SomeReports.Message.of("m" + i, "r", words))
                        .toList()));
    }

    private void delete() {
        assertEquals(Reply.OK, node.apply(new Administer("root", "", new DeleteVhost("/"))));
    }

    private boolean isMadeAgain() {
        Reply r = node.apply(new Administer("root", "", new SetVhost("/", VhostSpec.PLAIN)));
        if (r instanceof Reply.Rejected not) {
            assertTrue(not.text().contains("is being deleted"), not.text());
        }
        return r instanceof Reply.Changed;
    }

    /** As soon as that is possible; then all that is owed is done. */
    private void makeAgain() {
        for (int i = 0; !isMadeAgain(); i++) {
            assertTrue(i < 1_000, "it ends");
            node.restart();
        }
        assertInstanceOf(Reply.QueueDeclared.class, node.declare("r"));
        while (node.machine.owes()) {
            node.apply(new Probe(false));
        }
    }

    @Test
    void reportsThatAreKeptGoWithIt() {
        publish("stored");
        assertTrue(node.queue("r").ready() < MANY, "some wait");
        delete();
        makeAgain();
        assertEquals(0, node.queue("r").ready());
        assertEquals(
                MANY, node.machine.reports().told() + node.machine.reports().lost());
    }

    @Test
    void whatItsQueuesHadIsNotToldInTheNext() {
        publish("dropped");
        delete();
        makeAgain();
        assertEquals(0, node.queue("r").ready());
        assertEquals(MANY, node.machine.reports().lost());
    }

    /** The queue goes first, and is still on its way when its virtual host goes. */
    @Test
    void alsoNotWhatAQueueHadThatWentBefore() {
        publish("dropped");
        node.begin();
        node.machine.apply(new DeleteQueue(node.connection, "/", "q", false, false), node);
        node.machine.apply(new Administer("root", "", new DeleteVhost("/")), node);
        node.end();
        makeAgain();
        assertEquals(0, node.queue("r").ready());
    }

    /** Letters that wait for a queue of the same name are still there when the queue that they died in is gone. */
    @Test
    void lettersOfAQueueThatWentBeforeGoWithIt() {
        node.declare(
                "dying",
                Map.of(
                        "x-dead-letter-exchange", "",
                        "x-dead-letter-routing-key", "r",
                        "x-dead-letter-strategy", "at-least-once",
                        "x-overflow", "reject-publish",
                        "x-message-ttl", 10L));
        node.apply(OneNode.messages(2_000, 20, new Route("/", "", "dying")));
        node.passed += 20;
        node.apply(new Probe(false));
        node.begin();
        node.machine.apply(new DeleteQueue(node.connection, "/", "dying", false, false), node);
        node.machine.apply(new Administer("root", "", new DeleteVhost("/")), node);
        node.end();
        makeAgain();
        node.passed += 10_000;
        node.apply(new Probe(false));
        assertEquals(0, node.queue("r").ready());
    }

    /** What would call a scheduled message off comes behind the end of its virtual host: nobody is known for that. */
    @Test
    void whoPublishesBehindItsEndIsNoProducerOfTheNext() {
        byte[] more = new Extension(List.of(), 0, -1, false, new Extension.Later(-1, 0, "job"))
                .with(Terms.named("p", 7))
                .encode();
        ByteWriter w = new ByteWriter();
        MessageRecord.writeHeader(w, 0, 0, more.length, 2, 0);
        w.raw(more, 0, more.length).uint16(0);
        Route off = new Route("/", "amq.schedule", "");
        Publish p = new Publish(List.of(off), w.array(), 0, w.size(), 0, Origins.NONE);
        node.begin();
        node.machine.apply(new Administer("root", "", new DeleteVhost("/")), node);
        node.machine.apply(p, node);
        node.end();
        assertEquals("vhost '/' is deleted", node.refused.get(0));
        makeAgain();
        assertNull(node.machine.receipts().producer("/", "p"));
    }
}
