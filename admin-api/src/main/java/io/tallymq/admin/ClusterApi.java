package io.tallymq.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.Route.Lane;
import io.tallymq.broker.BrokerView;
import io.tallymq.broker.BrokerView.DigestAt;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ClusterStatus.Member;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** /api/cluster: what this node knows of all nodes, at once and also without a majority; /api/cluster/digest. */
final class ClusterApi {
    private final AdminContext context;
    private final ProbePath digests;

    /** @param digests probes that ask for the state's digest */
    ClusterApi(AdminContext context, ProbePath digests) {
        this.context = context;
        this.digests = digests;
    }

    List<Route> routes() {
        return List.of(
                Route.of("/api/cluster", Lane.LOCAL, this::cluster),
                Route.async("/api/cluster/digest", Lane.LOCAL, this::digest));
    }

    private Answer cluster(ApiRequest request) {
        ClusterStatus status = context.broker().status();
        ObjectNode node = Json.object()
                .put("cluster", status.cluster())
                .put("node", status.node())
                .put("leader", status.leader())
                .put("term", status.term())
                .put("serving", status.serving());
        var members = node.putArray("members");
        status.members().forEach(member -> members.add(row(member)));
        return Answer.ok(Columns.of(request.target()).of(node));
    }

    private static ObjectNode row(Member member) {
        ObjectNode row = Json.object()
                .put("name", member.name())
                .put("host", member.host())
                .put("role", member.role())
                .put("reachable", member.reachable());
        Json.putKnown(row, "term", member.term());
        Json.putKnown(row, "commit_index", member.commitIndex());
        Json.putKnown(row, "applied_index", member.appliedIndex());
        Json.putKnown(row, "durable_index", member.durableIndex());
        Json.putKnown(row, "lag", member.lag());
        return row;
    }

    /**
     * Writes a log entry at which every replica computes its state's digest; answers with this replica's, and with the ones it
     * computed for the entries that other nodes were asked to write.
     */
    private CompletionStage<Answer> digest(ApiRequest request) {
        return digests.ask().thenApply(outcome -> {
            if (!outcome.passed()) {
                return Answer.json(503, HealthApi.failed(outcome.reason()));
            }
            ObjectNode node = Json.object()
                    .put("status", "ok")
                    .put("node", context.broker().node())
                    .put("index", outcome.index())
                    .put("digest", hex(outcome.digest()));
            var recent = node.putArray("recent");
            for (DigestAt d : context.broker().read(BrokerView::recentDigests)) {
                recent.addObject().put("index", d.index()).put("digest", hex(d.digest()));
            }
            return Answer.ok(node);
        });
    }

    /** 64 bits do not fit the numbers of every JSON reader. */
    private static String hex(long digest) {
        return HexFormat.of().toHexDigits(digest);
    }
}
