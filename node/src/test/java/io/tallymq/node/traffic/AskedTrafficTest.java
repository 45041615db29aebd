package io.tallymq.node.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.OthersTraffic.Told;
import io.tallymq.broker.spec.ConnectionId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What nodes tell each other of their clients: page after page, in bounds, and who does not answer is not waited for. */
class AskedTrafficTest {
    private record Clients(Map<ConnectionId, Counters> connections, Map<ConnectionId, Map<Integer, ChannelCounters>> of)
            implements ClientTraffic {
        static Clients of(String node, int connections, int channels) {
            Map<ConnectionId, Counters> all = new TreeMap<>();
            Map<ConnectionId, Map<Integer, ChannelCounters>> of = new TreeMap<>();
            for (int c = 1; c <= connections; c++) {
                var id = new ConnectionId(node, c);
                all.put(id, new Counters(channels, c, 1L << 40, 3, 4, 5, c % 2 == 0 ? "flow" : "running", tls(c)));
                Map<Integer, ChannelCounters> its = new TreeMap<>();
                for (int n = 1; n <= channels; n++) {
                    var messages = new ChannelMessages(n, 2, 3, 4, 5, 6, 7, 8, 9, c);
                    its.put(n, new ChannelCounters(n, 2, true, false, c, 3, 4, 5, messages));
                }
                of.put(id, its);
            }
            return new Clients(all, of);
        }

        private static Tls tls(int connection) {
            var certificate = new Certificate("CN=c" + connection, "CN=a", Instant.EPOCH, Instant.ofEpochMilli(7));
            return connection % 3 == 0
                    ? null
                    : new Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384", connection % 3 == 1 ? null : certificate);
        }

        @Override
        public Optional<Totals> totals() {
            return Optional.empty();
        }

        @Override
        public Optional<Counters> connection(ConnectionId id) {
            return Optional.ofNullable(connections.get(id));
        }

        @Override
        public Map<ConnectionId, List<Integer>> channels() {
            return Map.of();
        }

        @Override
        public Map<ConnectionId, Map<Integer, ChannelCounters>> channelCounters() {
            return of;
        }
    }

    private final Map<String, TrafficAnswers> nodes = new TreeMap<>();
    private final List<CompletableFuture<byte[]>> held = new ArrayList<>();
    private final AskedTraffic asked = new AskedTraffic("n1", () -> List.of("n2", "n3"), this::way, () -> 0);

    private CompletableFuture<byte[]> way(String node, byte[] question) {
        TrafficAnswers answers = nodes.get(node);
        if (answers == null) {
            var never = new CompletableFuture<byte[]>();
            held.add(never);
            return never;
        }
        byte[] page = answers.answer(question);
        assertTrue(page.length <= TrafficPage.BYTES + 200, "a page has " + page.length + " bytes");
        return CompletableFuture.completedFuture(page);
    }

    private void gone(int n) {
        held.get(n).completeExceptionally(new IllegalStateException("no answer"));
    }

    @Test
    void allOfItComesInPages() {
        Clients two = Clients.of("n2", 5_000, 1);
        Clients three = Clients.of("n3", 7, 900);
        nodes.put("n2", new TrafficAnswers("n2", two));
        nodes.put("n3", new TrafficAnswers("n3", three));
        Told connections = asked.connections().join();
        assertEquals(Set.of("n2", "n3"), connections.whole());
        Map<ConnectionId, ClientTraffic.Counters> all = new TreeMap<>(two.connections());
        all.putAll(three.connections());
        assertEquals(all, connections.connections());
        Told channels = asked.channels().join();
        Map<ConnectionId, Map<Integer, ClientTraffic.ChannelCounters>> of = new TreeMap<>(two.of);
        of.putAll(three.of);
        assertEquals(of, channels.channels());
        assertEquals(Set.of("n2", "n3"), channels.whole());
    }

    @Test
    void soManyRowsAreTakenOfANode() {
        nodes.put("n2", new TrafficAnswers("n2", Clients.of("n2", 1, 60_000)));
        nodes.put("n3", new TrafficAnswers("n3", Clients.of("n3", 1, 1)));
        Told told = asked.channels().join();
        assertEquals(Set.of("n3"), told.whole());
        int rows = told.channels().get(new ConnectionId("n2", 1)).size();
        assertTrue(rows >= AskedTraffic.MOST_ROWS && rows < AskedTraffic.MOST_ROWS + 5_000, rows + " rows");
    }

