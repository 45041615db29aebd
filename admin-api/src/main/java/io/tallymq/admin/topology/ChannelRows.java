package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.ClientTraffic.ChannelCounters;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import java.util.Map;

/** Channels as JSON. What only the serving node counts is told of its own clients' channels. */
final class ChannelRows {
    private final ClusterStatus status;
    /** Once for all rows: to gather them takes as long as there are clients. */
    private final Map<ConnectionId, Map<Integer, ChannelCounters>> counters;

    ChannelRows(AdminContext context) {
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
        if (known != null) {
            addCounters(row, known);
        }
        return row;
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
