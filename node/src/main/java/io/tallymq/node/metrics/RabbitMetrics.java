package io.tallymq.node.metrics;

import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.stats.QueueSums;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.amqp.channel.AmqpChannelInfo;
import io.tallymq.amqp.session.ConnectionRegistry;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.BrokerView.Counters;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import io.tallymq.broker.view.BrokerView.Sizes;
import io.tallymq.broker.view.BrokerView.Ways;
import io.tallymq.raft.RaftBroker;
import io.tallymq.raft.anatomy.Phase;
import io.tallymq.raft.session.RuntimeMetrics;
import java.util.Iterator;

/**
 * A node's numbers under the names that RabbitMQ has for them, so that its dashboards and alert rules show them. They add the nodes up; what the whole
 * cluster has together the leader tells, and the others say 0. Any thread.
 */
public final class RabbitMetrics {
    private static final String PROTOCOL = "protocol";
    private static final String AMQP = "amqp091";
    private static final String QUEUE_TYPE = "queue_type";
    /** All queues are of one kind, which RabbitMQ calls so. */
    private static final String QUORUM = "rabbit_quorum_queue";

    private final RaftBroker broker;
    private final ConnectionRegistry clients;
    private final NodeStats stats;
    private final int mostConnections;
    private final Versions versions;
    private final LedTotals led = new LedTotals();

    /**
     * What this node runs.
     *
     * @param own the program's
     * @param rabbit of the RabbitMQ that it is like
     */
    public record Versions(String own, String rabbit) {}

    /** @param mostConnections of clients that fit */
    public RabbitMetrics(
            RaftBroker broker, ConnectionRegistry clients, NodeStats stats, int mostConnections, Versions versions) {
        this.broker = broker;
        this.clients = clients;
        this.stats = stats;
        this.mostConnections = mostConnections;
        this.versions = versions;
    }

    private record State(Sizes sizes, Counters totals) {
        static State of(BrokerView view) {
            return new State(view.sizes(), view.totals());
        }
    }

    /**
     * The open channels of this node's clients.
     *
     * @param publishers those on which something was published
     */
    private record Channels(long publishers, long unacked) {
        static Channels of(ConnectionRegistry clients) {
            long publishers = 0;
            long unacked = 0;
            for (var ofOne : clients.channelInfos().values()) {
                for (AmqpChannelInfo channel : ofOne.values()) {
                    publishers += channel.messages().published() > 0 ? 1 : 0;
                    unacked += channel.unacked();
                }
            }
            return new Channels(publishers, unacked);
        }
    }

    /** Writes all of them. */
    public void write(MetricText out) {
        ClusterStatus status = broker.status();
        boolean leads = status.node().equals(status.leader());
        State state = broker.read(State::of);
        Counters totals = led.look(state.totals, state.sizes.queues(), leads);
        identity(out, status);
        clients(out, leads ? state.sizes : null);
        queues(out, leads);
        int consumers = leads ? state.sizes.consumers() : 0;
        Channels open = Channels.of(clients);
        messages(out, totals, consumers, open);
        channels(out, totals, consumers, open);
        machine(out, status.node());
        raft(out, status);
    }

    private void identity(MetricText out, ClusterStatus status) {
        out.gauge("rabbitmq_identity_info", "This node and its cluster")
                .value(
                        "rabbitmq_identity_info",
                        1,
                        "rabbitmq_node",
                        status.node(),
                        "rabbitmq_cluster",
                        status.cluster(),
                        "rabbitmq_cluster_permanent_id",
                        status.cluster());
        out.gauge("rabbitmq_build_info", "What this node runs")
                .value(
                        "rabbitmq_build_info",
                        1,
                        "rabbitmq_version",
                        versions.rabbit,
                        "product_name",
                        "TallyMQ",
                        "product_version",
                        versions.own,
                        "erlang_version",
                        "none",
                        "prometheus_client_version",
                        versions.own,
                        "prometheus_plugin_version",
                        versions.own);
    }

    private void clients(MetricText out, Sizes sizes) {
        ConnectionRegistry.Totals t = clients.totals();
        out.gauge("rabbitmq_connections", "Connections of clients", clients.size());
        out.gauge("rabbitmq_channels", "Channels of clients", t.channelsCreated() - t.channelsClosed());
        out.gauge(
                "rabbitmq_consumers",
                "Consumers of the cluster, told by its leader",
                sizes == null ? 0 : sizes.consumers());
        out.gauge("rabbitmq_queues", "Queues of the cluster, told by its leader", sizes == null ? 0 : sizes.queues());
        out.counter("rabbitmq_connections_opened_total", "Connections that came", t.connectionsCreated());
        out.counter("rabbitmq_connections_closed_total", "Connections that went", t.connectionsClosed());
        out.counter("rabbitmq_channels_opened_total", "Channels that came", t.channelsCreated());
        out.counter("rabbitmq_channels_closed_total", "Channels that went", t.channelsClosed());
        out.counter("rabbitmq_queues_declared_total", "As rabbitmq_queues_created_total", led.created());
        out.counter("rabbitmq_queues_created_total", "Queues more than at the scrape before", led.created());
        out.counter("rabbitmq_queues_deleted_total", "Queues fewer than at the scrape before", led.deleted());
    }