    @Test
    void ofOneConnectionItsRowsAlone() {
        nodes.put("n2", new TrafficAnswers("n2", Clients.of("n2", 50, 2)));
        Told told = asked.of(new ConnectionId("n2", 9)).join();
        assertEquals(Set.of(new ConnectionId("n2", 9)), told.connections().keySet());
        assertEquals(2, told.channels().get(new ConnectionId("n2", 9)).size());
        assertEquals(Set.of("n2"), told.whole());
        assertSame(Told.NOTHING, asked.of(new ConnectionId("n1", 9)).join());
    }

    /** To gather all clients takes as long as there are some: one is told of without them. */
    @Test
    void forOneConnectionTheOthersAreNotLookedAt() {
        Clients all = Clients.of("n2", 3, 2_000);
        var alone = new ClientTraffic() {
            @Override
            public Optional<Totals> totals() {
                return all.totals();
            }

            @Override
            public Map<ConnectionId, Counters> connections() {
                throw new AssertionError("all connections");
            }

            @Override
            public Optional<Counters> connection(ConnectionId id) {
                return all.connection(id);
            }

            @Override
            public Map<ConnectionId, List<Integer>> channels() {
                throw new AssertionError("all channels");
            }

            @Override
            public Map<ConnectionId, Map<Integer, ChannelCounters>> channelCounters() {
                throw new AssertionError("all channels' counters");
            }

            @Override
            public Map<Integer, ChannelCounters> channelCounters(ConnectionId id) {
                return all.of.getOrDefault(id, Map.of());
            }
        };
        nodes.put("n2", new TrafficAnswers("n2", alone));
        var second = new ConnectionId("n2", 2);
        Told told = asked.of(second).join();
        assertEquals(Map.of(second, all.connections().get(second)), told.connections());
        assertEquals(Map.of(second, all.of.get(second)), told.channels(), "page after page");
        assertEquals(Set.of("n2"), told.whole());
        Told none = asked.of(new ConnectionId("n2", 4)).join();
        assertEquals(Map.of(), none.connections());
        assertEquals(Map.of(), none.channels());
        assertEquals(Set.of("n2"), none.whole());
    }

    /** What is kept for the pages to come goes with the last one; who is in the middle then goes on where he is. */
    @Test
    void nothingIsKeptBehindTheLastPage() {
        Map<ConnectionId, ClientTraffic.Counters> now = new TreeMap<>();
        var answers = new TrafficAnswers("n2", new Clients(now, Map.of()));
        now.putAll(Clients.of("n2", 5_000, 1).connections());
        var first = new TrafficPage.Question(TrafficPage.Kind.CONNECTIONS, TrafficPage.Place.FIRST, Long.MAX_VALUE);
        Map<ConnectionId, ClientTraffic.Counters> ours = new TreeMap<>();
        TrafficPage.Place middle = TrafficPage.readConnections("n2", answers.answer(first.write()), ours);
        TrafficPage.Place theirs = middle;
        while (theirs != null) {
            var next = new TrafficPage.Question(TrafficPage.Kind.CONNECTIONS, theirs, Long.MAX_VALUE);
            theirs = TrafficPage.readConnections("n2", answers.answer(next.write()), new TreeMap<>());
        }
        now.remove(new ConnectionId("n2", 5_000)); // seen by who looks again
        while (middle != null) {
            var next = new TrafficPage.Question(TrafficPage.Kind.CONNECTIONS, middle, Long.MAX_VALUE);
            middle = TrafficPage.readConnections("n2", answers.answer(next.write()), ours);
        }
        assertEquals(now, ours);
    }

    @Test
    void whoDoesNotAnswerHasToldNothingAndTheOthersHave() {
        nodes.put("n2", new TrafficAnswers("n2", Clients.of("n2", 1, 1)));
        CompletableFuture<Told> first = asked.connections();
        assertFalse(first.isDone());
        CompletableFuture<Told> second = asked.connections();
        assertSame(second, asked.connections(), "who comes meanwhile shares the next round");
        gone(0);
        assertEquals(Set.of("n2"), first.join().whole());
        assertFalse(second.isDone());
        gone(1);
        assertEquals(1, second.join().connections().size());
        assertEquals(2, held.size());
    }

    @Test
    void anAnswerOfAnotherFormatIsNone() {
        var strange = new AskedTraffic(
                "n1",
                () -> List.of("n2"),
                (node, question) -> CompletableFuture.completedFuture(new byte[] {9, 1, 2}),
                System::nanoTime);
        assertEquals(Set.of(), strange.connections().join().whole());
    }
}
