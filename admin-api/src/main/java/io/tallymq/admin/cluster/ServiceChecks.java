package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.NameFilter;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.stats.StateRows;
import io.tallymq.broker.ClusterStatus;
import io.tallymq.broker.ClusterStatus.Member;
import io.tallymq.broker.view.BrokerView.QueueInfo;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The checks of /api/health/checks that ask what is served: protocols, queues, virtual hosts, the cluster's size. Answers as {@link HealthApi}'s. */
final class ServiceChecks {
    /** Queues named by a check that fails, at most. */
    static final int MOST_QUEUES = 1_000;

    private static final String CHECKS = "/api/health/checks/";
    /** Other words that RabbitMQ takes for a protocol. */
    private static final Map<String, String> PROTOCOLS =
            Map.of("amqp091", "amqp", "amqp0.9.1", "amqp", "amqps", "amqp/ssl", "amqp091s", "amqp/ssl");

    private final AdminContext context;

    ServiceChecks(AdminContext context) {
        this.context = context;
    }

    List<HttpRoute> routes() {
        String leaders = CHECKS + "quorum-queues-without-elected-leaders/";
        return Stream.of(
                        HttpRoute.of(CHECKS + "protocol-listener/{protocol}", Lane.LOCAL, this::protocolListener),
                        HttpRoute.of(CHECKS + "virtual-hosts", Lane.STATE, this::virtualHosts),
                        HttpRoute.of(leaders + "all-vhosts/pattern/{pattern}", Lane.STATE, this::leaderless),
                        HttpRoute.of(leaders + "vhost/{vhost}/pattern/{pattern}", Lane.STATE, this::leaderless),
                        HttpRoute.of(CHECKS + "metadata-store/initialized", Lane.LOCAL, request -> initialized()),
                        HttpRoute.of(
                                CHECKS + "metadata-store/initialized/with-data", Lane.LOCAL, request -> withData()),
                        HttpRoute.of(CHECKS + "below-node-connection-limit", Lane.LOCAL, request -> belowLimit()),
                        HttpRoute.of(CHECKS + "reached-target-cluster-size", Lane.LOCAL, request -> clusterSize()))
                .map(route -> route.openTo(Access.MANAGEMENT))
                .toList();
    }

    private Answer protocolListener(ApiRequest request) {
        String asked = request.variable("protocol");
        String wanted = PROTOCOLS.getOrDefault(asked, asked);
        SortedSet<String> there = new TreeSet<>();
        context.stats().listeners().forEach(listener -> there.add(listener.protocol()));
        if (there.contains(wanted)) {
            return Answer.ok(HealthApi.ok().put("protocol", asked));
        }
        ObjectNode body = HealthApi.failed("No active listener").put("missing", asked);
        body.set("protocols", Json.strings(there));
        return Answer.json(503, body);
    }

    /** All that there are but for those that are being deleted, which refuse connections: these are named to who may enter them. */
    private Answer virtualHosts(ApiRequest request) {
        List<String> all = context.access().vhosts().stream()
                .filter(v -> v.isGoing())
                .map(v -> v.name())
                .toList();
        if (all.isEmpty()) {
            return Answer.ok(HealthApi.ok());
        }
        ArrayNode going = Json.array();
        all.stream().filter(request.sight()::sees).forEach(going::add);
        ObjectNode body = HealthApi.failed("some virtual hosts are being deleted");
        body.set("virtual-hosts", going);
        return Answer.json(503, body);
    }

    /** One group leads all queues: without a leader none has one. */
    private Answer leaderless(ApiRequest request) {
        Predicate<String> wanted = NameFilter.of("pattern", request.variable("pattern"));
        context.requireVhost(request);
        if (context.broker().status().leader() != null) {
            return Answer.ok(HealthApi.ok());
        }
        ObjectNode body = HealthApi.failed("no node leads the cluster, so no queue has a leader");
        ArrayNode list = body.putArray("queues");
        Iterator<QueueInfo> queues = StateRows.queues(context.broker());
        while (queues.hasNext() && list.size() < MOST_QUEUES) {
            QueueInfo q = queues.next();
            if (request.isIn(q.vhost()) && wanted.test(q.name())) {
                list.addObject()
                        .put("name", q.name())
                        .put("virtual_host", q.vhost())
                        .put("readable_name", "queue '" + q.name() + "' in vhost '" + q.vhost() + "'")
                        .put("type", "quorum");
            }
        }
        return list.isEmpty() ? Answer.ok(HealthApi.ok()) : Answer.json(503, body);
    }

    /** Whether this node has anything of the replicated state: a new one has nothing before it has heard of a leader. */
    private Answer initialized() {
        return context.access().vhosts().isEmpty()
                ? Answer.json(503, HealthApi.failed("this node has not applied anything of the log yet"))
                : Answer.ok(HealthApi.ok());
    }

    private Answer withData() {
        return context.access().users().isEmpty()
                ? Answer.json(503, HealthApi.failed("the cluster has no users yet, as far as this node has applied"))
                : Answer.ok(HealthApi.ok());
    }

    private Answer belowLimit() {
        int now = context.stats().traffic().connections().size();
        int limit = context.stats().connectionLimit();
        if (limit < 0 || now < limit) {
            return Answer.ok(HealthApi.ok().put("current", now).put("limit", limit < 0 ? null : (Integer) limit));
        }
        return Answer.json(
                503,
                HealthApi.failed("node has reached its connection limit")
                        .put("current", now)
                        .put("limit", limit));
    }

    private Answer clusterSize() {
        ClusterStatus status = context.broker().status();
        long running = status.members().stream().filter(Member::reachable).count();
        int target = status.members().size();
        ObjectNode body =
                running < target ? HealthApi.failed("not all nodes of the cluster are reachable") : HealthApi.ok();
        return Answer.json(
                running < target ? 503 : 200, body.put("current", running).put("target", target));
    }
}
