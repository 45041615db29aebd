package io.tallymq.node.traffic;

import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.Counters;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.node.traffic.TrafficPage.Kind;
import io.tallymq.node.traffic.TrafficPage.Page;
import io.tallymq.node.traffic.TrafficPage.Question;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Answers other nodes with what this one counts of its clients. One thread's. */
public final class TrafficAnswers {
    private final String self;
    private final ClientTraffic own;
    /**
     * Read when a first page is asked for, and what the next ones are of: to gather it takes as long as there are clients. Null once the last
     * page was told; who was told less by then, for two nodes ask, has the rest of another one.
     */
    private NavigableMap<ConnectionId, Counters> connections;

    private NavigableMap<ConnectionId, Map<Integer, ChannelCounters>> channels;

    /** @param self this node's id */
    public TrafficAnswers(String self, ClientTraffic own) {
        this.self = self;
        this.own = own;
    }

    /** A page of it. */
    public byte[] answer(byte[] question) {
        Question q = Question.read(question);
        return q.kind() == Kind.CONNECTIONS ? connections(q) : channels(q);
    }

    private byte[] connections(Question q) {
        if (q.isOfOne()) {
            var one = new TreeMap<ConnectionId, Counters>();
            own.connection(q.one(self)).ifPresent(c -> one.put(q.one(self), c));
            return TrafficPage.connections(q, self, one).bytes();
        }
        if (q.isFirst() || connections == null) {
            connections = new TreeMap<>(own.connections());
        }
        Page page = TrafficPage.connections(q, self, connections);
        connections = page.isLast() ? null : connections;
        return page.bytes();
    }

    private byte[] channels(Question q) {
        if (q.isOfOne()) {
            var one = new TreeMap<>(Map.of(q.one(self), own.channelCounters(q.one(self))));
            return TrafficPage.channels(q, self, one).bytes();
        }
        if (q.isFirst() || channels == null) {
            channels = new TreeMap<>(own.channelCounters());
        }
        Page page = TrafficPage.channels(q, self, channels);
        channels = page.isLast() ? null : channels;
        return page.bytes();
    }
}
