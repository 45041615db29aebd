package io.tallymq.admin.cluster;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats.ConfirmPhase;
import io.tallymq.broker.ClusterStatus;
import java.util.List;

/** /api/confirms/anatomy: what the time of confirms was made of lately, as far as the node that answers had a part in it. */
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
        var node = Json.object()
                .put("node", status.node())
                .put("leader", status.leader())
                .put("unit", "ms");
        var phases = node.putArray("phases");
        for (ConfirmPhase p : context.stats().confirmPhases()) {
            phases.addObject()
                    .put("phase", p.name())
                    .put("about", p.about())
                    .put("count", p.count())
                    .put("mean", rounded(p.mean()))
                    .put("p50", rounded(p.p50()))
                    .put("p90", rounded(p.p90()))
                    .put("p99", rounded(p.p99()))
                    .put("max", rounded(p.max()));
        }
        return Answer.ok(node);
    }

    private static double rounded(double millis) {
        return Math.round(millis * THOUSAND) / THOUSAND;
    }
}
