package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.TakeMatching;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.store.Keys;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What takes from all over a queue costs no entry much, and is the same after a restart. */
class OutOfTurnTest {
    private static final int MANY = 300;
    private static final Route ROUTE = new Route("/", "", "q");
    /** Chunks of one message; an entry has room for one chunk that is begun, and a little more. */
    private static final MachineLimits LIMITS =
            new MachineLimits(2, 16, 2, 200, 64, 5, new WorkLimits(12, 5, 7, 7, 40), 4, 250_000, StateLimits.DEFAULTS);

    private final MemoryStore store = new MemoryStore();
    private final OneNode node = new OneNode(store, LIMITS);

    private long consumer() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q");
        Reply r = node.consume(1, "q", 0, Map.of("x-filter", Map.of("h", "v")));
        return ((Reply.Subscribed) r).consumer();
    }

    private Reply.Taken take(long consumer, long seq) {
        Reply.Taken taken;
        do {
            taken = (Reply.Taken) node.apply(new TakeMatching(consumer, new long[] {seq, seq}));
        } while (taken.why() == Reply.Stop.BUSY);
        return taken;
    }

    private static Publish twoThatExpire(long soon, long late) {
        ByteWriter w = new ByteWriter();
        for (long ttl : new long[] {soon, late}) {
            byte[] more = new Extension(List.of(), 0, ttl).encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, 2, 0);
            w.raw(more, 0, more.length).uint16(0);
        }
        return new Publish(List.of(ROUTE), w.toBytes(), 0, w.size(), 0, Origins.NONE);
    }

    @Test
    void aPurgeOfManyPiecesIsTakenOutLaterAndIsTheSameAfterARestart() {
        long consumer = consumer();
        for (int i = 0; i < MANY; i++) {
            node.apply(OneNode.messages(1, 150, ROUTE));
        }
        node.commit();
        for (int i = 1; i < MANY; i += 2) {
            assertEquals(1, take(consumer, i).messages());
        }
        node.commit();
        assertEquals(new Reply.Removed(MANY / 2), node.apply(new PurgeQueue(node.connection, "/", "q")));
        assertTrue(node.machine.owes());
        node.apply(OneNode.messages(1, 150, ROUTE));
        node.commit();
        store.scan(Keys.of(Keys.OWED), (k, v) -> assertTrue(v.length < 200, "each is written with every entry"));
        int entries = 0;
        while (node.machine.owes()) {
            MemoryStore copy = store.copy();
            BrokerMachine restarted = new BrokerMachine(copy, LIMITS);
            assertEquals(node.machine.digest(), restarted.digest());
            restarted.begin(new Stamp(1, node.index + 1, node.index + 1), "n1", 1, node.index + 1, false);
            restarted.apply(new Probe(false), node);
            restarted.end();
            restarted.applied(1, node.index + 1, node);
            node.apply(new Probe(false));
            assertEquals(node.machine.digest(), restarted.digest());
            node.commit();
            entries++;
        }
        assertTrue(entries > 10, "an entry takes out a few: " + entries);
        assertEquals(MANY / 2, node.queue("q").unacked());
        assertEquals(1, node.queue("q").ready());
        assertEquals(MANY / 2 + 1, store.chunks(queue(), 0, Long.MAX_VALUE).size());
        assertEquals(1, take(consumer, MANY).messages());
        for (Delivery d : List.copyOf(node.delivered)) {
            node.apply(new Settle(consumer, Settle.Outcome.ACK, new long[] {d.firstSeq(), d.firstSeq()}));
        }
        node.commit();
        assertEquals(0, store.chunks(queue(), 0, Long.MAX_VALUE).size());
    }

    private int outOfTurn() {
        int[] records = {0};
        store.scan(Keys.of(Keys.OUT_OF_TURN), (k, v) -> records[0]++);
        return records[0];
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void recordsOfWhatWasBegunOutOfTurnGoSomeWithEachEntry(boolean deleted) {
        node.commit();
        CountingStore counting = new CountingStore(store);
        node.machine = new BrokerMachine(counting, LIMITS);
        final long consumer = consumer();
        for (int i = 0; i < 2 * MANY; i++) {
            node.apply(OneNode.messages(1, 150, ROUTE));
        }
        node.commit();
        for (int i = 1; i < 2 * MANY; i += 2) {
            assertEquals(1, take(consumer, i).messages());
        }
        node.commit();
        assertEquals(MANY, outOfTurn());
        counting.reset();
        node.apply(
                deleted
                        ? new DeleteQueue(node.connection, "/", "q", false, false)
                        : new PurgeQueue(node.connection, "/", "q"));
        node.commit();
        if (!deleted) {
            node.apply(OneNode.messages(1, 150, ROUTE));
            node.apply(OneNode.messages(1, 150, ROUTE));
            assertEquals(1, take(consumer, 2 * MANY + 1).messages(), "it is begun out of turn again");
            node.commit();
        }
        int left = outOfTurn();
        assertTrue(left > MANY / 2, left + " records");
        while (node.machine.owes()) {
            long digest = node.machine.digest();
            node.machine = new BrokerMachine(counting, LIMITS);
            assertEquals(digest, node.machine.digest());
            node.apply(new Probe(false));
            node.commit();
            assertTrue(left - outOfTurn() <= 2 * LIMITS.work().perEntry(), "an entry takes out a few");
            left = outOfTurn();
        }
        assertEquals(deleted ? 0 : 1, left);
        assertTrue(counting.mostOperations < MANY / 2, counting.mostOperations + " operations in one entry");
    }

    private long queue() {
        return node.machine.queueNumber("/", "q");
    }

    @Test
    void whatIsReadInAnEntryCounts() {
        long consumer = consumer();
        for (int i = 0; i < 8; i++) {
            node.apply(twoThatExpire(100, 100_000));
        }
        node.commit();
        for (int i = 0; i < 16; i += 2) {
            assertEquals(1, take(consumer, i).messages()); // all chunks are begun
        }
        node.passed += 1_000;
        node.apply(new Probe(false));
        node.commit();
        long[] second = new long[16];
        for (int i = 0; i < 8; i++) {
            second[2 * i] = 2 * i + 1;
            second[2 * i + 1] = 2 * i + 1;
        }
        Reply.Taken taken = (Reply.Taken) node.apply(new TakeMatching(consumer, second));
        assertEquals(Reply.Stop.BUSY, taken.why());
        assertEquals(2, taken.messages(), "each tells its time itself, in a chunk of its own");
    }
}
