package io.tallymq.admin.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AccessWrites;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.stats.QueueSums;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.admin.stats.VhostCounts;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.change.AlterVhost;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.DeleteVhost;
import io.tallymq.broker.change.SetVhost;
import io.tallymq.broker.spec.VhostChange;
import io.tallymq.broker.spec.VhostSpec;
import io.tallymq.broker.view.Vhost;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** /api/vhosts: who may enter one sees it, administrators make, change and delete them. */
public final class VhostsApi {
    /** What queues are that are declared without a type where the virtual host names none. */
    public static final String USUAL_TYPE = "classic";
    /** RabbitMQ's word for none. */
    private static final String UNDEFINED = "undefined";

    /** A virtual host, what stands in its queues, and what was counted there. */
    private static final class Shown {
        private final Vhost vhost;
        private final QueueSums sums = new QueueSums();
        private VhostCounts counts = VhostCounts.NONE;

        Shown(Vhost vhost) {
            this.vhost = vhost;
        }

        String name() {
            return vhost.name();
        }
    }

    private final AdminContext context;
    private final Sampler sampler;
    private final AccessWrites writes;
    private final Freshness freshness;

    public VhostsApi(AdminContext context, Sampler sampler, AccessWrites writes, Freshness freshness) {
        this.freshness = freshness;
        this.sampler = sampler;
        this.context = context;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.async("/api/vhosts", Lane.STATE, request -> freshness.answerNow(request, this::vhosts))
                        .openTo(Access.MANAGEMENT),
                HttpRoute.async("/api/vhosts/{vhost}", Lane.STATE, request -> freshness.answerNow(request, this::vhost))
                        .openTo(Access.MANAGEMENT)
                        .with("PUT", Access.ADMINISTRATOR, this::put)
                        .with("DELETE", Access.ADMINISTRATOR, this::delete),
                HttpRoute.forWrites("/api/vhosts/{vhost}/start/{node}", Lane.STATE)
                        .with("POST", Access.ADMINISTRATOR, this::start),
                HttpRoute.forWrites("/api/vhosts/{vhost}/deletion/protection", Lane.STATE)
                        .with("POST", Access.ADMINISTRATOR, request -> protect(request, true))
                        .with("DELETE", Access.ADMINISTRATOR, request -> protect(request, false)));
    }

    /** Looks at all queues and exchanges once, in steps. */
    private List<Shown> read(ApiRequest request) {
        Map<String, Shown> vhosts = new TreeMap<>();
        context.access().vhosts().stream()
                .filter(v -> !v.isGoing() && request.isIn(v.name()))
                .forEach(v -> vhosts.put(v.name(), new Shown(v)));
        if (!vhosts.isEmpty()) {
            StateRows.queues(context.broker()).forEachRemaining(q -> {
                Shown in = vhosts.get(q.vhost());
                if (in != null) {
                    in.sums.add(q);
                    in.counts = in.counts.with(q);
                }
            });
            StateRows.exchanges(context.broker()).forEachRemaining(x -> {
                Shown in = vhosts.get(x.vhost());
                if (in != null) {
                    in.counts = in.counts.with(x);
                }
            });
        }
        return List.copyOf(vhosts.values());
    }

    private Answer vhosts(ApiRequest request) {
        return Listing.of(request.target())
                .render(Listing.Source.of(read(request).iterator(), Shown::name, this::row), context.held());
    }

    private Answer vhost(ApiRequest request) {
        return read(request).stream()
                .findFirst()
                .map(vhost -> Answer.ok(Columns.of(request.target()).of(row(vhost))))
                .orElseThrow(RefusedException::notFound);
    }

    private ObjectNode row(Shown shown) {
        VhostSpec spec = shown.vhost.spec();
        QueueSums sums = shown.sums;
        ObjectNode row = described(Json.object().put("name", shown.name()), spec);
        described(row.putObject("metadata"), spec);
        row.put("protected_from_deletion", spec.isProtected())
                .put("tracing", false)
                .put("messages", sums.ready() + sums.unacked())
                .put("messages_ready", sums.ready())
                .put("messages_unacknowledged", sums.unacked());
        row.set("message_stats", messageStats(shown));
        ObjectNode state = row.putObject("cluster_state");
        ClusterStatus status = context.broker().status();
        status.members().stream()
                .filter(ClusterStatus.Member::reachable)
                .forEach(member -> state.put(member.name(), "running"));
        return row;
    }

    private ObjectNode messageStats(Shown shown) {
        Rates rates = sampler.rates();
        ObjectNode stats = Rates.messageStats(
                shown.counts.queues(), counter -> rates.ofVhost(shown.name(), c -> counter.applyAsLong(c.queues())));
        Rates.put(stats, "publish", shown.counts.came(), rates.ofVhost(shown.name(), VhostCounts::came));
        return stats;
    }

    private static ObjectNode described(ObjectNode node, VhostSpec spec) {
        node.put("description", spec.description());
        node.set("tags", Json.strings(spec.tags()));
        return node.put("default_queue_type", spec.defaultQueueType().isEmpty() ? USUAL_TYPE : spec.defaultQueueType());
    }

    /** What is not said of one that is there stays as it is. */
    private CompletionStage<Answer> put(ApiRequest request) {
        RequestFields f = RequestFields.of(request);
        if (f.bool("tracing", false)) {
            throw RefusedException.badRequest("tracing: there is none; leave it out, or say false");
        }
        String type = f.text("default_queue_type", null);
        var change = new VhostChange(
                f.text("description", null),
                f.has("tags") ? f.strings("tags") : null,
                UNDEFINED.equals(type) ? "" : type,
                f.has("protected_from_deletion") ? (Boolean) f.bool("protected_from_deletion", false) : null);
        return writes.submit(request, change(context, request.variable("vhost"), true, change));
    }

    /**
     * The change that says this of a virtual host: what is not said is as it is when the change is carried out, where the cluster's level knows that; else as
     * this node sees it now.
     *
     * @param makes whether one that is not there is made
     */
    public static Change change(AdminContext context, String name, boolean makes, VhostChange to) {
        if (context.broker().level() >= AlterVhost.LEVEL) {
            return new AlterVhost(name, makes, to);
        }
        Vhost before = context.access().vhost(name);
        return new SetVhost(name, to.of(before == null ? VhostSpec.PLAIN : before.spec()));
    }

    private CompletionStage<Answer> delete(ApiRequest request) {
        Vhost vhost = context.vhost(request.variable("vhost"));
        if (vhost.spec().isProtected()) {
            throw RefusedException.of(
                    412,
                    "precondition_failed",
                    "vhost '" + vhost.name() + "' is protected from deletion: DELETE its deletion/protection first");
        }
        return writes.submit(request, new DeleteVhost(vhost.name()));
    }

    /** A virtual host runs wherever a node does. */
    private CompletionStage<Answer> start(ApiRequest request) {
        context.vhost(request.variable("vhost"));
        String node = request.variable("node");
        ClusterStatus.Member member = context.broker().status().members().stream()
                .filter(m -> m.name().equals(node))
                .findFirst()
                .orElseThrow(RefusedException::notFound);
        if (!member.reachable()) {
            throw RefusedException.badRequest(
                    "node '" + node + "' is not reached: start it, its virtual hosts start with it");
        }
        return CompletableFuture.completedFuture(Answer.empty(204));
    }

    private CompletionStage<Answer> protect(ApiRequest request, boolean isProtected) {
        Vhost vhost = context.vhost(request.variable("vhost"));
        return writes.submit(request, change(context, vhost.name(), false, VhostChange.protection(isProtected)));
    }
}
