package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.ClientTraffic;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ClusterStatus.Member;
import java.util.List;

/** /api/nodes: every node of the cluster as it told of itself, and the traffic of the one that answers. */
public final class NodesApi {
    private final AdminContext context;
    private final Sampler sampler;

    public NodesApi(AdminContext context, Sampler sampler) {
        this.context = context;
        this.sampler = sampler;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/nodes", Lane.LOCAL, this::nodes),
                HttpRoute.of("/api/nodes/{name}", Lane.LOCAL, this::node));
    }

    private Answer nodes(ApiRequest request) {
        ClusterStatus status = context.broker().status();
        return Listing.of(request.target())
                .render(
                        Listing.Source.of(status.members().iterator(), Member::name, member -> row(status, member)),
                        context.held());
    }

    private Answer node(ApiRequest request) {
        ClusterStatus status = context.broker().status();
        return status.members().stream()
                .filter(member -> member.name().equals(request.variable("name")))
                .findFirst()
                .map(member -> Answer.ok(Columns.of(request.target()).of(row(status, member))))
                .orElseThrow(RefusedException::notFound);
    }

    private ObjectNode row(ClusterStatus status, Member member) {
        ObjectNode node = Json.object()
                .put("name", member.name())
                .put("type", "disc")
                .put("running", member.reachable())
                .put("host", member.host())
                .put("role", member.role());
        node.set("partitions", Json.array()); // a minority serves nobody, so there are no halves that differ
        addAlarms(node, member.name());
        addWhatClientsWant(node);
        if (member.name().equals(status.node())) {
            addMachine(node, context.stats().machine());
            addTraffic(node);
            Json.putKnown(node, "sockets_total", context.stats().connectionLimit());
            return node;
        }
        NodeStats.Machine told = context.stats().machines().get(member.name());
        if (told != null) {
            addMachine(node, told);
        }
        ClientTraffic.Churn clients = context.stats().othersClients().get(member.name());
        if (clients != null) {
            node.put("sockets_used", clients.connectionsCreated() - clients.connectionsClosed());
        }
        return node;
    }

    /**
     * Clients that want them in each row end at the first one without: here is what holds of each node, of one too that nothing is heard of, and 0 for
     * what is not known. No node has Erlang's processes, runs queues of them, or has plugins.
     */
    private static void addWhatClientsWant(ObjectNode node) {
        node.put("os_pid", "0").put("uptime", 0).put("processors", 0);
        node.put("mem_limit", 0).put("fd_total", 0).put("disk_free_limit", 0);
        node.put("run_queue", 0).put("proc_total", 0);
        node.put("being_drained", false).put("rates_mode", "basic");
        node.set("enabled_plugins", Json.array());
    }

    private void addAlarms(ObjectNode node, String name) {
        List<NodeStats.Alarm> alarms = context.stats().alarms();
        node.put("mem_alarm", alarms.contains(new NodeStats.Alarm(name, "memory")))
                .put("disk_free_alarm", alarms.contains(new NodeStats.Alarm(name, "disk")));
    }

    private static void addMachine(ObjectNode node, NodeStats.Machine machine) {
        node.put("os_pid", Long.toString(machine.pid()))
                .put("uptime", machine.uptime())
                .put("processors", machine.processors());
        Json.putKnown(node, "mem_used", machine.memoryUsed());
        Json.putKnown(node, "mem_limit", machine.memoryLimit());
        Json.putKnown(node, "fd_used", machine.filesOpen());
        Json.putKnown(node, "fd_total", machine.filesLimit());
        Json.putKnown(node, "disk_free", machine.diskFree());
        Json.putKnown(node, "disk_free_limit", machine.diskFreeLimit());
    }

    /** What a node can only know of itself. */
    private void addTraffic(ObjectNode node) {
        Rates rates = sampler.rates();
        context.stats().traffic().totals().ifPresent(now -> {
            Rates.put(node, "recv_oct", now.receivedBytes(), rates.ofTraffic(ClientTraffic.Totals::receivedBytes));
            node.put("sockets_used", now.connectionsCreated() - now.connectionsClosed());
            Rates.put(node, "send_oct", now.sentBytes(), rates.ofTraffic(ClientTraffic.Totals::sentBytes));
        });
    }
}
