package io.tallymq.admin.request;

import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.Counters;
import io.tallymq.broker.spec.ConnectionId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * What the other nodes count of their clients, asked of them. Completes within seconds with what has come by then, never exceptionally. Any thread;
 * never blocks.
 */
public interface OthersTraffic {
    /** Whether another node serves it, so that it is asked for what it counts. */
    boolean isOthers(ConnectionId connection);

    /** Counters of connections. */
    CompletableFuture<Told> connections();

    /** Counters of channels. */
    CompletableFuture<Told> channels();

    /** Both, of one connection; nothing is told of this node's own. */
    CompletableFuture<Told> of(ConnectionId connection);

    /**
     * What was told.
     *
     * @param whole nodes (their ids) that told all that they were asked: what is not there began later
     */
    record Told(
            Map<ConnectionId, Counters> connections,
            Map<ConnectionId, Map<Integer, ChannelCounters>> channels,
            Set<String> whole) {
        public static final Told NOTHING = new Told(Map.of(), Map.of(), Set.of());
    }

    /** Of a node that is alone. */
    OthersTraffic NONE = new OthersTraffic() {
        @Override
        public boolean isOthers(ConnectionId connection) {
            return false;
        }

        @Override
        public CompletableFuture<Told> connections() {
            return CompletableFuture.completedFuture(Told.NOTHING);
        }

        @Override
        public CompletableFuture<Told> channels() {
            return connections();
        }

        @Override
        public CompletableFuture<Told> of(ConnectionId connection) {
            return connections();
        }
    };
}
