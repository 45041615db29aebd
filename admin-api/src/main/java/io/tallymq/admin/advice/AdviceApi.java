package io.tallymq.admin.advice;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.stats.StateRows;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * /api/advice: what stands out, the most urgent first, each piece with its figures. What lasts is told some minutes after the node's start, whoever asks how often.
 */
public final class AdviceApi {
    private final AdminContext context;
    private final Trends trends;
    private final ClusterAdvice cluster;

    /** @param certificates of this node, by who is shown them: when they end */
    public AdviceApi(AdminContext context, Trends trends, Supplier<Map<String, Instant>> certificates) {
        this.context = context;
        this.trends = trends;
        cluster = new ClusterAdvice(context, certificates);
    }

    public List<HttpRoute> routes() {
        return List.of(HttpRoute.of("/api/advice", Lane.STATE, this::advice));
    }

    private Answer advice(ApiRequest request) {
        AdviceList list = new AdviceList();
        cluster.addTo(list, trends.churns());
        QueueAdvice queues = new QueueAdvice(list, trends);
        StateRows.queues(context.broker()).forEachRemaining(queues::queue);
        StateRows.consumers(context.broker()).forEachRemaining(queues::consumer);
        PolicyAdvice policies = new PolicyAdvice(list);
        context.broker().read(view -> view.policies(false)).forEach(policies::policy);
        return Answer.ok(list.answer().put("sampled", trends.churns().isKnown()));
    }
}
