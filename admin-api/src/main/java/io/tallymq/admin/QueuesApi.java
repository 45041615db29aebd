package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.Route.Lane;
import io.tallymq.broker.BrokerView;
import io.tallymq.broker.BrokerView.ConnectionView;
import io.tallymq.broker.BrokerView.ConsumerView;
import io.tallymq.broker.BrokerView.QueueInfo;
import io.tallymq.broker.ConnectionId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** /api/queues: as this node has applied them, also without a majority. */
final class QueuesApi {
    /** What rows are made of, copied at one moment. */
    record Look(List<QueueInfo> queues, Map<ConnectionId, ConnectionView> owners, boolean vhostExists) {
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
        return listing.render(look.queues, QueueInfo::name, rows(look)::row);
    }

    private QueueRows rows(Look look) {
        return new QueueRows(context.broker().status(), look.owners, sampler.rates());
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
        ObjectNode row = rows(single.look).row(queue);
        var consumers = new ConsumerRows(context.broker().status(), single.connections);
        var details = row.putArray("consumer_details");
        single.consumers.forEach(c -> details.add(consumers.row(c)));
        single.consumers.stream()
                .filter(c -> c.spec().exclusive())
                .findFirst()
                .ifPresent(c -> row.put("exclusive_consumer_tag", c.spec().tag()));
        return Answer.ok(Columns.of(request.target()).of(row));
    }
}
