package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.ChannelMessages;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** Channels as JSON. What only the serving node counts is told by it; of a node that does not tell it is told what the replicated state knows, and null. */
final class ChannelRows {
    /** RabbitMQ's message_stats of a channel. */
    private static final Map<String, ToLongFunction<ChannelMessages>> FIELDS = fields();

    private final ClusterStatus status;
    private final Rates rates;
    private final AdminContext context;
    private final KnownTraffic known;
    /** What consumers hold, by connection and channel; null while nobody needs it. */
    private Map<ConnectionId, Map<Integer, Held>> held;

    /** What the state knows of a channel's consumers. */
    private record Held(long unacked, int prefetch) {
        static Held of(ConsumerView c) {
            return new Held(c.unacked(), c.spec().prefetch());
        }

        Held and(Held later) {
            return new Held(unacked + later.unacked, later.prefetch);
        }
    }

    ChannelRows(AdminContext context, Rates rates, KnownTraffic known) {
        this.rates = rates;
        this.context = context;
        this.known = known;
        status = context.broker().status();
    }

    ObjectNode row(ConnectionsApi.Channel channel) {
        ConnectionId connection = channel.connection().id();
        ConnectionInfo info = channel.connection().info();
        ObjectNode row = Json.object()
                .put("name", channel.name())
                .put("number", channel.number())
                .put("node", status.nameOf(connection.node()))
                .put("user", info.user())
                .put("vhost", info.vhost())
                .put("consumer_count", channel.consumers());
        row.putObject("connection_details")
                .put("name", info.name())
                .put("peer_host", info.peer().host())
                .put("peer_port", info.peer().port());
        ChannelCounters counted = known.channel(connection, channel.number());
        if (counted != null) {
            addCounters(row, counted);
            row.set("message_stats", messageStats(channel, counted.messages()));
        } else if (known.isToldWhole(connection)) {
            addBegun(row);
        } else {
            addUncounted(row, channel);
        }
        return row;
    }

    /** It began after its node was asked: clients that want these in each row end at the first one without. */
    private static void addBegun(ObjectNode row) {
        row.put("state", "running")
                .put("prefetch_count", 0)
                .put("confirm", false)
                .put("messages_unacknowledged", 0)
                .put("messages_unconfirmed", 0);
    }

    /** Its node did not tell. A channel without consumers may hold what it got, so that nothing is known of it. */
    private void addUncounted(ObjectNode row, ConnectionsApi.Channel channel) {
        row.put("state", "running");
        Held its = held().getOrDefault(channel.connection().id(), Map.of()).get(channel.number());
        if (its == null) {
            row.putNull("prefetch_count").putNull("messages_unacknowledged");
        } else {
            row.put("prefetch_count", its.prefetch).put("messages_unacknowledged", its.unacked);
        }
        row.putNull("confirm").putNull("messages_unconfirmed");
    }

    private Map<ConnectionId, Map<Integer, Held>> held() {
        if (held == null) {
            held = new TreeMap<>();
            StateRows.consumers(context.broker())
                    .forEachRemaining(c -> held.computeIfAbsent(c.connection(), id -> new TreeMap<>())
                            .merge(c.channel(), Held.of(c), Held::and));
        }
        return held;
    }

    private ObjectNode messageStats(ConnectionsApi.Channel channel, ChannelMessages m) {
        ObjectNode stats = Json.object();
        FIELDS.forEach((field, value) -> Rates.put(
                stats,
                field,
                value.applyAsLong(m),
                rates.ofChannel(channel.connection().id(), channel.number(), value)));
        return stats;
    }

    private static Map<String, ToLongFunction<ChannelMessages>> fields() {
        Map<String, ToLongFunction<ChannelMessages>> fields = new LinkedHashMap<>();
        fields.put("publish", ChannelMessages::published);
        fields.put("confirm", ChannelMessages::confirmed);
        fields.put("return_unroutable", ChannelMessages::returned);
        fields.put("deliver", ChannelMessages::delivered);
        fields.put("deliver_no_ack", ChannelMessages::deliveredNoAck);
        fields.put("get", ChannelMessages::got);
        fields.put("get_no_ack", ChannelMessages::gotNoAck);
        fields.put("get_empty", ChannelMessages::gotNothing);
        fields.put("deliver_get", m -> m.delivered() + m.deliveredNoAck() + m.got() + m.gotNoAck());
        fields.put("redeliver", ChannelMessages::redelivered);
        fields.put("ack", ChannelMessages::acked);
        return fields;
    }

    private static void addCounters(ObjectNode row, ChannelCounters c) {
        row.put("state", "running")
                .put("prefetch_count", c.prefetch())
                .put("global_prefetch_count", c.globalPrefetch())
                .put("confirm", c.confirms())
                .put("transactional", c.transactional())
                .put("messages_unacknowledged", c.unacked())
                .put("messages_unconfirmed", c.unconfirmed())
                .put("messages_uncommitted", c.uncommitted())
                .put("acks_uncommitted", c.uncommittedAcks());
    }
}
