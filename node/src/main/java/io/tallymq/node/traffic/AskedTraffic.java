package io.tallymq.node.traffic;

import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.Counters;
import io.tallymq.admin.request.OthersTraffic;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.node.traffic.TrafficPage.Kind;
import io.tallymq.node.traffic.TrafficPage.Place;
import io.tallymq.node.traffic.TrafficPage.Question;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the other nodes for what they count of their clients, page after page, all at a time. Of all clients one round of each kind is under way; who
 * comes meanwhile shares the next one, so that nobody is told what was before he asked. A node that does not answer in time, or has more than
 * {@link #MOST_ROWS}, has told what has come. Any thread.
 */
public final class AskedTraffic implements OthersTraffic {
    private static final Logger LOG = LoggerFactory.getLogger(AskedTraffic.class);
    /** Of one node; some 150 bytes each while an answer is made of them, and what its certificate says of a client that showed one. */
    static final int MOST_ROWS = 20_000;
    /** No further page is asked for after that. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

    /** The way to another node's {@link TrafficAnswers}; fails when it does not answer. */
    public interface Way {
        CompletableFuture<byte[]> ask(String node, byte[] question);
    }

    private final String self;
    private final Supplier<List<String>> others;
    private final Way way;
    private final LongSupplier nanos;
    private final Rounds connections = new Rounds(Kind.CONNECTIONS);
    private final Rounds channels = new Rounds(Kind.CHANNELS);

    /**
     * Asks nothing yet.
     *
     * @param self this node's id
     * @param others the other nodes' ids
     * @param nanos a clock, monotonic
     */
    public AskedTraffic(String self, Supplier<List<String>> others, Way way, LongSupplier nanos) {
        this.self = self;
        this.others = others;
        this.way = way;
        this.nanos = nanos;
    }

    @Override
    public boolean isOthers(ConnectionId connection) {
        return !connection.node().equals(self);
    }

    @Override
    public CompletableFuture<Told> connections() {
        return connections.ask();
    }

    @Override
    public CompletableFuture<Told> channels() {
        return channels.ask();
    }

    @Override
    public CompletableFuture<Told> of(ConnectionId connection) {
        if (!isOthers(connection)) {
            return CompletableFuture.completedFuture(Told.NOTHING);
        }
        var from = new Place(connection.number(), 0);
        var its = new Gathering(connection.node(), Kind.CONNECTIONS, connection.number());
        var of = new Gathering(connection.node(), Kind.CHANNELS, connection.number());
        return CompletableFuture.allOf(its.ask(from), of.ask(from)).thenApply(done -> told(List.of(its, of)));
    }

    /** One round is under way; the next one is everybody's who comes meanwhile. */
    private final class Rounds {
        private final Kind kind;
        private CompletableFuture<Told> now;
        private CompletableFuture<Told> next;

        Rounds(Kind kind) {
            this.kind = kind;
        }

        CompletableFuture<Told> ask() {
            List<String> nodes = others.get();
            if (nodes.isEmpty()) {
                return CompletableFuture.completedFuture(Told.NOTHING);
            }
            CompletableFuture<Told> mine;
            synchronized (this) {
                if (now != null) {
                    next = next == null ? new CompletableFuture<>() : next;
                    return next;
                }
                now = new CompletableFuture<>();
                mine = now;
            }
            begin(mine, nodes);
            return mine;
        }

        private void begin(CompletableFuture<Told> round, List<String> nodes) {
            List<Gathering> all = nodes.stream()
                    .map(node -> new Gathering(node, kind, Long.MAX_VALUE))
                    .toList();
            CompletableFuture<?>[] asked =
                    all.stream().map(g -> g.ask(Place.FIRST)).toArray(CompletableFuture[]::new);
            var unused = CompletableFuture.allOf(asked).whenComplete((done, error) -> {
                CompletableFuture<Told> following;
                synchronized (this) {
                    now = next;
                    following = next;
                    next = null;
                }
                round.complete(told(all));
                if (following != null) {
                    begin(following, others.get());
                }
            });
        }
    }

    /** What comes of one node. Pages come one after the other. */
    private final class Gathering {
        private final String node;
        private final Kind kind;
        private final long to;
        private final long begun = nanos.getAsLong();
        private final Map<ConnectionId, Counters> connections = new TreeMap<>();
        private final Map<ConnectionId, Map<Integer, ChannelCounters>> channels = new TreeMap<>();
        private boolean whole;

        /** @param to the last connection */
        Gathering(String node, Kind kind, long to) {
            this.node = node;
            this.kind = kind;
            this.to = to;
        }

        /** Completes when the node has told all, or no more of it is waited for; never exceptionally. */
        CompletableFuture<Void> ask(Place from) {
            return way.ask(node, new Question(kind, from, to).write())
                    .thenCompose(this::took)
                    .exceptionally(error -> {
                        LOG.debug("Node {} did not tell all of its clients' counters", node, error);
                        return null;
                    });
        }

        private CompletableFuture<Void> took(byte[] page) {
            Place next = kind == Kind.CONNECTIONS
                    ? TrafficPage.readConnections(node, page, connections)
                    : TrafficPage.readChannels(node, page, channels);
            whole = next == null;
            boolean goesOn = !whole && rows() < MOST_ROWS && nanos.getAsLong() - begun < PATIENCE_NANOS;
            return goesOn ? ask(next) : CompletableFuture.completedFuture(null);
        }

        private int rows() {
            return connections.size()
                    + channels.values().stream().mapToInt(Map::size).sum();
        }
    }

    /** A node told whole has told whole in all that it was asked. */
    private static Told told(List<Gathering> all) {
        Map<ConnectionId, Counters> connections = new TreeMap<>();
        Map<ConnectionId, Map<Integer, ChannelCounters>> channels = new TreeMap<>();
        Set<String> whole = new TreeSet<>();
        all.forEach(g -> {
            connections.putAll(g.connections);
            channels.putAll(g.channels);
            if (g.whole) {
                whole.add(g.node);
            }
        });
        all.forEach(g -> {
            if (!g.whole) {
                whole.remove(g.node);
            }
        });
        return new Told(connections, channels, whole);
    }
}
