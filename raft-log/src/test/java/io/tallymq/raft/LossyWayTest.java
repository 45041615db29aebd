package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.command.Probe;
import io.tallymq.broker.effect.Reply;
import io.tallymq.raft.session.Client;
import io.tallymq.raft.session.RuntimeTuning;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens on the way into the log: every publish takes effect once, in order, and is confirmed. */
class LossyWayTest {
    private static final int MESSAGES = 1_500;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyPublishTakesEffectOnceAndInOrder(long seed) throws InterruptedException {
        LossyWay.Faults faults = new LossyWay.Faults(8, 6, 6, 4, 3);
        List<Client> clients = new ArrayList<>();
        try (LossyWay cluster = new LossyWay(seed, 2, faults)) {
            Client a = new Client(cluster.runtimes.get(0), true).open();
            Client b = new Client(cluster.runtimes.get(1), true).open();
            clients.addAll(List.of(a, b));
            a.declare("to-a");
            b.declare("to-b");
            a.consume(1, "to-a", 50);
            b.consume(1, "to-b", 50);
            for (int i = 1; i <= MESSAGES; i += 10) {
                publish(a, i, "to-b");
                publish(b, i, "to-a");
            }
            cluster.calm();
            for (Client c : clients) {
                c.awaitHeard("confirmed 7 " + MESSAGES);
                c.awaitHeard(
                        h -> h.stream().filter(x -> x.startsWith("delivered")).count() >= MESSAGES, "messages");
            }
            // Acks are answered by nobody; a probe behind them tells that they are applied.
            clients.forEach(c -> Client.expect(Reply.Probed.class, c.call(new Probe(false))));
            check(a, "to-a");
            check(b, "to-b");
            assertTrue(cluster.runtimes.stream()
                            .mapToLong(r -> r.metrics().resentBatches())
                            .sum()
                    > 0);
            for (BrokerRuntime r : cluster.runtimes) {
                assertEquals(0, r.metrics().registrations());
                r.read(v -> v.queues()).forEach(q -> assertEquals(0, q.ready() + q.unacked(), q.name()));
            }
        } finally {
            clients.forEach(Client::close);
        }
    }

    private static void publish(Client c, int from, String queue) {
        c.on(s -> IntStream.range(from, from + 10)
                .forEach(i -> s.publish(7, i, Client.to(queue), Client.content("m" + i))));
    }

    private static void check(Client c, String queue) {
        List<String> expected = IntStream.rangeClosed(1, MESSAGES)
                .mapToObj(i -> "delivered 1 tag-" + queue + " m" + i)
                .toList();
        assertEquals(
                expected,
                c.heard().stream().filter(h -> h.contains("delivered")).toList());
        List<Integer> confirms = c.heard().stream()
                .filter(h -> h.startsWith("confirmed"))
                .map(h -> Integer.valueOf(h.substring("confirmed 7 ".length())))
                .toList();
        assertEquals(confirms.stream().sorted().toList(), confirms);
    }

    /** Whether a new client of the second node is served. */
    private static boolean opens(LossyWay cluster, List<Client> clients) {
        Client again = new Client(cluster.runtimes.get(1));
        clients.add(again);
        CompletableFuture<Reply> reply = again.start(again.openCommand());
        while (!reply.isDone() && again.heard().stream().noneMatch(h -> h.startsWith("closed"))) {
            Thread.onSpinWait();
        }
        return reply.isDone();
    }

    @Test
    @Timeout(120)
    void aSilentNodeIsDeclaredLostOnceAndItsMessagesGoToOthers() throws InterruptedException {
        RuntimeTuning quick = LossyWay.quick();
        RuntimeTuning tuning = quick.withTiming(new RuntimeTuning.Timing(
                quick.timing().tick(),
                quick.timing().blockedAfter(),
                java.time.Duration.ofMillis(1),
                quick.timing().resendAfter(),
                quick.timing().retryAfter()));
        List<Client> clients = new ArrayList<>();
        try (LossyWay cluster = new LossyWay(1, 2, LossyWay.Faults.NONE, tuning)) {
            Client a = new Client(cluster.runtimes.get(0)).open();
            Client b = new Client(cluster.runtimes.get(1)).open();
            clients.addAll(List.of(a, b));
            b.declare("q");
            b.consume(1, "q", 10);
            b.on(s -> s.publish(1, 1, Client.to("q"), Client.content("m")));
            b.awaitHeard("delivered 1 tag-q m");
            a.consume(3, "q", 10);
            cluster.silent.add("n2");
            a.awaitHeard("redelivered 3 tag-q m");
            b.awaitHeard("closed");
            cluster.silent.clear();
            while (!opens(cluster, clients)) {
                Thread.onSpinWait(); // a node whose thread waits for a moment is lost once more: a millisecond is not
                // long
            }
        } finally {
            clients.forEach(Client::close);
        }
    }
}
