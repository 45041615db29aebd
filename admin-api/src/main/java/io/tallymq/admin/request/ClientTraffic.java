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

    /** How many channels were opened on each of this node's open connections, by what to call the connection; a copy. Those with one may be missing. */
    default Map<String, Long> channelsOpened() {
        return Map.of();
    }

    /** What is known of the open channels of this node's connections, by number; a copy. */
    default Map<ConnectionId, Map<Integer, ChannelCounters>> channelCounters() {
        return Map.of();
    }

    /** The same of one of them; nothing of what is not this node's. */
    default Map<Integer, ChannelCounters> channelCounters(ConnectionId id) {
        return channelCounters().getOrDefault(id, Map.of());
    }

    /**
     * Bytes on AMQP sockets, and how many connections and channels came and went.
     *
     * @param confirmed messages that were confirmed to clients
     */
    record Totals(
            long receivedBytes,
            long sentBytes,
            long connectionsCreated,
            long connectionsClosed,
            long channelsCreated,
            long channelsClosed,
            long confirmed) {
        public Churn churn() {
            return new Churn(connectionsCreated, connectionsClosed, channelsCreated, channelsClosed, confirmed);
        }
    }

    /** What of {@link Totals} nodes tell each other. */
    record Churn(
            long connectionsCreated,
            long connectionsClosed,
            long channelsCreated,
            long channelsClosed,
            long confirmed) {
        public Churn plus(Churn o) {
            return new Churn(
                    connectionsCreated + o.connectionsCreated,
                    connectionsClosed + o.connectionsClosed,
                    channelsCreated + o.channelsCreated,
                    channelsClosed + o.channelsClosed,
                    confirmed + o.confirmed);
        }
    }

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
     * @param messages that it had to do with since it was opened
     */
    record ChannelCounters(
            int prefetch,
            int globalPrefetch,
            boolean confirms,
            boolean transactional,
            int unacked,
            long unconfirmed,
            int uncommitted,
            int uncommittedAcks,
            ChannelMessages messages) {}

    /**
     * Messages of a channel by what became of them.
     *
     * @param delivered to consumers who ack; deliveredNoAck: to those who do not
     * @param got by basic.get, to be acked; gotNoAck: without acks
     * @param gotNothing how often there was nothing to get
     * @param redelivered of all that were delivered or got, those that are flagged so
     */
    record ChannelMessages(
            long published,
            long confirmed,
            long returned,
            long delivered,
            long deliveredNoAck,
            long got,
            long gotNoAck,
            long gotNothing,
            long redelivered,
            long acked) {}

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
