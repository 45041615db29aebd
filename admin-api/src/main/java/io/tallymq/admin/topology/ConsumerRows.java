package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/** Consumers as JSON, together with the connections they belong to. */
final class ConsumerRows {
    /** Of one queue or channel; the rest is counted, and in the list of all consumers, which is read in pieces. */
    static final int MOST_DETAILS = 500;

    private final ClusterStatus status;
    private final Set<String> reachable = new HashSet<>();

    ConsumerRows(ClusterStatus status) {
        this.status = status;
        status.members().stream().filter(ClusterStatus.Member::reachable).forEach(member -> reachable.add(member.id()));
    }

    /** Puts consumers of a queue or channel into its row, and of those that are too many how many they are. */
    void details(ObjectNode row, Iterator<ConsumerView> consumers) {
        ArrayNode details = row.putArray("consumer_details");
        int more = 0;
        while (consumers.hasNext()) {
            ConsumerView consumer = consumers.next();
            if (details.size() < MOST_DETAILS) {
                details.add(row(consumer));
            } else {
                more++;
            }
        }
        if (more > 0) {
            row.put("consumer_details_left_out", more);
        }
    }

    ObjectNode row(ConsumerView consumer) {
        ObjectNode row = Json.object()
                .put("consumer_tag", consumer.spec().tag())
                .put("ack_required", !consumer.spec().noAck())
                .put("exclusive", consumer.spec().exclusive())
                .put("prefetch_count", consumer.spec().prefetch())
                .put("messages_unacknowledged", consumer.unacked())
                .put("active", consumer.active())
                .put("activity_status", activity(consumer))
                .put("consumer_timeout", consumer.timeout());
        row.putObject("queue").put("name", consumer.queue()).put("vhost", consumer.vhost());
        row.set("arguments", Json.arguments(consumer.spec().arguments()));
        row.set("channel_details", channelDetails(consumer));
        return row;
    }

    private String activity(ConsumerView consumer) {
        if (!reachable.contains(consumer.connection().node())) {
            return "suspected_down";
        }
        boolean single = consumer.single();
        return consumer.active() ? single ? "single_active" : "up" : "waiting";
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
