package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.DeclareExchange;
import io.tallymq.broker.command.DeleteExchange;
import io.tallymq.broker.command.NodeLost;
import io.tallymq.broker.command.Probe;
import io.tallymq.broker.command.Recover;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.raft.session.Client;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.MemoryStore;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LocalBrokerTest {
    private final MemoryStore store = new MemoryStore();
    private LocalBroker broker;
    private final List<Client> clients = new ArrayList<>();

    @BeforeEach
    void start() {
        broker = new LocalBroker("n1", store);
    }

    @AfterEach
    void stop() {
        clients.forEach(Client::close);
        broker.close();
    }

    private Client client() {
        Client c = new Client(broker);
        clients.add(c);
        return c.open();
    }

    private static void publish(Session s, int channel, long seq, String queue, String body) {
        s.publish(channel, seq, Client.to(queue), Client.content(body));
    }

    @Test
    void aPublishIsDeliveredAndConfirmed() {
        Client c = client();
        c.declare("q");
        c.consume(1, "q", 10);
        c.on(s -> publish(s, 2, 1, "q", "hello"));
        c.awaitHeard("confirmed 2 1");
        assertEquals(List.of("delivered 1 tag-q hello", "confirmed 2 1"), c.heard());
    }

    @Test
    void confirmsOfAChannelAreOnePerRow() {
        Client c = client();
        c.declare("q");
        broker.hold();
        c.on(s -> IntStream.rangeClosed(1, 2_000).forEach(i -> publish(s, 1 + i % 2, (i + 1) / 2, "q", "m" + i)));
        broker.release();
        c.awaitHeard(h -> h.contains("confirmed 1 1000") && h.contains("confirmed 2 1000"), "all confirms");
        long rows = c.heard().size();
        assertTrue(rows < 100, rows + " confirms for 2,000 messages");
    }

    @Test
    void mandatoryMessagesWithoutAQueueComeBackBeforeTheirConfirm() {
        Client c = client();
        c.declare("q");
        broker.hold();
        c.on(s -> {
            publish(s, 1, 1, "q", "one");
            s.publish(1, 2, new Session.PublishTarget("/", "", "nowhere", true), Client.content("two"));
            publish(s, 1, 3, "q", "three");
            s.publish(1, 4, new Session.PublishTarget("/", "", "else", true), Client.content("four"));
        });
        broker.release();
        c.awaitHeard("confirmed 1 4");
        List<String> heard = c.heard().stream()
                .filter(h -> !h.startsWith("confirmed") || h.equals("confirmed 1 4"))
                .toList();
        assertEquals(List.of("returned 1 2 nowhere two", "returned 1 4 else four", "confirmed 1 4"), heard);
    }

    @Test
    void aPublishToAMissingExchangeIsRefusedAndTheOthersAreNot() {
        Client c = client();
        c.declare("q");
        c.consume(1, "q", 10);
        c.on(s -> {
            publish(s, 1, 1, "q", "one");
            s.publish(3, 7, new Session.PublishTarget("/", "missing", "k", false), Client.content("x"));
            publish(s, 1, 2, "q", "two");
        });
        c.awaitHeard("confirmed 1 2");
        c.awaitHeard("confirmed 3 7");
        assertTrue(c.heard().containsAll(List.of("refused 3 7 404", "delivered 1 tag-q one", "delivered 1 tag-q two")));
        assertTrue(c.heard().indexOf("refused 3 7 404") < c.heard().indexOf("confirmed 3 7"));
    }

    @Test
    void acksReleaseTheNextMessages() {
        Client c = client();
        c.declare("q");
        c.consume(1, "q", 2);
        c.on(s -> IntStream.rangeClosed(1, 4).forEach(i -> publish(s, 1, i, "q", "m" + i)));
        c.awaitHeard("delivered 1 tag-q m2");
        long holder = c.deliveries().get(0).holder();
        long first = c.deliveries().get(0).firstSeq();
        c.on(s -> s.ack(holder, first, first + 1));
        c.awaitHeard("delivered 1 tag-q m4");
        c.on(s -> {
            s.ack(holder, first + 3, first + 3);
            s.ack(holder, first + 2, first + 2);
        });
        Client.expect(Reply.Ok.class, c.call(new Recover(c.session.id(), 1)));
        long unacked = broker.read(v -> v.queues().get(0).unacked());
        assertEquals(0, unacked);
    }

    @Test
    void whatAClientHeldGoesToAnotherWhenItGoes() {
        Client gone = client();
        gone.declare("q");
        gone.consume(1, "q", 10);
        gone.on(s -> publish(s, 1, 1, "q", "m"));
        gone.awaitHeard("delivered 1 tag-q m");
        Client stays = client();
        stays.consume(5, "q", 10);
        gone.close();
        clients.remove(gone);
        stays.awaitHeard("redelivered 5 tag-q m");
    }

    @Test
    void aClosedSessionHearsNothing() {
        Client c = client();
        c.declare("q");
        c.consume(1, "q", 10);
        broker.hold();
        c.on(s -> publish(s, 1, 1, "q", "m"));
        c.on(s -> s.close(List.of()));
        broker.release();
        Client other = client();
        assertEquals(List.of(), c.heard());
        assertEquals(1, (long) broker.read(v -> v.queues().get(0).ready()));
        assertEquals(1, (int) broker.read(v -> v.connections().size()));
        other.on(s -> publish(s, 1, 1, "q", "again"));
        other.awaitHeard("confirmed 1 1");
    }

    /** It is raised by an entry. */
    private void awaitLevel() {
        while (broker.read(BrokerView::level) < BrokerMachine.LEVELS.max()) {
            Thread.onSpinWait();
        }
    }

    /** Else who may set policies and sends declares without waiting has all nodes do nothing else for most of a minute. */
    @Test
    void declaresWithCostlyPoliciesAreFewInABatch() {
        Client c = client();
        PolicySpec costly = new PolicySpec("z{450}", "all", 0, new Arguments(Map.of("max-length", 10L)));
        for (int i = 0; i < 12; i++) {
            Client.expect(
                    Reply.PolicySet.class, Client.await(broker.submit(new SetPolicy("/", "p" + i, false, costly))));
        }
        final long before = broker.runtime().metrics().batches();
        List<String> names =
                IntStream.range(10, 20).mapToObj(i -> "q".repeat(253) + i).toList();
        List<CompletableFuture<Reply>> replies = new ArrayList<>();
        broker.hold();
        c.on(s -> names.forEach(name -> {
            CompletableFuture<Reply> reply = new CompletableFuture<>();
            replies.add(reply);
            s.submit(c.declareCommand(name), reply::complete);
        }));
        ExchangeSpec direct = new ExchangeSpec("direct", true, false, false, Arguments.NONE);
        names.forEach(name -> replies.add(broker.submit(new DeclareExchange("/", name, direct, false))));
        broker.release();
        replies.forEach(Client::await);
        long batches = broker.runtime().metrics().batches() - before;
        assertTrue(batches >= 2 * names.size(), () -> batches + " batches");
    }

    @Test
    void aConnectionThatNeverOpenedLeavesNoTrace() {
        Client c = client();
        awaitLevel();
        Client.await(broker.submit(new Probe(false))); // behind which that one is counted
        long before = broker.runtime().metrics().entries();
        Client scanner = new Client(broker);
        scanner.close();
        assertEquals(before, broker.runtime().metrics().entries());
        assertEquals(1, broker.runtime().sessions());
        c.declare("still-works");
    }

    @Test
    void commandsWithoutASessionAreAnswered() {
        awaitLevel(); // else it may be raised behind the probe
        assertEquals(Reply.OK, Client.await(broker.submit(new DeleteExchange("/", "none", false))));
        Reply.Probed probed = (Reply.Probed) Client.await(broker.submit(new Probe(true)));
        assertEquals((long) broker.read(v -> v.digest()), probed.digest());
    }

    @Test
    void manyMessagesKeepTheirOrder() {
        Client c = new Client(broker, true);
        clients.add(c);
        c.open();
        c.declare("q");
        c.consume(1, "q", 100);
        int n = 20_000;
        c.on(s -> IntStream.rangeClosed(1, n).forEach(i -> publish(s, 1, i, "q", "m" + i)));
        c.awaitHeard("delivered 1 tag-q m" + n);
        List<String> delivered =
                c.heard().stream().filter(h -> h.startsWith("delivered")).toList();
        assertEquals(
                IntStream.rangeClosed(1, n)
                        .mapToObj(i -> "delivered 1 tag-q m" + i)
                        .collect(Collectors.toList()),
                delivered);
    }

    @Test
    void aBodyInPartsIsOneMessage() {
        Client c = client();
        c.declare("q");
        c.consume(1, "q", 10);
        byte[] part = new byte[1 << 20];
        c.on(s -> {
            long upload = s.uploadPart(0, Client.content(part));
            assertEquals(upload, s.uploadPart(upload, Client.content(part)));
            assertEquals(upload, s.uploadPart(upload, Client.content("end")));
            s.publishUpload(1, 1, Client.to("q"), Client.content(""), upload, 2 * (1 << 20) + 3);
        });
        c.awaitHeard("confirmed 1 1");
        assertTrue(
                c.heard().contains("delivered 1 tag-q external " + (2 * (1 << 20) + 3)),
                c.heard().toString());
    }

    @Test
    void aMandatoryBodyInPartsComesBackWhole() {
        Client c = client();
        byte[] part = "y".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
        Session.PublishTarget nowhere = new Session.PublishTarget("/", "", "nowhere", true);
        c.on(s -> {
            long upload = s.uploadPart(0, Client.content(part));
            s.uploadPart(upload, Client.content("end"));
            s.publishUpload(1, 1, nowhere, Client.content(""), upload, (1 << 20) + 3);
            s.publish(1, 2, nowhere, Client.content("small"));
        });
        String first = "returning 1 1 nowhere " + ((1 << 20) + 3) + " bytes";
        c.awaitHeard(first);
        Client.await(broker.submit(new Probe(false)));
        c.on(s -> {});
        assertEquals(List.of(first), c.heard(), "nothing is told before it was written");
        broker.runtime().alarm("the disk is full");
        c.awaitHeard("blocked");
        assertArrayEquals(part, Client.await(broker.loadShared(c.returning.shared(), 0)));
        assertArrayEquals(
                "end".getBytes(StandardCharsets.UTF_8), Client.await(broker.loadShared(c.returning.shared(), 1)));
        c.on(s -> c.returned.run());
        c.awaitHeard("confirmed 1 2");
        List<String> heard =
                c.heard().stream().filter(h -> !h.equals("confirmed 1 1")).toList();
        assertEquals(List.of(first, "blocked", "returned 1 2 nowhere small", "confirmed 1 2"), heard);
        Client.await(broker.submit(new Probe(false)));
        assertNull(Client.await(broker.loadShared(1, 0)), "the body was dropped");
    }

    @Test
    void aBodyThatIsTooLargeForAnEntryIsABugOfTheCaller() {
        Client c = client();
        c.on(s -> assertThrows(
                IllegalArgumentException.class,
                () -> s.publish(1, 1, Client.to("q"), Client.content(new byte[(1 << 20) + 1]))));
    }

    @Test
    void aContentThatFailsLeavesTheBatchWhole() {
        Client c = client();
        c.declare("q");
        c.consume(1, "q", 10);
        Session.Content broken = new Session.Content() {
            @Override
            public byte[] properties() {
                return new byte[2];
            }

            @Override
            public int bodyLength() {
                return 5;
            }

            @Override
            public void copyBody(byte[] to, int offset) {
                throw new IllegalStateException("released");
            }
        };
        broker.hold();
        c.on(s -> {
            publish(s, 1, 1, "q", "one");
            assertThrows(IllegalStateException.class, () -> s.publish(1, 2, Client.to("q"), broken));
            assertThrows(IllegalStateException.class, () -> s.uploadPart(0, broken));
            publish(s, 1, 2, "q", "two");
        });
        broker.release();
        c.awaitHeard("confirmed 1 2");
        assertTrue(c.heard().containsAll(List.of("delivered 1 tag-q one", "delivered 1 tag-q two")));
    }

    @Test
    void theStateOutlivesTheBroker() {
        Client c = client();
        c.declare("q");
        c.on(s -> publish(s, 1, 1, "q", "kept"));
        c.awaitHeard("confirmed 1 1");
        c.close();
        clients.clear();
        broker.close();
        broker = new LocalBroker("n1", store);
        Client again = client();
        again.consume(1, "q", 1);
        again.awaitHeard("delivered 1 tag-q kept");
    }

    @Test
    void pendingBytesAreBounded() {
        broker.close();
        RuntimeTuning tuning =
                RuntimeTuning.DEFAULTS.withBatches(RuntimeTuning.Batches.DEFAULTS.withPendingBytes(2 << 20));
        broker = new LocalBroker("n1", store, System::currentTimeMillis, tuning);
        Client c = client();
        c.declare("q");
        broker.hold();
        byte[] body = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        c.on(s -> {
            int sent = 0;
            while (s.isWritable(true)) {
                s.publish(1, ++sent, Client.to("q"), Client.content(body));
            }
            assertTrue(sent >= 20 && sent < 23, sent + " messages of 100 kB within 2 MiB");
        });
        assertTrue(broker.runtime().pendingBytes() > 2 << 20);
        broker.release();
        c.awaitHeard("writable");
        c.on(s -> assertTrue(s.isWritable(true)));
    }

    @Test
    void withoutProgressPublishersAreBlockedAndLaterUnblocked() {
        Client c = client();
        c.declare("q");
        broker.hold();
        c.on(s -> publish(s, 1, 1, "q", "m"));
        c.awaitHeard("blocked");
        assertFalse(c.heard().contains("confirmed 1 1"));
        Client late = new Client(broker);
        clients.add(late);
        late.awaitHeard("blocked");
        broker.release();
        c.awaitHeard("unblocked");
        late.awaitHeard("unblocked");
        c.awaitHeard("confirmed 1 1");
    }

    @Test
    void anAlarmBlocks() {
        Client c = client();
        broker.runtime().alarm("disk nearly full");
        c.awaitHeard("blocked");
        assertEquals("disk nearly full", broker.runtime().blockedReason());
        broker.runtime().alarm(null);
        c.awaitHeard("unblocked");
    }

    @Test
    void aLostNodeRegistersAnew() {
        Client c = client();
        c.declare("q");
        long epoch = broker.runtime().epochOf("n1");
        Client.await(broker.submit(new NodeLost("n1", epoch, 1)));
        c.awaitHeard("closed");
        assertEquals(List.of("closed"), c.heard());
        Client again = client();
        again.declare("q");
        assertTrue(broker.runtime().epochOf("n1") > epoch);
        assertEquals(1, (int) broker.read(v -> v.connections().size()));
        assertEquals(1, broker.runtime().metrics().registrations());
    }

    @Test
    void whatHasGoneBackIsNotDeliveredBeforeTheSessionHearsSo() {
        Client c = client();
        c.on(s -> {
            assertTrue(s.mayDeliver());
            long epoch = broker.runtime().epochOf("n1");
            Client.await(broker.submit(new NodeLost("n1", epoch, 1)));
            // The lease holds, and that the connection is void waits behind this turn of the loop.
            assertFalse(s.mayDeliver());
        });
        c.awaitHeard("closed");
    }

    @Test
    void neitherAConfirmNorADeliveryWaitsForTheStore() {
        CountDownLatch heard = new CountDownLatch(1);
        AtomicBoolean published = new AtomicBoolean();
        MessageStore slow = (MessageStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MessageStore.class}, (proxy, method, args) -> {
                    published.compareAndSet(false, method.getName().equals("putChunk"));
                    if (published.get() && method.getName().equals("commit")) {
                        heard.await();
                    }
                    return method.invoke(store, args);
                });
        broker.close();
        broker = new LocalBroker("n1", slow);
        Client publisher = client();
        Client consumer = client();
        consumer.declare("q");
        consumer.consume(1, "q", 10);
        publisher.on(s -> publish(s, 2, 1, "q", "hello"));
        publisher.awaitHeard("confirmed 2 1");
        consumer.awaitHeard("delivered 1 tag-q hello");
        heard.countDown();
    }
}
