package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats.ConfirmPhase;
import io.tallymq.admin.request.NodeStats.ToldPhases;
import io.tallymq.broker.ClusterStatus;
import java.util.List;

/** /api/confirms/anatomy: what the time of confirms was made of lately: as far as the node that answers had a part in it, and as each of the others told it last. */
public final class AnatomyApi {
    private static final double THOUSAND = 1_000;

    private final AdminContext context;

    public AnatomyApi(AdminContext context) {
        this.context = context;
    }

    public List<HttpRoute> routes() {
        return List.of(HttpRoute.of("/api/confirms/anatomy", Lane.LOCAL, request -> anatomy()));
    }

    private Answer anatomy() {
        ClusterStatus status = context.broker().status();
        ObjectNode answer = Json.object()
                .put("node", status.node())
                .put("leader", status.leader())
                .put("unit", "ms");
        phases(answer.putArray("phases"), context.stats().confirmPhases());
        ArrayNode nodes = answer.putArray("nodes");
        ArrayNode silent = Json.array();
        for (ClusterStatus.Member member : status.members()) {
            boolean own = member.name().equals(status.node());
            ToldPhases told = own
                    ? new ToldPhases(context.stats().confirmPhases(), 0)
                    : context.stats().confirmPhasesOf(member.name());
            if (told == null) {
                silent.add(member.name());
                continue;
            }
            ObjectNode node = nodes.addObject()
                    .put("node", member.name())
                    .put("leads", member.name().equals(status.leader()))
                    .put("age", told.ageMillis());
            phases(node.putArray("phases"), told.phases());
        }
        answer.set("silent", silent);
        return Answer.ok(answer);
    }

    private static void phases(ArrayNode to, List<ConfirmPhase> phases) {
        for (ConfirmPhase p : phases) {
            ObjectNode phase = to.addObject()
                    .put("phase", p.name())
                    .put("about", p.about())
                    .put("count", p.count())
                    .put("mean", rounded(p.mean()))
                    .put("p50", rounded(p.p50()))
                    .put("p90", rounded(p.p90()))
                    .put("p99", rounded(p.p99()))
                    .put("max", rounded(p.max()));
            ArrayNode histogram = phase.putArray("histogram");
            p.buckets().forEach(b -> histogram
                    .addObject()
                    .put("below", rounded(b.below()))
                    .put("count", b.count()));
        }
    }

    private static double rounded(double millis) {
        return Math.round(millis * THOUSAND) / THOUSAND;
    }
}
