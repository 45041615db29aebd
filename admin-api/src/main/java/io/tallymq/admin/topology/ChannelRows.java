package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.ClientTraffic.ChannelMessages;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.stats.Rates;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Channels as JSON. What only the serving node counts is told of its own clients' channels. */
final class ChannelRows {
    /** RabbitMQ's message_stats of a channel. */
    private static final Map<String, ToLongFunction<ChannelMessages>> FIELDS = fields();

    private final ClusterStatus status;
    private final Rates rates;
    /** Once for all rows: to gather them takes as long as there are clients. */
    private final Map<ConnectionId, Map<Integer, ChannelCounters>> counters;

    ChannelRows(AdminContext context, Rates rates) {
        this.rates = rates;
        status = context.broker().status();
        counters = context.stats().traffic().channelCounters();
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
        ChannelCounters known = counters.getOrDefault(connection, Map.of()).get(channel.number());
        if (known == null) {
            addUncounted(row);
        } else {
            addCounters(row, known);
            row.set("message_stats", messageStats(channel, known.messages()));
        }
        return row;
    }

    /** Clients that want them in each row end at the first one without: another node's rows have them, with what is so at least. No message_stats tells them apart. */
    private static void addUncounted(ObjectNode row) {
        row.put("state", "running")
                .put("prefetch_count", 0)
                .put("confirm", false)
                .put("messages_unacknowledged", 0)
                .put("messages_unconfirmed", 0);
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
