package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.admin.stats.StateRows.HeadedQueue;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageProperties.Property;
import io.tallymq.broker.view.BrokerView.ConsumerView;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import io.tallymq.broker.view.QueueHead;
import io.tallymq.broker.view.Standing;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** /api/queues: as this node has applied them, also without a majority. All of them come in the order in which they were made, pages by name. */
public final class QueuesApi {
    private static final Comparator<HeadedQueue> BY_NAME = Comparator.<HeadedQueue, String>comparing(
                    q -> q.queue().vhost())
            .thenComparing(q -> q.queue().name());

    /** Messages that somebody has, before the first that is ready. */
    private static final int MOST_LOOKED = 1_000;

    private final AdminContext context;
    private final Sampler sampler;
    private final QueueWrites writes;
    private final Freshness freshness;
    /** Milliseconds for which a node counts as complete once it was: nodes tell each other every two seconds at least. */
    private static final long COMPLETE = 5_000;

    private final LongSupplier clock;

    /** @param clock milliseconds since the epoch, for ages */
    public QueuesApi(
            AdminContext context, Sampler sampler, QueueWrites writes, Freshness freshness, LongSupplier clock) {
        this.freshness = freshness;
        this.clock = clock;
        this.writes = writes;
        this.context = context;
        this.sampler = sampler;
    }

    public List<HttpRoute> routes() {
        return List.of(
                list("/api/queues"),
                // RabbitMQ's own: a virtual host of that name has to be looked at in the list of all.
                list("/api/queues/detailed"),
                list("/api/queues/{vhost}"),
                writes.onQueue(HttpRoute.async(
                                "/api/queues/{vhost}/{name}",
                                Lane.STATE,
                                request -> freshness.answer(request, this::queue))
                        .openTo(Access.MANAGEMENT)),
                HttpRoute.forWrites("/api/queues/{vhost}/{name}/actions", Lane.STATE)
                        .with("POST", Access.POLICYMAKER, this::act),
                HttpRoute.of("/api/users/{user}/queues", Lane.STATE, this::queuesOf)
                        .openTo(Access.ADMINISTRATOR),
                writes.onContents(HttpRoute.forWrites("/api/queues/{vhost}/{name}/contents", Lane.STATE)),
                writes.onPause(HttpRoute.forWrites("/api/queues/{vhost}/{name}/pause", Lane.STATE)),
                writes.onResume(HttpRoute.forWrites("/api/queues/{vhost}/{name}/resume", Lane.STATE)));
    }

    private HttpRoute list(String path) {
        return HttpRoute.async(path, Lane.STATE, request -> freshness.answerNow(request, this::queues))
                .openTo(Access.MANAGEMENT);
    }

    private Answer queues(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        context.requireVhost(request);
        Iterator<HeadedQueue> queues = Rows.filtered(
                StateRows.headedQueues(context.broker()),
                q -> request.isIn(q.queue().vhost()));
        return listing.render(
                new Listing.Source<>(queues, q -> q.queue().name(), rows(request), BY_NAME), context.held());
    }

    /** Those that are exclusive to connections of the user: others belong to nobody. */
    private Answer queuesOf(ApiRequest request) {
        String user = context.user(request.variable("user")).name();
        Iterator<HeadedQueue> queues = Rows.filtered(
                StateRows.headedQueues(context.broker()),
                q -> q.queue().owner() != null && q.queue().owner().user().equals(user));
        return Listing.of(request.target())
                .render(new Listing.Source<>(queues, q -> q.queue().name(), rows(request), BY_NAME), context.held());
    }

    /** RabbitMQ's were those of mirrored queues, and it has none any more. */
    private CompletionStage<Answer> act(ApiRequest request) {
        String action = RequestFields.of(request).text("action");
        boolean there = context.broker()
                .<Boolean>read(view -> view.queue(request.variable("vhost"), request.variable("name"))
                        .isPresent());
        if (!there) {
            throw RefusedException.notFound();
        }
        throw RefusedException.badRequest("unknown action '" + action
                + "': queues have none. Copies need no sync: every node has all queues, see /api/cluster");
    }

    private QueueRows rows(ApiRequest request, Supplier<ConsumerTags> tags) {
        return new QueueRows(context.broker().status(), sampler.rates(), clock.getAsLong(), tags, request.target());
    }

    private QueueRows rows(ApiRequest request) {
        return rows(request, () -> ConsumerTags.of(context.broker()));
    }

    /** One queue at one moment. */
    private record Moment(QueueInfo queue, QueueHead head, long number, long index) {}

    /** What is next is read from the disk if memory does not tell it. */
    private CompletionStage<Answer> queue(ApiRequest request) {
        String vhost = request.variable("vhost");
        String name = request.variable("name");
        Moment m = context.broker()
                .read(view -> new Moment(
                        view.queue(vhost, name).orElseThrow(RefusedException::notFound),
                        view.head(vhost, name),
                        view.queueNumber(vhost, name),
                        view.appliedIndex()));
        boolean isKnown = m.queue.ready() == 0 || m.head != null && m.head.isInMemory();
        return isKnown
                ? CompletableFuture.completedFuture(answer(request, m, m.head))
                : read(m).thenApply(head -> answer(request, m, head));
    }

    private CompletableFuture<QueueHead> read(Moment m) {
        QueueHead[] found = {m.head};
        return context.broker()
                .browse(new Browse.Where(m.number, 0, false, MOST_LOOKED), seen -> {
                    if (seen.part().state() != Standing.State.READY) {
                        return Browse.Next.ON;
                    }
                    byte[] properties = seen.properties();
                    String timestamp = MessageProperties.text(properties, 0, properties.length, Property.TIMESTAMP);
                    long since = m.head == null ? seen.chunk().publishedAt() : m.head.publishedAt();
                    found[0] = new QueueHead(since, true, timestamp == null ? -1 : Long.parseLong(timestamp));
                    return Browse.Next.LAST;
                })
                .handle((done, error) ->
                        error == null ? found[0] : m.head); // who is too busy to read tells what he knows
    }

    /** Every node has one log, and all queues in it: which of them have all that is confirmed, and since when one lacks some. */
    private void copies(ArrayNode to) {
        long now = clock.getAsLong();
        for (ClusterStatus.Member member : context.broker().status().members()) {
            long at = context.broker().completeAt(member.name());
            boolean complete = at >= 0 && now - at < COMPLETE;
            ObjectNode row = to.addObject().put("node", member.name()).put("complete", complete);
            if (!complete) {
                row.put("lacks_since", at < 0 ? null : (Long) at);
            }
        }
    }

    private Answer answer(ApiRequest request, Moment m, QueueHead head) {
        QueueInfo queue = m.queue;
        ConsumerTags tags = new ConsumerTags();
        ObjectNode row = rows(request, () -> tags).row(new HeadedQueue(queue, head));
        if (Freshness.isWanted(request)) {
            row.put("applied_index", m.index);
        }
        var consumers = new ConsumerRows(context.broker().status());
        copies(row.putArray("copies"));
        Iterator<ConsumerView> own = queue.consumers() == 0
                ? List.<ConsumerView>of().iterator()
                : Rows.filtered(
                        StateRows.consumers(context.broker()),
                        c -> c.vhost().equals(queue.vhost()) && c.queue().equals(queue.name()));
        consumers.details(row, Rows.filtered(own, c -> {
            tags.add(c);
            return true;
        }));
        tags.addTo(row, queue);
        return Answer.ok(Columns.of(request.target()).of(row));
    }
}
