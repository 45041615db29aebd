package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.DeclareQueue;
import io.tallymq.broker.command.Get;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Raise;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.command.SettleWith;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.spec.QueueSpec;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.MessageStore.Applied;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.raft.session.Client;
import io.tallymq.store.MemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A store that has no room for a while. */
class FullStoreTest {
    private static final long PATIENCE_SECONDS = 60;

    private final MemoryStore memory = new MemoryStore();
    private final AtomicReference<CountDownLatch> full = new AtomicReference<>();
    /** From the first record of this kind on it has no room; 0: it has. */
    private volatile byte fullFrom;

    private final CountDownLatch refusedThen = new CountDownLatch(2);
    private final MessageStore store = (MessageStore) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {MessageStore.class}, (proxy, method, args) -> {
                boolean chunk = method.getName().equals("putChunk");
                boolean record = method.getName().equals("put");
                if (fullFrom != 0 && (chunk && fullFrom == Keys.CHUNK || record && ((byte[]) args[0])[0] == fullFrom)) {
                    full.set(refusedThen);
                }
                CountDownLatch refused = full.get();
                if (refused != null && method.getName().equals("commit")) {
                    refused.countDown();
                    return false;
                }
                try {
                    return method.invoke(memory, args);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });

    /** Readers are the HTTP API and the ticker, which withholds deliveries and notices lost nodes. */
    @Test
    void whoReadsDoesNotWaitForRoomAndWhatWaitsGoesOnWhenThereIsSome() throws Exception {
        try (LocalBroker broker = new LocalBroker("n1", store)) {
            CountDownLatch refused = new CountDownLatch(3);
            full.set(refused);
            CompletableFuture<Reply> answer = broker.submit(new Probe(false));
            assertTrue(refused.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "nothing was written, or not again");
            Applied before = memory.applied();
            assertEquals(List.of(), soon(() -> broker.read(BrokerView::queues)));
            assertEquals(Integer.valueOf(0), soon(broker.runtime()::owed));
            CompletableFuture<Reply> behind = broker.submit(new Probe(false));
            awaitBlocked(broker.runtime(), "the disk of the store of node n1 is full");
            assertEquals(before, memory.applied());
            assertFalse(behind.isDone(), "nothing is applied before what waits is written");
            full.set(null);
            assertInstanceOf(Reply.Probed.class, answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertInstanceOf(Reply.Probed.class, behind.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(before == null || memory.applied().index() > before.index());
        }
    }

    /**
     * Looks while what {@code change} asks for waits for room, and behind that.
     *
     * @param kind of records, of those that are written for it alone
     */
    private void whileRefused(Client c, byte kind, Runnable change, Runnable look) throws Exception {
        fullFrom = kind;
        change.run();
        assertTrue(refusedThen.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "nothing was written, or not again");
        look.run();
        fullFrom = 0;
        full.set(null);
        c.call(new Probe(false));
        look.run();
    }

    private static Client raised(LocalBroker broker) {
        Client c = new Client(broker).open();
        Client.expect(Reply.Ok.class, c.call(new Raise(BrokerMachine.LEVELS.max(), 1)));
        c.declare("q");
        return c;
    }

    private static Session.Content named(long seq) {
        byte[] name = Extension.NONE.with(Terms.named("p", seq)).encode();
        return new Session.Content() {
            @Override
            public byte[] extension() {
                return name;
            }

            @Override
            public byte[] properties() {
                return new byte[2];
            }

            @Override
            public int bodyLength() {
                return 1;
            }

            @Override
            public void copyBody(byte[] to, int offset) {
                to[offset] = 'x';
            }
        };
    }

    @Test
    void whatBecameOfAPublishIsToldWhileItWaits() throws Exception {
        try (LocalBroker broker = new LocalBroker("n1", store);
                Client c = raised(broker)) {
            whileRefused(
                    c,
                    Keys.RECEIPTS,
                    () -> c.on(s -> s.publish(1, 1, Client.to("q"), named(1))),
                    () -> assertEquals(
                            "stored",
                            broker.read(v -> v.receipts().receipt("/", "p", 1)).outcome()));
        }
    }

    @Test
    void aScheduledMessageIsSeenWhileItWaits() throws Exception {
        try (LocalBroker broker = new LocalBroker("n1", store);
                Client c = raised(broker)) {
            ByteWriter record = new ByteWriter();
            MessageRecord.writeHeader(record, 0, 0, 2, 1);
            Route route = new Route("/", "", "q");
            long due = System.currentTimeMillis() + TimeUnit.DAYS.toMillis(1);
            byte[] bytes = record.uint16(0).uint8('x').toBytes();
            whileRefused(c, Keys.SCHEDULED, () -> c.start(new ScheduleMessage(route, "job", due, bytes)), () -> {
                List<BrokerView.ScheduledView> all =
                        broker.read(v -> v.scheduled(null, 10)).items();
                assertEquals(
                        List.of("job"),
                        all.stream().map(BrokerView.ScheduledView::id).toList());
            });
        }
    }

    /** Of a stream that is longer than what memory has of it. */
    @Test
    void whoReadsAStreamIsToldOfWhatWaits() throws Exception {
        try (LocalBroker broker = new LocalBroker("n1", store);
                Client c = raised(broker)) {
            Arguments isStream = new Arguments(new TreeMap<>(Map.of("x-queue-type", "stream")));
            QueueSpec spec = new QueueSpec(true, false, false, isStream);
            c.call(new DeclareQueue(c.session.id(), "/", "log", spec, false));
            int tail = MachineLimits.FORMAT_1.residentAhead();
            for (int i = 1; i <= tail; i++) {
                String each = "confirmed 1 " + i;
                long seq = i;
                c.on(s -> s.publish(1, seq, Client.to("log"), Client.content("x")));
                c.awaitHeard(each);
            }
            long stream = broker.read(v -> v.queueNumber("/", "log"));
            whileRefused(
                    c,
                    Keys.CHUNK,
                    () -> c.on(s -> s.publish(1, tail + 1, Client.to("log"), Client.content("x"))),
                    () -> assertEquals(
                            List.of((long) tail, tail + 1L),
                            Client.await(broker.chunks(stream, tail - 1, 2)).stream()
                                    .map(Chunk::endSeq)
                                    .toList()));
        }
    }

    @Test
    void headersThatASettleAddedAreSeenWhileTheyWait() throws Exception {
        try (LocalBroker broker = new LocalBroker("n1", store);
                Client c = raised(broker)) {
            c.on(s -> s.publish(1, 1, Client.to("q"), Client.content("x")));
            Reply.Got got = Client.expect(Reply.Got.class, c.call(new Get(c.session.id(), 1, "/", "q", false)));
            long seq = got.delivery().firstSeq();
            long queue = got.delivery().chunk().queue();
            byte[] fields =
                    new ByteWriter().uint8(1).uint8('k').uint8('t').uint8(1).toBytes();
            HeaderOverlay headers = new HeaderOverlay(fields);
            List<Boolean> had = new ArrayList<>();
            whileRefused(
                    c,
                    Keys.OVERLAY,
                    () -> c.start(new SettleWith(got.holder(), Settle.Outcome.NACK_REQUEUE, seq, 0, headers, null)),
                    () -> had.add(broker.read(v -> v.overlays(queue, seq, seq))
                            .get(seq)
                            .isPresent()));
            assertEquals(List.of(true, false), had, "after that they are in the store");
        }
    }

    private static void awaitBlocked(BrokerRuntime runtime, String reason) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!reason.equals(runtime.blockedReason())) {
            assertTrue(System.nanoTime() < deadline, "publishers hear: " + runtime.blockedReason());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private static <T> T soon(Supplier<T> question) throws Exception {
        return CompletableFuture.supplyAsync(question).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
