package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.broker.ClusterStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** /api/health/checks: 200 {@code {"status":"ok"}} or 503 {@code {"status":"failed","reason":..}}. */
public final class HealthApi {
    private static final String CHECKS = "/api/health/checks/";
    private static final Map<String, Integer> UNIT_DAYS = Map.of("days", 1, "weeks", 7, "months", 30, "years", 365);

    private final AdminContext context;
    private final ProbePath probes;
    private final Supplier<Map<String, Instant>> certificates;

    /** @param certificates by who is shown them: when they end */
    public HealthApi(AdminContext context, ProbePath probes, Supplier<Map<String, Instant>> certificates) {
        this.certificates = certificates;
        this.context = context;
        this.probes = probes;
    }

    public List<HttpRoute> routes() {
        Access open = context.config().openHealthChecks() ? Access.EVERYBODY : Access.USER;
        List<HttpRoute> routes = new ArrayList<>(new ServiceChecks(context).routes());
        routes.addAll(own(open));
        return routes;
    }

    private List<HttpRoute> own(Access open) {
        return List.of(
                HttpRoute.of(CHECKS + "alive", Lane.LOCAL, request -> Answer.ok(ok()))
                        .openTo(open),
                HttpRoute.of(CHECKS + "ready-to-serve-clients", Lane.LOCAL, request -> ready())
                        .openTo(open),
                HttpRoute.of(CHECKS + "is-in-service", Lane.LOCAL, request -> ready())
                        .openTo(open),
                HttpRoute.async(CHECKS + "confirm-path", Lane.LOCAL, request -> confirmPath()),
                check("alarms", request -> alarms("the cluster", alarm -> true)),
                check("local-alarms", request -> localAlarms()),
                check("node-is-quorum-critical", request -> quorumCritical()),
                check("certificate-expiration/{within}/{unit}", this::certificateExpiration),
                check("port-listener/{port}", this::portListener),
                HttpRoute.async("/api/aliveness-test/{vhost}", Lane.STATE, this::aliveness)
                        .openTo(Access.MANAGEMENT));
    }

    /** For whom RabbitMQ has them: whoever may look at anything. */
    private static HttpRoute check(String name, Function<ApiRequest, Answer> answer) {
        return HttpRoute.of(CHECKS + name, Lane.LOCAL, answer).openTo(Access.MANAGEMENT);
    }

    static ObjectNode ok() {
        return Json.object().put("status", "ok");
    }

    static ObjectNode failed(String reason) {
        return Json.object().put("status", "failed").put("reason", reason);
    }

    private Answer ready() {
        ClusterStatus status = context.broker().status();
        return status.serving()
                ? Answer.ok(ok())
                : Answer.json(
                        503,
                        failed("this node would not confirm a publish now: it follows no leader, so a majority of the"
                                + " nodes is unreachable or an election is under way. /api/cluster tells more"));
    }

    private CompletionStage<Answer> confirmPath() {
        return probes.ask()
                .thenApply(outcome -> outcome.passed()
                        ? Answer.ok(ok().put("index", outcome.index()).put("milliseconds", outcome.milliseconds()))
                        : Answer.json(503, failed(outcome.reason())));
    }

    /** RabbitMQ's old name for it, for who may enter the virtual host; there it no longer tests anything. */
    private CompletionStage<Answer> aliveness(ApiRequest request) {
        context.requireVhost(request);
        return confirmPath();
    }

    private Answer localAlarms() {
        String self = context.broker().node();
        return alarms("the node", alarm -> alarm.node().equals(self));
    }

    private Answer alarms(String where, Predicate<NodeStats.Alarm> counts) {
        List<NodeStats.Alarm> alarms =
                context.stats().alarms().stream().filter(counts).toList();
        if (alarms.isEmpty()) {
            return Answer.ok(ok());
        }
        String which = alarms.stream()
                .map(a -> a.resource() + " of node '" + a.node() + "'")
                .collect(Collectors.joining(", "));
        ObjectNode body = failed("There are alarms in effect in " + where + " (" + which
                + "): publishers of all nodes are blocked until they end");
        var list = body.putArray("alarms");
        alarms.forEach(a -> list.addObject().put("node", a.node()).put("resource", a.resource()));
        return Answer.json(503, body);
    }

    /** Whether the cluster would lose its majority with this node. As in RabbitMQ, never of a cluster of one node. */
    private Answer quorumCritical() {
        ClusterStatus status = context.broker().status();
        int nodes = status.members().size();
        long others = status.members().stream()
                .filter(member -> member.reachable() && !member.name().equals(status.node()))
                .count();
        int majority = nodes / 2 + 1;
        return nodes == 1 || others >= majority
                ? Answer.ok(ok())
                : Answer.json(
                        503,
                        failed("without this node " + others + " of " + nodes
                                + " nodes would be left, and confirms take " + majority));
    }

    /** Whether all certificates are good for longer than so many days, weeks, months (of 30 days) or years (of 365). */
    private Answer certificateExpiration(ApiRequest request) {
        Integer days = UNIT_DAYS.get(request.variable("unit"));
        String within = request.variable("within");
        if (days == null || !within.matches("[0-9]{1,4}")) {
            throw RefusedException.badRequest("a number and one of days, weeks, months, years are expected");
        }
        Duration least = Duration.ofDays((long) days * Integer.parseInt(within));
        for (Map.Entry<String, Instant> each : certificates.get().entrySet()) {
            Duration left = Duration.between(Instant.now(), each.getValue());
            if (left.compareTo(least) <= 0) {
                String how =
                        left.isNegative() ? "has expired" : "expires within " + within + " " + request.variable("unit");
                String which = "the certificate that " + each.getKey() + " are shown ";
                return Answer.json(
                        503,
                        failed(which + how).put("valid_until", each.getValue().toString()));
            }
        }
        return Answer.ok(ok());
    }

    private Answer portListener(ApiRequest request) {
        String said = request.variable("port");
        if (!said.matches("[0-9]{1,5}") || Integer.parseInt(said) > 65_535) {
            throw RefusedException.badRequest("port: a number from 0 to 65535 expected");
        }
        int port = Integer.parseInt(said);
        ArrayNode ports = Json.array();
        context.stats().listeners().forEach(listener -> ports.add(listener.port()));
        boolean there = context.stats().listeners().stream().anyMatch(listener -> listener.port() == port);
        if (there) {
            return Answer.ok(ok().put("port", port));
        }
        ObjectNode failed = failed("No active listener").put("missing", port);
        failed.set("ports", ports);
        return Answer.json(503, failed);
    }
}
