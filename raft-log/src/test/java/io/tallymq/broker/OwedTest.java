package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.FirstUser;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.chunk.Owed;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.Cancel;
import io.tallymq.broker.command.CloseChannel;
import io.tallymq.broker.command.Credit;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.DeleteQueue;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.PurgeQueue;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.StoreOffset;
import io.tallymq.broker.command.Subscribe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.spec.ConsumerSpec;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.ChunkCodec;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.store.MessageStore.Slice;
import io.tallymq.broker.store.SharedBodies;
import io.tallymq.broker.stream.StreamOffsets;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** However much a command removes, no entry does much: counted in operations of the store between two commits. */
class OwedTest {
    private static final int MANY = 3_000;
    /** Per thing taken out: it is found, it goes, its shared body is looked up, and counts one less or goes. */
    private static final long MOST = 5L * (WorkLimits.DEFAULTS.perEntry() + WorkLimits.DEFAULTS.atOnce()) + 50;

    private static final Route BOTH = new Route("/", "amq.fanout", "");
    private static final ExchangeSpec TOPIC = new ExchangeSpec("topic", true, false, false, Arguments.NONE);

    private final CountedNode counted = new CountedNode(MOST);
    private final OneNode node = counted.node;

    private void publishToTwo() {
        for (String q : List.of("q1", "q2")) {
            node.declare(q);
            node.bind("amq.fanout", q);
        }
        for (int i = 0; i < MANY; i++) {
            node.apply(OneNode.messages(1, 600, BOTH));
            if (i % 100 == 0) {
                node.commit();
            }
        }
        node.commit();
        counted.store().reset();
    }

    private DeleteQueue delete(String queue) {
        return new DeleteQueue(node.connection, "/", queue, false, false);
    }

    /** A chunk of which only the store knows is read for what its descriptor says: its messages, too, where they stand in it. */
    @Test
    void ofLargeChunksEachEntryTakesOutFewer() {
        MemoryStore store = new MemoryStore();
        Owed owed = new Owed(store, new SharedBodies(store));
        for (int i = 0; i < 1_000; i++) {
            Chunk c = new Chunk(7, i, 1, 256 << 10, 0);
            ByteWriter header = new ByteWriter(64);
            ChunkCodec.writeHeader(header, c, new Stamp(1, 1, 1), List.of());
            store.putChunk(c, List.of(new Slice(header.array(), 0, header.size())));
        }
        owed.all(7, new long[] {0, 1_000});
        owed.committing();
        store.commit(new Applied(1, 1, 1, 1));
        int steps = 0;
        while (!owed.isEmpty()) {
            int before = store.chunks(7, 0, 1_000).size();
            owed.step(WorkLimits.DEFAULTS.perEntry());
            store.commit(new Applied(1, 2 + steps++, 1, 1));
            int gone = before - store.chunks(7, 0, 1_000).size();
            assertTrue(gone > 0 && gone < 100, gone + " chunks of 256 KiB are read by one entry");
        }
        assertEquals(List.of(), store.chunks(7, 0, 1_000));
    }

