package io.tallymq.admin.topology;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.Counters;
import io.tallymq.admin.request.OthersTraffic;
import io.tallymq.admin.request.OthersTraffic.Told;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.view.BrokerView.ConnectionView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is counted of clients while one request is answered: of this node's own as it is now, of the others' as their nodes told. One thread's. What is
 * read of all clients is read once: to gather it takes as long as there are clients.
 */
public final class KnownTraffic {
    private final ClientTraffic own;
    private final OthersTraffic others;
    private final Told told;
    private Map<ConnectionId, Counters> connections;
    private Map<ConnectionId, Map<Integer, ChannelCounters>> counters;
    private Map<ConnectionId, List<Integer>> numbers;

    public KnownTraffic(AdminContext context, Told told) {
        this.told = told;
        this.own = context.stats().traffic();
        this.others = context.stats().othersTraffic();
    }

    private boolean isOwn(ConnectionId connection) {
        return !others.isOthers(connection);
    }

    /** Of one of many. */
    Optional<Counters> connection(ConnectionId id) {
        if (!isOwn(id)) {
            return Optional.ofNullable(told.connections().get(id));
        }
        if (connections == null) {
            connections = own.connections();
        }
        return Optional.ofNullable(connections.get(id));
    }

    /** Of the only one that is asked for. */
    Optional<Counters> single(ConnectionId id) {
        return isOwn(id) ? own.connection(id) : connection(id);
    }

    /** Whether what is not known of its channels began after its node was asked. */
    boolean isToldWhole(ConnectionId connection) {
        return isOwn(connection) || told.whole().contains(connection.node());
    }

    /** Null when it is not known. */
    ChannelCounters channel(ConnectionId connection, int number) {
        return channelsOf(connection).get(number);
    }

    private Map<Integer, ChannelCounters> channelsOf(ConnectionId connection) {
        if (!isOwn(connection)) {
            return told.channels().getOrDefault(connection, Map.of());
        }
        if (counters == null) {
            counters = own.channelCounters();
        }
        return counters.getOrDefault(connection, Map.of());
    }

    /** A connection's open channels, as far as they are known, and how many consumers each has. */
    SortedMap<Integer, Integer> consumers(ConnectionView connection) {
        SortedMap<Integer, Integer> channels = new TreeMap<>();
        connection.channels().forEach(c -> channels.put(c.number(), c.consumers()));
        if (isOwn(connection.id())) {
            ownNumbers().getOrDefault(connection.id(), List.of()).forEach(number -> channels.putIfAbsent(number, 0));
        } else {
            channelsOf(connection.id()).keySet().forEach(number -> channels.putIfAbsent(number, 0));
        }
        return channels;
    }

    private Map<ConnectionId, List<Integer>> ownNumbers() {
        if (numbers == null) {
            numbers = own.channels();
        }
        return numbers;
    }

    /** How many channels it has open: of a node that did not tell, those that consume or hold messages. */
    public int channelCount(ConnectionView connection) {
        Counters its = isOwn(connection.id()) ? null : told.connections().get(connection.id());
        return its == null ? consumers(connection).size() : its.channels();
    }
}
