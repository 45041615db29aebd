package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import java.util.HashSet;
import java.util.Set;

/** Consumers as JSON, together with the connections they belong to. */
final class ConsumerRows {
    private final ClusterStatus status;
    private final Set<String> reachable = new HashSet<>();

    ConsumerRows(ClusterStatus status) {
        this.status = status;
        status.members().stream().filter(ClusterStatus.Member::reachable).forEach(member -> reachable.add(member.id()));
    }

    ObjectNode row(ConsumerView consumer) {
        ObjectNode row = Json.object()
                .put("consumer_tag", consumer.spec().tag())
                .put("ack_required", !consumer.spec().noAck())
                .put("exclusive", consumer.spec().exclusive())
                .put("prefetch_count", consumer.spec().prefetch())
                .put("messages_unacknowledged", consumer.unacked())
                .put("activity_status", reachable.contains(consumer.connection().node()) ? "up" : "suspected_down");
        row.putObject("queue").put("name", consumer.queue()).put("vhost", consumer.vhost());
        row.set("arguments", Json.arguments(consumer.spec().arguments()));
        row.set("channel_details", channelDetails(consumer));
        return row;
    }

    private ObjectNode channelDetails(ConsumerView consumer) {
        ConnectionInfo connection = consumer.info();
        return Json.object()
                .put("number", consumer.channel())
                .put("node", status.nameOf(consumer.connection().node()))
                .put("name", ConnectionsApi.channelName(connection, consumer.channel()))
                .put("user", connection.user())
                .put("connection_name", connection.name())
                .put("peer_host", connection.peer().host())
                .put("peer_port", connection.peer().port());
    }
}
