package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/** /api/queues: as this node has applied them, also without a majority. All of them come in the order in which they were made, pages by name. */
public final class QueuesApi {
    private static final Comparator<QueueInfo> BY_NAME =
            Comparator.comparing(QueueInfo::vhost).thenComparing(QueueInfo::name);

    private final AdminContext context;
    private final Sampler sampler;
    private final QueueWrites writes;

    public QueuesApi(AdminContext context, Sampler sampler, QueueWrites writes) {
        this.writes = writes;
        this.context = context;
        this.sampler = sampler;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/queues", Lane.STATE, this::queues).openTo(Access.MANAGEMENT),
                // RabbitMQ's own: a virtual host of that name has to be looked at in the list of all.
                HttpRoute.of("/api/queues/detailed", Lane.STATE, this::queues).openTo(Access.MANAGEMENT),
                HttpRoute.of("/api/queues/{vhost}", Lane.STATE, this::queues).openTo(Access.MANAGEMENT),
                writes.onQueue(HttpRoute.of("/api/queues/{vhost}/{name}", Lane.STATE, this::queue)
                        .openTo(Access.MANAGEMENT)),
                writes.onContents(HttpRoute.forWrites("/api/queues/{vhost}/{name}/contents", Lane.STATE)));
    }

    private Answer queues(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        context.requireVhost(request);
        Iterator<QueueInfo> queues = Rows.filtered(StateRows.queues(context.broker()), q -> request.isIn(q.vhost()));
        return listing.render(new Listing.Source<>(queues, QueueInfo::name, rows()::row, BY_NAME), context.held());
    }

    private QueueRows rows() {
        return new QueueRows(context.broker().status(), sampler.rates());
    }

    private Answer queue(ApiRequest request) {
        String vhost = request.variable("vhost");
        String name = request.variable("name");
        QueueInfo queue =
                context.broker().read(view -> view.queue(vhost, name)).orElseThrow(RefusedException::notFound);
        ObjectNode row = rows().row(queue);
        var consumers = new ConsumerRows(context.broker().status());
        var details = row.putArray("consumer_details");
        Iterator<ConsumerView> own = queue.consumers() == 0
                ? List.<ConsumerView>of().iterator()
                : Rows.filtered(
                        StateRows.consumers(context.broker()),
                        c -> c.vhost().equals(vhost) && c.queue().equals(name));
        own.forEachRemaining(c -> {
            details.add(consumers.row(c));
            if (c.spec().exclusive()) {
                row.put("exclusive_consumer_tag", c.spec().tag());
            }
        });
        return Answer.ok(Columns.of(request.target()).of(row));
    }
}