    @Test
    void aPurgeOfManySharedChunksTakesEffectAtOnceAndIsTakenOutLater() {
        publishToTwo();
        assertEquals(new Reply.Removed(MANY), counted.apply(new PurgeQueue(node.connection, "/", "q1")));
        assertEquals(0, node.queue("q1").ready());
        assertEquals(0, node.queue("q1").readyBytes());
        node.apply(OneNode.messages(1, 600, BOTH));
        node.commit();
        assertTrue(counted.settle() > MANY / WorkLimits.DEFAULTS.perEntry() - 2);
        node.delivered.clear();
        node.consume("q1", 0);
        assertEquals(1, node.delivered.size());
        assertEquals(MANY, node.delivered.get(0).firstSeq());
        assertEquals(MANY + 1, node.queue("q2").ready());
        counted.apply(delete("q1"));
        counted.apply(delete("q2"));
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.SHARED, Keys.SHARED_REFERENCES, Keys.OWED);
    }

    @Test
    void aQueueWithManyHeldMessagesIsDeletedAtOnceAndTakenOutLater() {
        publishToTwo();
        node.consume("q1", 0);
        for (int i = 0; i < MANY; i += 2_000) {
            node.apply(new Credit(node.delivered.get(0).holder(), 2_000));
        }
        node.commit();
        assertEquals(MANY, node.queue("q1").unacked());
        counted.store().reset();
        counted.apply(delete("q1"));
        node.declare("q1");
        node.commit();
        node.bind("amq.fanout", "q1");
        node.commit();
        counted.apply(OneNode.messages(1, 600, BOTH));
        counted.settle();
        assertEquals(1, node.queue("q1").ready());
        counted.apply(delete("q1"));
        counted.apply(delete("q2"));
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.SHARED, Keys.SHARED_REFERENCES, Keys.SETTLED, Keys.OWED);
    }

    /** Each of them takes out what it removes if that is not much: together they leave it to later entries. */
    @Test
    void manyPurgesAndEndsOfQueuesInOneEntryDoNotTakeOutAll() {
        int queues = 100;
        for (int q = 0; q < queues; q++) {
            node.declare("q" + q);
            node.bind("amq.fanout", "q" + q);
        }
        for (int i = 0; i < 400; i++) {
            node.apply(OneNode.messages(1, 600, BOTH));
            node.commit();
        }
        counted.store().reset();
        node.begin();
        for (int q = 0; q < queues / 2; q++) {
            assertEquals(
                    new Reply.Removed(400), node.machine.apply(new PurgeQueue(node.connection, "/", "q" + q), node));
        }
        node.end();
        node.commit();
        assertEquals(0, node.queue("q0").ready());
        counted.settle();
        counted.store().reset();
        node.begin();
        for (int q = 0; q < queues; q++) {
            node.machine.apply(delete("q" + q), node);
        }
        node.end();
        node.commit();
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.SHARED, Keys.SHARED_REFERENCES, Keys.SETTLED, Keys.OWED);
    }

    @Test
    void aPurgeWhileAConsumerHoldsSomethingIsTheSameAfterARestart() {
        publishToTwo();
        node.consume("q1", 1);
        node.commit();
        counted.store().reset();
        assertEquals(new Reply.Removed(MANY - 1), counted.apply(new PurgeQueue(node.connection, "/", "q1")));
        counted.settle();
        assertEquals(1, node.queue("q1").unacked());
        assertEquals(MANY, bodies("q2"), "what another queue has stays");
        counted.apply(delete("q1"));
        counted.apply(delete("q2"));
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.SHARED, Keys.SHARED_REFERENCES, Keys.SETTLED, Keys.OWED);
    }

    @Test
    void aQueueIsDeletedWhileAnEarlierPurgeOfItIsTakenOut() {
        publishToTwo();
        node.consume("q1", 1_000);
        node.commit();
        counted.store().reset();
        node.apply(new PurgeQueue(node.connection, "/", "q1"));
        node.apply(OneNode.messages(1, 600, BOTH));
        long holder = node.delivered.get(0).holder();
        node.apply(new Settle(holder, Settle.Outcome.ACK, new long[] {0, 0}));
        assertEquals(MANY, node.delivered.get(node.delivered.size() - 1).firstSeq(), "held behind what was purged");
        node.apply(delete("q1"));
        node.commit();
        counted.restart();
        counted.settle();
        assertEquals(MANY + 1, bodies("q2"), "what another queue has stays");
        counted.apply(delete("q2"));
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.SHARED, Keys.SHARED_REFERENCES, Keys.SETTLED, Keys.OWED);
    }

    @Test
    void whatOneAckSettlesOfManyChunksIsGoneAtOnceAndTakenOutLater() {
        node.raise(BrokerMachine.LEVELS.max());
        publishToTwo();
        node.consume("q1", MANY);
        final long holder = node.delivered.get(0).holder();
        node.commit();
        node.apply(new Settle(holder, Settle.Outcome.ACK, new long[] {1, 1, 700, 700}));
        node.commit();
        counted.store().reset();
        counted.apply(new Settle(holder, Settle.Outcome.ACK, new long[] {0, MANY - 2}));
        assertEquals(1, node.queue("q1").unacked());
        assertEquals(0, node.queue("q1").ready());
        counted.restart();
        counted.apply(OneNode.messages(1, 600, BOTH));
        assertTrue(counted.settle() > 1);
        assertEquals(2, node.queue("q1").unacked());
        assertEquals(2, bodies("q1"));
        assertEquals(MANY + 1, bodies("q2"), "what another queue has stays");
        counted.apply(delete("q1"));
        counted.apply(delete("q2"));
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.SHARED, Keys.SHARED_REFERENCES, Keys.SETTLED, Keys.OWED);
    }

    /** A consumer that acks every second message holds as many ranges: an entry that touches it writes some of them. */
    @Test
    void anAckWritesNotAllThatAConsumerHolds() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("a", Map.of());
        publishNoted("a", 24_000);
        node.consume("a", 24_000);
        final long holder = node.delivered.get(0).holder();
        long[] odd = LongStream.range(0, 12_000)
                .flatMap(i -> LongStream.of(2 * i + 1, 2 * i + 1))
                .toArray();
        counted.apply(new Settle(holder, Settle.Outcome.ACK, odd));
        counted.restart();
        for (long seq = 0; seq < 40; seq += 2) {
            counted.store().reset();
            counted.apply(new Settle(holder, Settle.Outcome.ACK, new long[] {300 * seq, 300 * seq}));
            assertTrue(counted.store().written < 10_000, counted.store().written + " bytes written by an ack");
        }
        counted.restart();
        assertEquals(12_000 - 20, node.queue("a").unacked());
        counted.apply(delete("a"));
        counted.restart();
        counted.settle();
        counted.assertEmpty(Keys.HOLDER, Keys.HELD, Keys.HELD_BLOCK);
    }

    private void publishNoted(String queue, int messages) {
        for (int i = 0; i < messages; i += 1_000) {
            List<String> values =
                    IntStream.range(i, i + 1_000).mapToObj(v -> "v" + v).toList();
            Publish p = GroupsTest.messages(i, "x-group-id", values);
            counted.apply(
                    new Publish(List.of(new Route("/", "", queue)), p.bytes(), p.offset(), p.end(), 0, Origins.NONE));
        }
    }

    /** Records of single messages and of keys: of attempts, last values, groups. */
    @Test
    void whatIsNotedOfMessagesGoesByAndByWithTheirQueue() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("a", Map.of());
        node.declare("g", Map.of("x-message-groups", true));
        node.declare("v", Map.of("x-last-value", "x-group-id"));
        publishNoted("a", 24_000);
        publishNoted("g", 4_000);
        publishNoted("v", 12_000);
        node.consume("a", 24_000);
        final long holder = node.delivered.get(0).holder();
        long[] odd = LongStream.range(0, 12_000)
                .flatMap(i -> LongStream.of(2 * i + 1, 2 * i + 1))
                .toArray();
        node.apply(new Cancel(holder));
        counted.apply(new Settle(holder, Settle.Outcome.NACK_REQUEUE, odd));
        node.commit();
        counted.store().reset();
        counted.apply(delete("a"));
        node.declare("a", Map.of());
        node.commit();
        counted.apply(delete("g"));
        counted.apply(delete("v"));
        counted.restart();
        assertTrue(counted.settle() > 2);
        assertEquals(0, node.queue("a").ready());
        counted.apply(delete("a"));
        counted.assertEmpty(Keys.CHUNK, Keys.ATTEMPTS, Keys.LANE_KEY, Keys.LAST_VALUE, Keys.QUEUE, Keys.LEAVING);
    }

    /** Of each queue little is noted, and one entry may delete many. */
    @Test
    void whatIsNotedOfManyQueuesGoesByAndBy() {
        node.raise(BrokerMachine.LEVELS.max());
        int queues = 50;
        for (int q = 0; q < queues; q++) {
            node.declare("v" + q, Map.of("x-last-value", "x-group-id"));
            publishNoted("v" + q, 1_000);
        }
        node.commit();
        counted.store().reset();
        node.begin();
        for (int q = 0; q < queues; q++) {
            node.machine.apply(delete("v" + q), node);
        }
        node.end();
        node.commit();
        counted.settle();
        counted.assertEmpty(Keys.CHUNK, Keys.LAST_VALUE, Keys.QUEUE, Keys.LEAVING);
    }

    /** Every other message was rejected, and its publisher is still to be told when the queue goes. */
    @Test
    void whatIsStillToBeToldOfADeletedQueueGoesByAndBy() {
        node.raise(BrokerMachine.LEVELS.max());
        node.declare("q");
        for (int i = 0; i < 24; i++) {
            List<SomeReports.Message> some = IntStream.range(0, 1_000)
                    .mapToObj(m -> SomeReports.Message.of("m" + m, "r", "dropped"))
                    .toList();
            counted.apply(SomeReports.run(Origins.NONE, new Route("/", "", "q"), some));
        }
        node.consume("q", 24_000);
        long[] odd = LongStream.range(0, 12_000)
                .flatMap(i -> LongStream.of(2 * i + 1, 2 * i + 1))
                .toArray();
        node.begin();
        node.machine.apply(new Settle(node.delivered.get(0).holder(), Settle.Outcome.DISCARD, odd), node);
        node.machine.apply(delete("q"), node);
        node.end();
        node.commit();
        counted.store().reset();
        assertTrue(counted.settle() > 2);
        counted.assertEmpty(Keys.CHUNK, Keys.UNTOLD, Keys.FAREWELL, Keys.QUEUE, Keys.LEAVING);
    }

    /** Every other message of a queue is rejected: so many runs of dead letters. */
    private Settle rejectOdd(String queue) {
        publishNoted(queue, 12_000);
        node.delivered.clear();
        node.consume(queue, 12_000);
        final long holder = node.delivered.get(0).holder();
        long[] odd = LongStream.range(0, 6_000)
                .flatMap(i -> LongStream.of(2 * i + 1, 2 * i + 1))
                .toArray();
        return new Settle(holder, Settle.Outcome.DISCARD, odd);
    }

    private boolean isMadeAgain() {
        return counted.apply(new Administer("root", "", new SetVhost("/", VhostSpec.PLAIN))) instanceof Reply.Changed;
    }

    /** Attempts, and letters that are stuck or on their way: nothing waits for these. */
    @Test
    void aVirtualHostGoesByAndByWithWhatIsNotedOfMessages() {
        node.raise(BrokerMachine.LEVELS.max());
        var hash = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
        node.apply(new Administer("root", "", new FirstUser("root", hash, "/")));
        Map<String, Object> nowhere = Map.of(
                "x-queue-type", "quorum",
                "x-dead-letter-strategy", "at-least-once",
                "x-overflow", "reject-publish",
                "x-dead-letter-exchange", "",
                "x-dead-letter-routing-key", "nowhere");
        node.declare("stuck", nowhere);
        node.declare("moving", Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", "nowhere"));
        node.declare("v", Map.of("x-last-value", "x-group-id"));
        publishNoted("v", 12_000);
        node.apply(rejectOdd("stuck"));
        node.apply(new Probe(false));
        Settle moving = rejectOdd("moving");
        node.commit();
        counted.store().reset();
        node.begin();
        node.machine.apply(moving, node);
        node.machine.apply(new Administer("root", "", new DeleteVhost("/")), node);
        node.end();
        node.commit();
        counted.store().reset();
        int entries = 1;
        for (boolean again = false; !again; entries++) {
            again = isMadeAgain();
            counted.restart();
            assertTrue(entries < 1_000, "it ends");
        }
        counted.settle();
        assertTrue(entries > 5, entries + " entries");
        counted.assertEmpty(Keys.CHUNK, Keys.DEAD, Keys.LAST_VALUE, Keys.QUEUE, Keys.QUEUE_STATE, Keys.LEAVING);
    }

    /** As many as a stream remembers, of many streams that go with their virtual host. */
    @Test
    void namesOfReadersCount() {
        node.raise(BrokerMachine.LEVELS.max());
        var hash = new PasswordHash("rabbit_password_hashing_sha256", "c2FsdA==");
        node.apply(new Administer("root", "", new FirstUser("root", hash, "/")));
        for (int s = 0; s < 12; s++) {
            String stream = "s" + s;
            node.declare(stream, Map.of("x-queue-type", "stream"));
            for (int i = 0; i < StreamOffsets.MOST; i++) {
                ConsumerSpec spec = new ConsumerSpec("n" + i, false, false, 10, 2_000, Arguments.NONE);
                Reply r = node.apply(new Subscribe(node.connection, 2, "/", stream, spec));
                node.apply(new StoreOffset(((Reply.Subscribed) r).consumer(), 1));
                node.apply(new CloseChannel(node.connection, 2, List.of()));
            }
        }
        node.commit();
        counted.store().reset();
        counted.apply(new Administer("root", "", new DeleteVhost("/")));
        counted.settle();
        counted.assertEmpty(Keys.STREAM_OFFSET, Keys.QUEUE);
    }

    /** Two consumers with many ranges each: an entry takes out what one had. */
    @Test
    void whatConsumersOfADeletedQueueHeldGoesByAndBy() {
        MachineLimits f = MachineLimits.FORMAT_1;
        MachineLimits few = new MachineLimits(
                f.residentAhead(),
                f.residentInAll(),
                f.chunkMessages(),
                f.chunkBytes(),
                f.sharedFrom(),
                f.sharedMessages(),
                new WorkLimits(32_768, 500, 3, 3, 4_096),
                f.aheadFrom(),
                f.mostHeld(),
                f.state());
        TwoNodes two = new TwoNodes("orphans", few);
        two.both(n -> {
            n.raise(BrokerMachine.LEVELS.max());
            n.declare("q");
            for (int i = 1; i <= 2; i++) {
                final long holder = ((Reply.Subscribed) n.consume(i, "q", 1_600)).consumer();
                n.apply(OneNode.messages(1_600, 1, new Route("/", "", "q")));
                long first = (i - 1) * 1_600L;
                long[] odd = LongStream.range(0, 800)
                        .flatMap(k -> LongStream.of(first + 2 * k + 1, first + 2 * k + 1))
                        .toArray();
                n.apply(new Cancel(holder));
                n.apply(new Settle(holder, Settle.Outcome.ACK, odd));
            }
            return Reply.OK;
        });
        assertEquals(1_600, two.straight.queue("q").unacked());
        two.straight.commit();
        two.both(new DeleteQueue(two.straight.connection, "/", "q", false, false));
        assertTrue(two.straight.machine.owes(), "the other's is left");
        while (two.straight.machine.owes()) {
            two.both(new Probe(false));
        }
        two.straight.commit();
        two.straight.memory.scan(Keys.of(Keys.HELD_BLOCK), (k, v) -> assertEquals(0, k.length));
        two.straight.memory.scan(Keys.of(Keys.HELD), (k, v) -> assertEquals(0, k.length));
    }

    /** How many messages of a queue can be read. */
    private int bodies(String queue) {
        int n = 0;
        for (Chunk c : counted.memory().chunks(node.machine.queueNumber("/", queue), 0, Long.MAX_VALUE)) {
            ChunkBody body = counted.memory().load(c);
            n += body == null ? 0 : body.count();
        }
        return n;
    }

    @Test
    void anExchangeWithManyBindingsIsGoneAtOnceAndItsNamesakeHasNoneOfThem() {
        node.declare("q1");
        node.apply(new DeclareExchange("/", "x", TOPIC, false));
        bindMany();
        counted.apply(new DeleteExchange("/", "x", false));
        assertTrue(node.machine.bindings().isEmpty());
        assertTrue(node.machine.owes());
        node.apply(new DeclareExchange("/", "x", TOPIC, false));
        node.bind("x", "q1", "key.1");
        node.commit();
        counted.settle();
        onlyKey1IsBound();
    }

    @Test
    void aQueueWithManyBindingsIsGoneAtOnceAndItsNamesakeHasNoneOfThem() {
        node.declare("q1");
        node.apply(new DeclareExchange("/", "x", TOPIC, false));
        bindMany();
        counted.apply(delete("q1"));
        assertTrue(node.machine.bindings().isEmpty());
        assertTrue(node.machine.owes());
        node.declare("q1");
        node.bind("x", "q1", "key.1");
        node.commit();
        counted.settle();
        onlyKey1IsBound();
        assertEquals(new Reply.Removed(1), counted.apply(delete("q1")));
        assertEquals(Reply.OK, counted.apply(new DeleteExchange("/", "x", true)), "nothing is bound to it");
        assertFalse(node.machine.owes());
        counted.assertEmpty(Keys.BINDING);
    }

    private void bindMany() {
        for (int i = 0; i < MANY; i++) {
            node.bind("x", "q1", "key." + i);
        }
        node.commit();
        counted.store().reset();
    }

    private void onlyKey1IsBound() {
        assertEquals(1, node.machine.bindings().size());
        node.apply(OneNode.messages(2, 8, new Route("/", "x", "key.1"), new Route("/", "x", "key.2")));
        assertEquals(1, node.queue("q1").ready());
        int[] stored = new int[1];
        counted.memory().scan(Keys.of(Keys.BINDING), (k, v) -> stored[0]++);
        assertEquals(1, stored[0]);
    }
}
