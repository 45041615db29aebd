package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.AmqpChannelInfo;
import io.tallymq.amqp.channel.MessageTotals;
import io.tallymq.broker.spec.ConnectionId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** The client connections of this node. Thread-safe. */
public final class ConnectionRegistry {
    /** So many connections beyond the limit at a time are let in as far as connection.open, where they can be told why not. */
    public static final int MOST_SURPLUS = 16;

    /** What becomes of a new connection. */
    enum Admission {
        ADMITTED,
        /** One too many: it is refused with a text when it asks to be opened. */
        SURPLUS,
        /** Far too many, or the server stops: its socket is closed. */
        TURNED_AWAY
    }

    private final Set<AmqpConnection> connections = ConcurrentHashMap.newKeySet();
    private final Set<AmqpConnection> surplus = ConcurrentHashMap.newKeySet();
    /** Open channels, by user; nobody who has none. */
    private final ConcurrentMap<String, Integer> channelsOfUsers = new ConcurrentHashMap<>();

    /** Open channels, of all. */
    private final AtomicInteger channelsOpen = new AtomicInteger();

    private final int most;
    private final int mostChannels;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder channelsRefused = new LongAdder();
    private final LongAdder stuck = new LongAdder();
    private final MessageTotals messages;
    private final Sum gone = new Sum();
    private final AtomicReference<Totals> told = new AtomicReference<>(Totals.NONE);
    private volatile boolean stopping;

    /**
     * @param most connections at a time; more are refused
     * @param mostChannels channels at a time, of all connections; more are refused
     * @param messages counts what becomes of messages on all of them
     */
    ConnectionRegistry(int most, int mostChannels, MessageTotals messages) {
        this.most = most;
        this.mostChannels = mostChannels;
        this.messages = messages;
    }

    /** Most connections at a time. */
    int most() {
        return most;
    }

    Admission add(AmqpConnection connection) {
        if (fits(connection, connections, most)) {
            accepted.increment();
            return Admission.ADMITTED;
        }
        refused.increment();
        return fits(connection, surplus, MOST_SURPLUS) ? Admission.SURPLUS : Admission.TURNED_AWAY;
    }

    /** Counted with the new one in: two at a time may both be refused, but never one too many be let in. */
    private boolean fits(AmqpConnection connection, Set<AmqpConnection> among, int limit) {
        among.add(connection);
        if (stopping || among.size() > limit) {
            among.remove(connection);
            return false;
        }
        return true;
    }

    /** It was one too many when it came, and may not be opened. */
    boolean isSurplus(AmqpConnection connection) {
        return surplus.contains(connection);
    }

    void remove(AmqpConnection connection) {
        surplus.remove(connection);
        if (connections.remove(connection)) {
            gone.add(connection.describe());
        }
    }

    /**
     * All there was since the start, closed connections included. Never less than before: one that goes meanwhile may be neither among the open ones
     * nor among those that are gone.
     */
    public Totals totals() {
        Sum sum = new Sum(gone);
        int open = 0;
        for (AmqpConnection connection : connections) {
            AmqpConnectionInfo info = connection.describe();
            sum.add(info);
            open += info.channels();
        }
        long created = accepted.sum();
        Totals now = new Totals(
                sum.received, sum.sent, created, created - connections.size(), sum.channels, sum.channels - open);
        return told.accumulateAndGet(now, Totals::most);
    }

    /** Octets on sockets, and what came and went. */
    public record Totals(
            long receivedBytes,
            long sentBytes,
            long connectionsCreated,
            long connectionsClosed,
            long channelsCreated,
            long channelsClosed) {
        static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0);

