package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.Route.Lane;
import io.tallymq.broker.BrokerView;
import io.tallymq.broker.BrokerView.ConnectionView;
import io.tallymq.broker.BrokerView.ConsumerView;
import io.tallymq.broker.BrokerView.QueueInfo;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ClusterStatus.Member;
import io.tallymq.broker.ConnectionId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** /api/queues: as this node has applied them, also without a majority. */
final class QueuesApi {
    /** What rows are made of, copied at one moment. */
    private record Look(List<QueueInfo> queues, Map<ConnectionId, ConnectionView> owners, boolean vhostExists) {
        static Look at(BrokerView view, String vhost, Predicate<QueueInfo> wanted) {
            List<QueueInfo> queues = view.queues().stream().filter(wanted).toList();
            Map<ConnectionId, ConnectionView> owners = new HashMap<>();
            if (queues.stream().anyMatch(q -> q.exclusiveOwner() != null)) {
                view.connections().forEach(c -> owners.put(c.id(), c));
            }
            return new Look(queues, owners, vhost == null || view.vhosts().contains(vhost));
        }
    }

    private final AdminContext context;
    private final Sampler sampler;

    QueuesApi(AdminContext context, Sampler sampler) {
        this.context = context;
        this.sampler = sampler;
    }

    List<Route> routes() {
        return List.of(
                Route.of("/api/queues", Lane.STATE, this::queues),
                Route.of("/api/queues/{vhost}", Lane.STATE, this::queues),
                Route.of("/api/queues/{vhost}/{name}", Lane.STATE, this::queue));
    }

    private Answer queues(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        String vhost = request.variable("vhost");
        Look look = context.broker()
                .read(view ->
                        Look.at(view, vhost, q -> vhost == null || q.vhost().equals(vhost)));
        if (!look.vhostExists) {
            throw RefusedException.notFound();
        }
        ClusterStatus status = context.broker().status();
        Rates rates = sampler.rates();
        return Answer.ok(listing.render(look.queues, QueueInfo::name, queue -> row(queue, look, status, rates)));
    }

    private record Single(Look look, List<ConsumerView> consumers, List<ConnectionView> connections) {}

    private Answer queue(ApiRequest request) {
        String vhost = request.variable("vhost");
        String name = request.variable("name");
        Single single = context.broker()
                .read(view -> new Single(
                        Look.at(
                                view,
                                vhost,
                                q -> q.vhost().equals(vhost) && q.name().equals(name)),
                        view.consumers().stream()
                                .filter(c ->
                                        c.vhost().equals(vhost) && c.queue().equals(name))
                                .toList(),
                        List.copyOf(view.connections())));
        if (single.look.queues.isEmpty()) {
            throw RefusedException.notFound();
        }
        QueueInfo queue = single.look.queues.get(0);
        ClusterStatus status = context.broker().status();
        ObjectNode row = row(queue, single.look, status, sampler.rates());
        var consumers = new ConsumerRows(status, single.connections);
        var details = row.putArray("consumer_details");
        single.consumers.forEach(c -> details.add(consumers.row(c)));
        single.consumers.stream()
                .filter(c -> c.spec().exclusive())
                .findFirst()
                .ifPresent(c -> row.put("exclusive_consumer_tag", c.spec().tag()));
        return Answer.ok(Columns.of(request.target()).of(row));
    }

    private static ObjectNode row(QueueInfo queue, Look look, ClusterStatus status, Rates rates) {
        ObjectNode row = Json.object()
                .put("name", queue.name())
                .put("vhost", queue.vhost())
                .put("durable", queue.spec().durable())
                .put("auto_delete", queue.spec().autoDelete())
                .put("exclusive", queue.spec().exclusive())
                // RabbitMQ's word for a replicated queue whose node finds no majority.
                .put("state", status.serving() ? "running" : "minority")
                .put("consumers", queue.consumers())
                .put("message_bytes_ready", queue.readyBytes());
        row.set("arguments", Json.arguments(queue.spec().arguments()));
        if (queue.spec().arguments().get("x-queue-type") instanceof String type) {
            row.put("type", type);
        }
        addPlace(row, status);
        addOwner(row, queue, look);
        Rates.put(row, "messages", queue.ready() + queue.unacked(), rates.of(queue, q -> q.ready() + q.unacked()));
        Rates.put(row, "messages_ready", queue.ready(), rates.of(queue, QueueInfo::ready));
        Rates.put(row, "messages_unacknowledged", queue.unacked(), rates.of(queue, QueueInfo::unacked));
        row.set(
                "message_stats",
                Rates.messageStats(
                        queue.counters(), counter -> rates.of(queue, q -> counter.applyAsLong(q.counters()))));
        return row;
    }

    /** Every node holds every queue; the leader is the cluster's. */
    private static void addPlace(ObjectNode row, ClusterStatus status) {
        if (status.leader() != null) {
            row.put("node", status.leader()).put("leader", status.leader());
        }
        row.set(
                "members",
                Json.strings(status.members().stream().map(Member::name).toList()));
        row.set(
                "online",
                Json.strings(status.members().stream()
                        .filter(Member::reachable)
                        .map(Member::name)
                        .toList()));
    }

    private static void addOwner(ObjectNode row, QueueInfo queue, Look look) {
        ConnectionView owner = queue.exclusiveOwner() == null ? null : look.owners.get(queue.exclusiveOwner());
        if (owner != null) {
            row.putObject("owner_pid_details")
                    .put("name", owner.info().name())
                    .put("node", owner.id().node())
                    .put("peer_host", owner.info().peer().host())
                    .put("peer_port", owner.info().peer().port());
        }
    }
}
