package io.tallymq.admin.advice;

import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.stats.Rates;
import io.tallymq.admin.stats.Sampler;
import io.tallymq.admin.stats.StateRows;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * /api/advice: what stands out, the most urgent first, each piece with its figures. What is told by how things change needs two samples: who asks for
 * the first time hears of it some seconds later.
 */
public final class AdviceApi {
    private final AdminContext context;
    private final Sampler sampler;
    private final ClusterAdvice cluster;

    /** @param certificates of this node, by who is shown them: when they end */
    public AdviceApi(AdminContext context, Sampler sampler, Supplier<Map<String, Instant>> certificates) {
        this.context = context;
        this.sampler = sampler;
        cluster = new ClusterAdvice(context, certificates);
    }

    public List<HttpRoute> routes() {
        return List.of(HttpRoute.of("/api/advice", Lane.STATE, this::advice));
    }

    private Answer advice(ApiRequest request) {
        Rates rates = sampler.rates();
        AdviceList list = new AdviceList();
        cluster.addTo(list, rates);
        QueueAdvice queues = new QueueAdvice(list, rates);
        StateRows.queues(context.broker()).forEachRemaining(queues::queue);
        StateRows.consumers(context.broker()).forEachRemaining(queues::consumer);
        return Answer.ok(list.answer().put("sampled", rates.older() != null));
    }
}