    private void queues(MetricText out, boolean leads) {
        QueueSums sums = new QueueSums();
        if (leads) {
            for (Iterator<QueueInfo> all = StateRows.queues(broker); all.hasNext(); ) {
                sums.add(all.next());
            }
        }
        out.gauge("rabbitmq_queue_messages_ready", "Messages that consumers can get, told by the leader", sums.ready());
        out.gauge(
                "rabbitmq_queue_messages_unacked", "Messages that consumers have, told by the leader", sums.unacked());
        out.gauge("rabbitmq_queue_messages", "Both together", sums.ready() + sums.unacked());
        out.gauge("rabbitmq_queue_messages_bytes", "Bytes of their bodies", sums.readyBytes() + sums.unackedBytes());
        out.gauge("rabbitmq_queue_consumers", "Consumers of queues, told by the leader", sums.consumers());
    }

    private void messages(MetricText out, Counters t, int consumers, Channels open) {
        RuntimeMetrics own = broker.runtime().metrics();
        protocol(out, "received", "Messages that clients of this node published", own.ownMessages());
        protocol(out, "received_confirm", "Of these, those on channels with confirms", clients.toConfirm());
        protocol(out, "confirmed", "Confirms sent to clients of this node", clients.confirmed());
        protocol(out, "routed", "Messages put into queues", t.published());
        protocol(out, "unroutable_dropped", "Messages that reached no queue", t.droppedUnroutable());
        protocol(out, "unroutable_returned", "Messages given back to clients of this node", clients.returned());
        queueType(out, "delivered", "Messages handed to clients", t.delivered());
        Ways ways = t.ways();
        long toAck = t.delivered() - ways.noAck() - ways.got() - ways.gotNoAck();
        queueType(out, "delivered_consume_manual_ack", "Messages handed to consumers who ack", toAck);
        queueType(out, "delivered_consume_auto_ack", "Messages handed to consumers who do not ack", ways.noAck());
        queueType(out, "delivered_get_manual_ack", "Messages got by basic.get, to be acked", ways.got());
        queueType(out, "delivered_get_auto_ack", "Messages got by basic.get without acks", ways.gotNoAck());
        queueType(out, "get_empty", "How often there was nothing to get", ways.gotNothing());
        queueType(out, "redelivered", "Messages handed out again", t.redelivered());
        queueType(out, "acknowledged", "Messages acknowledged", t.acked());
        dead(out, "expired", t.deaths().expired());
        dead(out, "rejected", t.deaths().rejected());
        dead(out, "maxlen", t.overflowed());
        dead(out, "delivery_limit", t.deaths().failed());
        dead(out, "confirmed", t.deaths().deadLettered());
        out.gauge("rabbitmq_global_consumers", "As rabbitmq_consumers")
                .value("rabbitmq_global_consumers", consumers, PROTOCOL, AMQP, QUEUE_TYPE, QUORUM);
        out.gauge("rabbitmq_global_publishers", "Open channels of this node's clients that have published")
                .value("rabbitmq_global_publishers", open.publishers, PROTOCOL, AMQP);
    }

    private static void protocol(MetricText out, String what, String help, long value) {
        String name = "rabbitmq_global_messages_" + what + "_total";
        out.counter(name, help).value(name, value, PROTOCOL, AMQP);
    }

    private static void queueType(MetricText out, String what, String help, long value) {
        String name = "rabbitmq_global_messages_" + what + "_total";
        out.counter(name, help).value(name, value, PROTOCOL, AMQP, QUEUE_TYPE, QUORUM);
    }

    private static void dead(MetricText out, String why, long value) {
        String name = "rabbitmq_global_messages_dead_lettered_" + why + "_total";
        out.counter(name, "Messages that left queues unconsumed").value(name, value, QUEUE_TYPE, QUORUM);
    }

    /** As RabbitMQ called them before there were global ones. */
    private void channels(MetricText out, Counters t, int consumers, Channels open) {
        channel(out, "messages_published", broker.runtime().metrics().ownMessages());
        channel(out, "messages_confirmed", clients.confirmed());
        channel(out, "messages_unroutable_dropped", t.droppedUnroutable());
        channel(out, "messages_unroutable_returned", clients.returned());
        Ways ways = t.ways();
        channel(out, "messages_delivered_ack", t.delivered() - ways.noAck() - ways.got() - ways.gotNoAck());
        channel(out, "messages_delivered", ways.noAck());
        channel(out, "messages_redelivered", t.redelivered());
        channel(out, "messages_acked", t.acked());
        channel(out, "get", ways.gotNoAck());
        channel(out, "get_ack", ways.got());
        channel(out, "get_empty", ways.gotNothing());
        out.counter("rabbitmq_queue_messages_published_total", "Messages put into queues", t.published());
        out.gauge("rabbitmq_channel_consumers", "As rabbitmq_consumers", consumers);
        out.gauge(
                "rabbitmq_channel_messages_unconfirmed",
                "Messages of clients of this node that are not confirmed yet",
                broker.runtime().pendingMessages());
        out.gauge(
                "rabbitmq_channel_messages_unacked",
                "Messages that clients of this node have and have not settled",
                open.unacked);
    }