        /** Of each the larger one. */
        Totals most(Totals o) {
            return new Totals(
                    Math.max(receivedBytes, o.receivedBytes),
                    Math.max(sentBytes, o.sentBytes),
                    Math.max(connectionsCreated, o.connectionsCreated),
                    Math.max(connectionsClosed, o.connectionsClosed),
                    Math.max(channelsCreated, o.channelsCreated),
                    Math.max(channelsClosed, o.channelsClosed));
        }
    }

    /** Adds connections up. */
    private static final class Sum {
        private long received;
        private long sent;
        private long channels;

        Sum() {}

        Sum(Sum other) {
            synchronized (other) {
                received = other.received;
                sent = other.sent;
                channels = other.channels;
            }
        }

        synchronized void add(AmqpConnectionInfo c) {
            received += c.traffic().receivedBytes();
            sent += c.traffic().sentBytes();
            channels += c.channelsOpened();
        }
    }

    /** What there is to tell about all connections, by name. */
    public List<AmqpConnectionInfo> infos() {
        List<AmqpConnectionInfo> infos = new ArrayList<>();
        for (AmqpConnection connection : connections) {
            infos.add(connection.describe());
        }
        infos.sort(Comparator.comparing(AmqpConnectionInfo::name));
        return infos;
    }

    /** The numbers of the open channels of each connection that was opened. */
    public Map<ConnectionId, List<Integer>> channels() {
        Map<ConnectionId, List<Integer>> all = new TreeMap<>();
        for (AmqpConnection connection : connections) {
            AmqpConnectionInfo info = connection.describe();
            if (info.id() != null) {
                all.put(info.id(), info.channelNumbers());
            }
        }
        return all;
    }

    /** What there is to tell of the open channels of each connection that was opened, by number. */
    public Map<ConnectionId, SortedMap<Integer, AmqpChannelInfo>> channelInfos() {
        Map<ConnectionId, SortedMap<Integer, AmqpChannelInfo>> all = new TreeMap<>();
        for (AmqpConnection connection : connections) {
            OpenSession opened = connection.session();
            if (opened != null) {
                all.put(opened.id(), opened.channels().describe());
            }
        }
        return all;
    }

    /** What there is to tell of one connection; empty when it is not here. */
    public Optional<AmqpConnectionInfo> info(ConnectionId id) {
        return find(id).map(AmqpConnection::describe);
    }

    /** The same of its open channels, by number. */
    public SortedMap<Integer, AmqpChannelInfo> channelInfos(ConnectionId id) {
        return find(id).map(c -> c.session().channels().describe()).orElseGet(Collections::emptySortedMap);
    }

    private Optional<AmqpConnection> find(ConnectionId id) {
        return connections.stream()
                .filter(c -> c.session() != null && id.equals(c.session().id()))
                .findFirst();
    }

    /** Open channels of one user. */
    int channelsOf(String user) {
        return channelsOfUsers.getOrDefault(user, 0);
    }

    /** A user has one channel more; false, and he has not, if the node has as many as may be. */
    boolean channelOpened(String user) {
        if (channelsOpen.incrementAndGet() > mostChannels) {
            channelsOpen.decrementAndGet();
            channelsRefused.increment();
            return false;
        }
        channelsOfUsers.merge(user, 1, Integer::sum);
        return true;
    }

    /** A user has so many channels less. */
    void channelsClosed(String user, int channels) {
        channelsOpen.addAndGet(-channels);
        channelsOfUsers.computeIfPresent(user, (of, open) -> open == channels ? null : open - channels);
    }

    /** Users or virtual hosts have changed: who is not there any more is closed. Any thread. */
    public void accessChanged() {
        connections.forEach(AmqpConnection::accessChanged);
    }

    /** From now on no connection is admitted; those there are get connection.close 320 with this text. */
    public void stop(String reason) {
        stopping = true;
        closeAll(reason);
    }

    /** Closes all connections with 320 and this text; new ones may come. */
    public void closeAll(String reason) {
        for (AmqpConnection connection : connections) {
            connection.force(reason);
        }
        for (AmqpConnection connection : surplus) {
            connection.force(reason);
        }
    }

    /** Closes one connection with 320 and this text; false if there is none of this name. */
    public boolean close(String name, String reason) {
        for (AmqpConnection connection : connections) {
            if (connection.name().equals(name)) {
                connection.force(reason);
                return true;
            }
        }
        return false;
    }

    public int size() {
        return connections.size();
    }

    /** Connections admitted since the start. */
    public long accepted() {
        return accepted.sum();
    }

    /** Messages that came on channels with confirms since the start. */
    public long toConfirm() {
        return messages.toConfirm().sum();
    }

    /** Messages that were confirmed to clients since the start. */
    public long confirmed() {
        return messages.confirmed().sum();
    }

    /** Messages that were given back to clients since the start, as no queue took them. */
    public long returned() {
        return messages.returned().sum();
    }

    /** A connection was dropped because its client reads nothing. */
    void noteStuck() {
        stuck.increment();
    }

    /** Connections dropped because their clients read nothing of what waited for them. */
    public long stuck() {
        return stuck.sum();
    }

    /** Most channels at a time, of all connections. */
    public int mostChannels() {
        return mostChannels;
    }

    /** Open channels of all connections. */
    public int channelsOpen() {
        return channelsOpen.get();
    }

    /** Channels refused because the node had as many as may be. */
    public long channelsRefused() {
        return channelsRefused.sum();
    }

    /** Connections refused because there were too many. */
    public long refused() {
        return refused.sum();
    }
}
