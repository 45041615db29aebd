package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.store.Keys;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A queue that goes, and what of it is neither ready nor held: letters on their way, messages that rest. */
class LastLettersTest extends OneNodeTest {
    private static final Route Q = new Route("/", "", "q");

    private void declare(String queue, Object... arguments) {
        Map<String, Object> a = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            a.put((String) arguments[i], arguments[i + 1]);
        }
        assertInstanceOf(Reply.QueueDeclared.class, node.declare(queue, a));
    }

    private void pass(long millis) {
        node.passed += millis;
        do {
            node.apply(new Probe(false));
        } while (node.machine.owes());
    }

    private Reply.Got got() {
        return (Reply.Got) node.apply(new Get(node.connection, 1, "/", "q", false));
    }

    private static Settle settle(Reply.Got got, Outcome how) {
        long seq = got.delivery().firstSeq();
        return new Settle(got.holder(), how, new long[] {seq, seq});
    }

    private DeleteQueue delete(boolean ifEmpty) {
        return new DeleteQueue(node.connection, "/", "q", false, ifEmpty);
    }

    /** A client's reject and its close are in one batch more often than not. */
    @Test
    void whatWasRejectedJustBeforeIsADeadLetterStill() {
        declare("q", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d");
        declare("d");
        node.apply(OneNode.messages(1, 20, Q));
        Settle reject = settle(got(), Outcome.DISCARD);
        node.begin();
        node.machine.apply(reject, node);
        assertEquals(new Reply.Removed(0), node.machine.apply(delete(true), node));
        node.end();
        pass(1);
        assertEquals(1, node.queue("d").ready());
        assertNothingLeft();
    }

    /** More than an entry moves. */
    @Test
    void manyLettersOutliveTheirQueueAndARestart() {
        declare("q", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d", "x-message-ttl", 10L);
        declare("d");
        node.apply(OneNode.messages(2_000, 20, Q));
        node.passed += 20;
        node.apply(new Probe(false));
        node.apply(delete(false));
        node.restart();
        long some = node.queue("d").ready();
        pass(1);
        node.restart();
        assertTrue(some < 1_900, some + " went at once");
        assertEquals(2_000, node.queue("d").ready());
        assertNothingLeft();
    }

    /** Where they would go is gone as well. */
    @Test
    void lettersGoWithTheirVirtualHost() {
        node.raise(5);
        var hash = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
        node.apply(new Administer("root", "", new FirstUser("root", hash, "/")));
        declare("q", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d", "x-message-ttl", 10L);
        declare("d");
        node.apply(OneNode.messages(2_000, 20, Q));
        node.passed += 20;
        node.apply(new Probe(false));
        assertTrue(node.queue("d").ready() < 1_900, "some wait for their way");
        assertEquals(Reply.OK, node.apply(new Administer("root", "", new DeleteVhost("/"))));
        for (int i = 0; node.machine.owes(); i++) {
            assertTrue(i < 1_000, "it ends");
            node.apply(new Probe(false));
            node.restart();
        }
        assertEquals(0, node.machine.queues().size());
        node.commit();
        store().scan(new byte[] {Keys.LEAVING}, (k, v) -> assertNull(k));
    }

    @Test
    void whatWasRejectedJustBeforeGoesWithItsVirtualHost() {
        node.raise(5);
        var hash = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
        node.apply(new Administer("root", "", new FirstUser("root", hash, "/")));
        declare("q", "x-dead-letter-exchange", "", "x-dead-letter-routing-key", "d");
        declare("d");
        node.apply(OneNode.messages(1, 20, Q));
        Settle reject = settle(got(), Outcome.DISCARD);
        node.begin();
        node.machine.apply(reject, node);
        node.machine.apply(new Administer("root", "", new DeleteVhost("/")), node);
        node.end();
        pass(1);
        assertEquals(0, node.machine.queues().size());
    }

    private void assertNothingLeft() {
        node.commit();
        store().scan(new byte[] {Keys.LEAVING}, (k, v) -> assertNull(k));
        assertEquals(1, node.machine.queues().size());
        assertFalse(node.machine.owes());
    }

    @Test
    void aQueueWithMessagesThatRestIsNotEmpty() {
        declare("q", "x-queue-type", "quorum", "x-delayed-retry-type", "all", "x-delayed-retry-min", 60_000L);
        node.apply(OneNode.messages(1, 20, Q));
        node.apply(settle(got(), Outcome.NACK_REQUEUE));
        assertEquals(
                406,
                assertInstanceOf(Reply.Rejected.class, node.apply(delete(true))).code());
    }

    @Test
    void aQueueWithLettersThatAreStuckIsNotEmpty() {
        declare(
                "q",
                "x-queue-type",
                "quorum",
                "x-dead-letter-strategy",
                "at-least-once",
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                "d");
        node.apply(OneNode.messages(1, 20, Q));
        node.apply(settle(got(), Outcome.DISCARD));
        assertEquals(
                406,
                assertInstanceOf(Reply.Rejected.class, node.apply(delete(true))).code());
    }

    /** What rests counts neither as a message nor with its bytes. */
    @Test
    void whatRestsTakesNoRoom() {
        declare(
                "q",
                "x-queue-type",
                "quorum",
                "x-max-length-bytes",
                1_000L,
                "x-delayed-retry-type",
                "all",
                "x-delayed-retry-min",
                60_000L);
        node.apply(OneNode.messages(10, 100, Q));
        for (int i = 0; i < 10; i++) {
            node.apply(settle(got(), Outcome.NACK_REQUEUE));
        }
        node.apply(OneNode.messages(1, 100, Q));
        assertEquals(1, node.queue("q").ready());
        node.restart();
        node.apply(OneNode.messages(9, 100, Q));
        assertEquals(10, node.queue("q").ready());
        node.apply(OneNode.messages(1, 100, Q));
        assertEquals(10, node.queue("q").ready());
    }
}
