package io.tallymq.admin.topology;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ClusterStatus.Member;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * RabbitMQ's paths for the copies of a quorum queue. Here there is one log for all queues, and every node has all of it: its state is each queue's,
 * a copy that is to be made on a node of the cluster is there already, and none can be taken away.
 */
public final class QuorumApi {
    private final AdminContext context;

    public QuorumApi(AdminContext context) {
        this.context = context;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/queues/quorum/{vhost}/{name}/status", Lane.STATE, this::status)
                        .openTo(Access.MONITORING),
                HttpRoute.forWrites("/api/queues/quorum/{vhost}/{name}/replicas/add", Lane.STATE)
                        .with("POST", Access.ADMINISTRATOR, this::add),
                HttpRoute.forWrites("/api/queues/quorum/{vhost}/{name}/replicas/delete", Lane.STATE)
                        .with("DELETE", Access.ADMINISTRATOR, this::delete),
                HttpRoute.forWrites("/api/queues/quorum/replicas/on/{node}/grow", Lane.LOCAL)
                        .with("POST", Access.ADMINISTRATOR, request -> there(request.variable("node"))),
                HttpRoute.forWrites("/api/queues/quorum/replicas/on/{node}/shrink", Lane.LOCAL)
                        .with("DELETE", Access.ADMINISTRATOR, request -> stays(request.variable("node"))));
    }

    private void requireQueue(ApiRequest request) {
        if (context.broker()
                .read(view -> view.queue(request.variable("vhost"), request.variable("name")))
                .isEmpty()) {
            throw RefusedException.notFound();
        }
    }

    /** Under the names that RabbitMQ has for them; what a node does not know of another is left out. */
    private Answer status(ApiRequest request) {
        requireQueue(request);
        ArrayNode rows = Json.array();
        context.broker().status().members().forEach(member -> rows.add(row(member)));
        return Answer.ok(rows);
    }

    private static ObjectNode row(Member member) {
        ObjectNode row = Json.object()
                .put("Node Name", member.name())
                .put(
                        "Raft State",
                        member.reachable() ? member.role().toLowerCase(Locale.ROOT) : "noproc") // RabbitMQ's word
                .put("Membership", "voter");
        Json.putKnown(row, "Commit Index", member.commitIndex());
        Json.putKnown(row, "Last Applied", member.appliedIndex());
        Json.putKnown(row, "Snapshot Index", member.durableIndex());
        Json.putKnown(row, "Term", member.term());
        if (member.levels() != null) {
            row.put("Machine Version", member.levels().max());
        }
        return row;
    }

    private CompletionStage<Answer> add(ApiRequest request) {
        requireQueue(request);
        return there(RequestFields.of(request).text("node"));
    }

    private CompletionStage<Answer> delete(ApiRequest request) {
        requireQueue(request);
        return stays(RequestFields.of(request).text("node"));
    }

    private CompletionStage<Answer> there(String node) {
        member(node);
        return CompletableFuture.completedFuture(Answer.empty(204));
    }

    private CompletionStage<Answer> stays(String node) {
        member(node);
        throw RefusedException.badRequest("every node has every queue: no copy can be taken away from node '" + node
                + "' alone. Stop the node, or found a cluster without it from a backup");
    }

    private void member(String node) {
        ClusterStatus status = context.broker().status();
        if (status.members().stream().noneMatch(m -> m.name().equals(node))) {
            throw RefusedException.badRequest("node '" + node + "' is none of this cluster: its nodes are "
                    + String.join(
                            ", ", status.members().stream().map(Member::name).toList())
                    + ", and each of them has every queue");
        }
    }
}
