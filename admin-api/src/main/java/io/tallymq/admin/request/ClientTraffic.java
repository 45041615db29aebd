package io.tallymq.admin.request;

import io.tallymq.broker.spec.ConnectionId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What only the node that serves a client can know. Any thread; never blocks. */
public interface ClientTraffic {
    /** Sums over all clients of this node since it started, closed connections included; empty where nobody counts. */
    Optional<Totals> totals();

    /** Counters of this node's open connections; a copy. */
    Map<ConnectionId, Counters> connections();

    /** Counters of one of this node's connections; empty when it is not this node's. */
    Optional<Counters> connection(ConnectionId id);

    /** The numbers of the open channels of each of this node's connections; a copy. */
    Map<ConnectionId, List<Integer>> channels();

    /** What is known of the open channels of this node's connections, by number; a copy. */
    default Map<ConnectionId, Map<Integer, ChannelCounters>> channelCounters() {
        return Map.of();
    }

    /** Bytes on AMQP sockets, and how many connections and channels came and went. */
    record Totals(
            long receivedBytes,
            long sentBytes,
            long connectionsCreated,
            long connectionsClosed,
            long channelsCreated,
            long channelsClosed) {}

    /**
     * One connection.
     *
     * @param channels open channels
     * @param receivedPackets how often octets were taken from the socket, as sentPackets how often they were given to it
     * @param pendingBytes written by the broker, not yet taken by the socket
     * @param blocked whether connection.blocked was sent and is in force
     * @param tls whether the socket is encrypted
     */
    record Counters(
            int channels,
            long receivedBytes,
            long sentBytes,
            long receivedPackets,
            long sentPackets,
            long pendingBytes,
            boolean blocked,
            boolean tls) {}

    /**
     * One channel.
     *
     * @param prefetch unacked messages that a consumer may have who comes now; 0 for no limit
     * @param globalPrefetch the same of all its consumers together
     * @param unacked messages that the client has and has not settled
     * @param unconfirmed publishes whose confirms are due
     * @param uncommitted publishes that wait for tx.commit, as uncommittedAcks do
     */
    record ChannelCounters(
            int prefetch,
            int globalPrefetch,
            boolean confirms,
            boolean transactional,
            int unacked,
            long unconfirmed,
            int uncommitted,
            int uncommittedAcks) {}

    /** Nobody counts: what would be shown from it is left out. */
    ClientTraffic NONE = new ClientTraffic() {
        @Override
        public Optional<Totals> totals() {
            return Optional.empty();
        }

        @Override
        public Map<ConnectionId, Counters> connections() {
            return Map.of();
        }

        @Override
        public Map<ConnectionId, List<Integer>> channels() {
            return Map.of();
        }

        @Override
        public Optional<Counters> connection(ConnectionId id) {
            return Optional.empty();
        }
    };
}