    private static void channel(MetricText out, String what, long value) {
        out.counter("rabbitmq_channel_" + what + "_total", "As its like among rabbitmq_global_messages", value);
    }

    private void machine(MetricText out, String self) {
        NodeStats.Machine m = stats.machine();
        out.gauge("rabbitmq_process_resident_memory_bytes", "Memory that is resident", m.memoryUsed());
        out.gauge(
                "rabbitmq_resident_memory_limit_bytes",
                "With more the memory alarm goes off",
                Math.max(0, m.memoryLimit()));
        out.gauge("rabbitmq_process_open_fds", "File descriptors in use", m.filesOpen());
        out.gauge("rabbitmq_process_max_fds", "File descriptors that fit", m.filesLimit());
        out.gauge("rabbitmq_process_open_tcp_sockets", "Connections of clients", clients.size());
        out.gauge("rabbitmq_process_max_tcp_sockets", "Connections of clients that fit", mostConnections);
        out.gauge("rabbitmq_disk_space_available_bytes", "Bytes free where the data is", m.diskFree());
        out.gauge(
                "rabbitmq_disk_space_available_limit_bytes",
                "With fewer the disk alarm goes off",
                Math.max(0, m.diskFreeLimit()));
        alarm(out, "memory_used_watermark", "memory", self);
        alarm(out, "free_disk_space_watermark", "disk", self);
        out.gauge("rabbitmq_erlang_uptime_seconds", "Seconds since the start", m.uptime() / 1e3);
    }

    private void alarm(MetricText out, String name, String resource, String self) {
        boolean on = stats.alarms().contains(new NodeStats.Alarm(self, resource));
        out.gauge("rabbitmq_alarms_" + name, "1 while this node's " + resource + " blocks publishers", on ? 1 : 0);
    }

    private void raft(MetricText out, ClusterStatus status) {
        ClusterStatus.Member own = status.members().stream()
                .filter(m -> m.name().equals(status.node()))
                .findFirst()
                .orElseThrow();
        double latency =
                broker.runtime().metrics().phases().of(Phase.REPLICATE).recent().mean() / 1e9;
        long written = broker.logGauges().flushIndex();
        out.counter("rabbitmq_raft_term_total", "Raft's term", status.term());
        out.gauge("rabbitmq_raft_log_commit_index", "Last entry known to be committed", own.commitIndex());
        out.gauge("rabbitmq_raft_log_last_applied_index", "Last entry applied", own.appliedIndex());
        out.gauge("rabbitmq_raft_log_last_written_index", "Last entry on this node's disk", written);
        out.gauge("rabbitmq_raft_log_snapshot_index", "Last entry whose effect the store holds", own.durableIndex());
        out.gauge(
                "rabbitmq_raft_entry_commit_latency_seconds",
                "Mean of the last minute, of entries that this node submitted as leader",
                latency);
        out.gauge("rabbitmq_raft_term", "Raft's term", status.term());
        out.gauge("rabbitmq_raft_commit_index", "As rabbitmq_raft_log_commit_index", own.commitIndex());
        out.gauge("rabbitmq_raft_last_applied", "As rabbitmq_raft_log_last_applied_index", own.appliedIndex());
        out.gauge("rabbitmq_raft_last_written_index", "As rabbitmq_raft_log_last_written_index", written);
        out.gauge("rabbitmq_raft_snapshot_index", "As rabbitmq_raft_log_snapshot_index", own.durableIndex());
        out.gauge("rabbitmq_raft_commit_latency_seconds", "As rabbitmq_raft_entry_commit_latency_seconds", latency);
        for (ClusterStatus.Member m : status.members()) {
            if (m == status.members().get(0)) {
                out.gauge("tallymq_raft_lag_entries", "Entries that a node is behind, as this one knows");
            }
            if (m.lag() >= 0) {
                out.value("tallymq_raft_lag_entries", m.lag(), "peer", m.name());
            }
        }
        out.gauge("tallymq_leader", "1 on the node that leads", status.node().equals(status.leader()) ? 1 : 0);
        long reached = status.members().stream()
                .filter(ClusterStatus.Member::reachable)
                .count();
        out.gauge("tallymq_nodes_reachable", "Nodes that this one reaches, itself included", reached);
        out.gauge("tallymq_nodes", "Nodes of the cluster", status.members().size());
    }
}
