package io.tallymq.node.traffic;

import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.Counters;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.node.traffic.TrafficPage.Kind;
import io.tallymq.node.traffic.TrafficPage.Place;
import io.tallymq.node.traffic.TrafficPage.Question;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Answers other nodes with what this one counts of its clients. One thread's. */
public final class TrafficAnswers {
    private final String self;
    private final ClientTraffic own;
    /** Read when a first page is asked for, and what the next ones are of: to gather it takes as long as there are clients. */
    private NavigableMap<ConnectionId, Counters> connections = new TreeMap<>();

    private NavigableMap<ConnectionId, Map<Integer, ChannelCounters>> channels = new TreeMap<>();

    /** @param self this node's id */
    public TrafficAnswers(String self, ClientTraffic own) {
        this.self = self;
        this.own = own;
    }

    /** A page of it. */
    public byte[] answer(byte[] question) {
        Question q = Question.read(question);
        boolean begins = q.from().equals(Place.FIRST) || q.from().connection() == q.to();
        if (q.kind() == Kind.CONNECTIONS) {
            if (begins) {
                connections = new TreeMap<>(own.connections());
            }
            return TrafficPage.connections(q, self, connections);
        }
        if (begins) {
            channels = new TreeMap<>(own.channelCounters());
        }
        return TrafficPage.channels(q, self, channels);
    }
}
