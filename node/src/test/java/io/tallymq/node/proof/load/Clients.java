package io.tallymq.node.proof.load;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Opens the load's connections and notes the ones that are lost. Any thread. */
public final class Clients {
    private static final int CONNECT_MILLIS = 3_000;
    private static final int HANDSHAKE_MILLIS = 20_000;
    private static final int RPC_MILLIS = 60_000;
    private static final int HEARTBEAT_SECONDS = 10;
    private static final int CLOSE_MILLIS = 5_000;

    /** How a port of a node is reached. */
    public interface Route {
        String host(NodeAddress node);

        int port(NodeAddress node);
    }

    public static final Route DIRECT = new Route() {
        @Override
        public String host(NodeAddress node) {
            return node.host();
        }

        @Override
        public int port(NodeAddress node) {
            return node.amqpPort();
        }
    };

    /** A client out of reach is told by nobody: it notices with its next heartbeat, or when its machine gives up sending. */
    private static final long NOTICE_NANOS = TimeUnit.SECONDS.toNanos(2 * HEARTBEAT_SECONDS);

    /** A connection the client did not mean to end, at times of {@link System#nanoTime}. */
    public record Lost(int node, String client, long opened, long time, String reason) {
        @Override
        public String toString() {
            return client + " on node " + node + ": " + reason;
        }
    }

    private final List<NodeAddress> nodes;
    private final Route route;
    private final List<Lost> lost = new ArrayList<>();
    /** When each node was struck last, until when. */
    private final Map<Integer, Long> healed = new HashMap<>();

    public Clients(List<NodeAddress> nodes, Route route) {
        this.nodes = nodes;
        this.route = route;
    }

    public Connection connect(int node, String client) throws IOException, TimeoutException {
        return connect(node, client, Map.of());
    }

    /** @param properties that the client tells of itself besides the usual ones */
    public Connection connect(int node, String client, Map<String, Object> properties)
            throws IOException, TimeoutException {
        NodeAddress address = nodes.get(node - 1);
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(route.host(address));
        factory.setPort(route.port(address));
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setConnectionTimeout(CONNECT_MILLIS);
        factory.setHandshakeTimeout(HANDSHAKE_MILLIS);
        factory.setChannelRpcTimeout(RPC_MILLIS);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.getClientProperties().putAll(properties);
        Connection connection = factory.newConnection(client);
        long opened = System.nanoTime();
        connection.addShutdownListener(signal -> note(node, client, opened, signal));
        return connection;
    }

    private synchronized void note(int node, String client, long opened, ShutdownSignalException signal) {
        if (!signal.isInitiatedByApplication()) {
            lost.add(new Lost(node, client, opened, System.nanoTime(), String.valueOf(signal.getMessage())));
        }
    }

    /** What was lost from {@code time} on, on other nodes than those that were struck, and not because of an earlier strike. */
    public synchronized List<Lost> lostSince(long time, Set<Integer> struck) {
        List<Lost> found = lost.stream()
                .filter(l -> l.time >= time && !struck.contains(l.node) && !isLate(l))
                .toList();
        struck.forEach(node -> healed.put(node, System.nanoTime()));
        return found;
    }

    private boolean isLate(Lost l) {
        Long until = healed.get(l.node);
        return until != null && l.opened < until && l.time < until + NOTICE_NANOS;
    }

    /** Ends the connection, whatever state it is in. */
    public static void close(Connection connection) {
        connection.abort(CLOSE_MILLIS);
    }

    public static Duration patience() {
        return Duration.ofMillis(RPC_MILLIS);
    }
}
