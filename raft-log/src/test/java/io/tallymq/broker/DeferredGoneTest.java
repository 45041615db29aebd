package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle.Outcome;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.store.Keys;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many deferred messages whose queue is purged or deleted: gone for everybody at once, but no entry does much with them. */
class DeferredGoneTest {
    private static final int MANY = 6_000;
    private static final HeaderOverlay NOTE = SomeHeaders.of("step", "1");
    /** Per unit: the records of the token, of the headers and of attempts and settled bits; and those of the queue. */
    private static final long MOST = 4L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50;

    private final CountedNode counted = new CountedNode(MOST);
    private final OneNode node = counted.node;

    /** Half of them have headers as well. */
    @BeforeEach
    void manyAside() {
        node.raise(BrokerMachine.LEVELS.max());
        node.apply(new Administer(
                "root",
                "",
                new FirstUser("guest", new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA=="), "/")));
        node.declare("q");
        long holder = ((Reply.Subscribed) node.consume("q", MANY)).consumer();
        node.apply(new Credit(holder, MANY));
        node.apply(OneNode.messages(MANY, 10, new Route("/", "", "q")));
        for (long seq = 0; seq < MANY; seq++) {
            assertEquals(Reply.OK, node.apply(defer(holder, seq, "t" + seq, seq % 2 == 0 ? NOTE : null)));
        }
        node.commit();
        assertEquals(MANY, node.queue("q").deferred());
        assertEquals(MANY, stored(Keys.DEFERRED));
        counted.store().reset();
    }

    private int stored(byte type) {
        List<byte[]> all = new ArrayList<>();
        counted.memory().scan(Keys.of(type), (k, v) -> all.add(k));
        return all.size();
    }

    private static SettleWith defer(long holder, long seq, String token, HeaderOverlay note) {
        return new SettleWith(holder, Outcome.NACK_REQUEUE, seq, 0, note, new SettleWith.Defer(token, "", null));
    }

    private Reply take(String token) {
        return counted.apply(new Get(node.connection, 7, "/", "amq.deferred." + token, false));
    }

    private PurgeQueue purge() {
        return new PurgeQueue(node.connection, "/", "q");
    }

    private DeleteQueue delete() {
        return new DeleteQueue(node.connection, "/", "q", false, false);
    }

    private void assertSettles() {
        assertTrue(counted.settle() >= MANY / WorkLimits.DEFAULTS.perEntry() / 2);
        counted.assertEmpty(Keys.DEFERRED, Keys.OVERLAY, Keys.ATTEMPTS, Keys.CHUNK);
        node.declare("q");
        node.apply(OneNode.messages(1, 10, new Route("/", "", "q")));
        Reply.Got got = assertInstanceOf(Reply.Got.class, node.apply(new Get(node.connection, 3, "/", "q", false)));
        Delivery d = got.delivery();
        assertEquals(Reply.OK, node.apply(defer(d.holder(), d.firstSeq(), "t1", null)), "its token is free");
        assertEquals(1, node.queue("q").deferred());
    }

    @Test
    void aPurgeIsDoneBySeveralEntries() {
        node.apply(new CloseConnection(node.connection, List.of()));
        node.apply(new OpenConnection(node.connection, OneNode.info()));
        assertEquals(new Reply.Removed(MANY), counted.apply(purge()));
        assertEquals(0, node.queue("q").deferred());
        assertEquals(0, node.queue("q").ready());
        assertEquals(0, node.queue("q").readyBytes());
        assertEquals(Reply.EMPTY, take("t5999"));
        counted.restart();
        assertEquals(Reply.EMPTY, take("t5999"));
        assertSettles();
    }

    /** Between a purge and its end others have the token, here and after a restart. */
    @Test
    void aTokenIsFreeAsSoonAsItsMessageIsPurged() {
        counted.apply(purge());
        node.apply(OneNode.messages(1, 10, new Route("/", "", "q")));
        Delivery d = node.delivered.get(node.delivered.size() - 1);
        assertEquals(Reply.OK, counted.apply(defer(d.holder(), d.firstSeq(), "t5999", null)));
        counted.restart();
        assertEquals(1, node.queue("q").deferred());
        Reply.Got got = assertInstanceOf(Reply.Got.class, take("t5999"));
        assertEquals(d.firstSeq(), got.delivery().firstSeq());
        counted.settle();
        counted.assertEmpty(Keys.DEFERRED, Keys.OVERLAY);
    }

    @Test
    void aDeleteIsDoneBySeveralEntries() {
        counted.apply(delete());
        assertEquals(Reply.EMPTY, take("t5999"));
        assertSettles();
    }

    @Test
    void aQueueIsDeletedWhileAPurgeOfItGoesOn() {
        counted.apply(purge());
        counted.restart();
        counted.apply(delete());
        counted.restart();
        assertSettles();
    }

    @Test
    void aVirtualHostGoesBySeveralEntries() {
        assertEquals(Reply.OK, counted.apply(new Administer("guest", "", new DeleteVhost("/"))));
        assertTrue(counted.settle() >= MANY / WorkLimits.DEFAULTS.perEntry() / 2);
        counted.assertEmpty(Keys.DEFERRED, Keys.OVERLAY, Keys.ATTEMPTS, Keys.CHUNK, Keys.QUEUE, Keys.QUEUE_STATE);
    }
}
