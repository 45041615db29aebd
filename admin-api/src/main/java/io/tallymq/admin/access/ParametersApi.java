package io.tallymq.admin.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AccessWrites;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.broker.access.AccessChecks;
import io.tallymq.broker.change.ClearLimit;
import io.tallymq.broker.change.SetLimit;
import io.tallymq.broker.change.SetLimits;
import io.tallymq.broker.effect.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * /api/parameters: what RabbitMQ keeps for its parts and plugins. Here are its limits of virtual hosts and its operator policies, which have paths
 * of their own, too; there are no plugins that could have others.
 */
public final class ParametersApi {
    private static final String LIMITS = "vhost-limits";
    /** The name of the only parameter of that component. */
    private static final String THE_LIMITS = "limits";

    private static final String OPERATOR_POLICY = "operator_policy";

    private final AdminContext context;
    private final AccessWrites writes;

    public ParametersApi(AdminContext context, AccessWrites writes) {
        this.context = context;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        String path = "/api/parameters";
        return List.of(
                HttpRoute.of(path, Lane.STATE, this::list).openTo(Access.POLICIES),
                HttpRoute.of(path + "/{component}", Lane.STATE, this::list).openTo(Access.POLICIES),
                HttpRoute.of(path + "/{component}/{vhost}", Lane.STATE, this::list)
                        .openTo(Access.POLICIES),
                HttpRoute.of(path + "/{component}/{vhost}/{name}", Lane.STATE, this::one)
                        .openTo(Access.POLICIES)
                        .with("PUT", Access.ADMINISTRATOR, this::put)
                        .with("DELETE", Access.ADMINISTRATOR, this::clear));
    }

    /** Some hundreds at most: there are only so many policies, and so many virtual hosts. */
    private List<ObjectNode> rows(ApiRequest request) {
        String component = request.variable("component");
        List<ObjectNode> rows = new ArrayList<>();
        if (component == null || component.equals(LIMITS)) {
            context.access().vhosts().stream()
                    .filter(v -> !v.isGoing()
                            && request.isIn(v.name())
                            && !v.limits().isEmpty())
                    .forEach(v -> rows.add(row(Json.numbers(v.limits()), v.name(), LIMITS, THE_LIMITS)));
        }
        if (component == null || component.equals(OPERATOR_POLICY)) {
            context.broker().read(view -> view.policies(true)).stream()
                    .filter(p -> request.isIn(p.vhost()))
                    .forEach(p -> rows.add(row(
                            PoliciesApi.row(p).without(List.of("vhost", "name")),
                            p.vhost(),
                            OPERATOR_POLICY,
                            p.name())));
        }
        return rows;
    }

    private static ObjectNode row(JsonNode value, String vhost, String component, String name) {
        ObjectNode row = Json.object();
        row.set("value", value);
        return row.put("vhost", vhost).put("component", component).put("name", name);
    }

    private Answer list(ApiRequest request) {
        context.requireVhost(request);
        return Listing.of(request.target())
                .render(
                        Listing.Source.of(
                                rows(request).iterator(), r -> r.get("name").textValue(), r -> r),
                        context.held());
    }

    private Answer one(ApiRequest request) {
        return rows(request).stream()
                .filter(r -> r.get("name").textValue().equals(request.variable("name")))
                .findFirst()
                .map(r -> Answer.ok(Columns.of(request.target()).of(r)))
                .orElseThrow(RefusedException::notFound);
    }

    private static void requireLimits(ApiRequest request) {
        String component = request.variable("component");
        if (component.equals(OPERATOR_POLICY)) {
            throw RefusedException.badRequest("operator policies are changed at /api/operator-policies/{vhost}/{name}");
        } else if (!component.equals(LIMITS)) {
            throw RefusedException.badRequest("component " + component + " not found: there are no plugins here");
        } else if (!request.variable("name").equals(THE_LIMITS)) {
            throw RefusedException.badRequest("the parameter of " + LIMITS + " is called " + THE_LIMITS);
        }
    }

    /** What the value does not name is unlimited from then on. All of it is taken, or nothing changes. */
    private CompletionStage<Answer> put(ApiRequest request) {
        requireLimits(request);
        String vhost = context.vhost(request.variable("vhost")).name();
        JsonNode value = RequestFields.of(request).any("value");
        if (!value.isObject()) {
            throw RequestFields.expected("value", "an object of limits");
        }
        Map<String, Long> limits = new TreeMap<>();
        value.fields().forEachRemaining(f -> {
            if (!f.getValue().isIntegralNumber() || !f.getValue().canConvertToLong()) {
                throw RequestFields.expected(f.getKey(), "an integer");
            }
            limits.put(f.getKey(), f.getValue().longValue());
        });
        if (context.broker().level() >= SetLimits.LEVEL) {
            return writes.submit(request, new SetLimits(vhost, limits));
        }
        limits.forEach((name, most) -> require(AccessChecks.limit(new SetLimit(false, vhost, name, most))));
        return oneByOne(request, vhost, limits);
    }

    private static void require(Reply.Rejected bad) {
        if (bad != null) {
            throw RefusedException.of(bad);
        }
    }

    /** As clusters of an earlier level know it: two who do it at the same time may both have some of theirs. */
    private CompletionStage<Answer> oneByOne(ApiRequest request, String vhost, Map<String, Long> limits) {
        boolean isNew = context.vhost(vhost).limits().isEmpty();
        CompletionStage<Answer> all = CompletableFuture.completedFuture(Answer.empty(204));
        for (var limit : limits.entrySet()) {
            SetLimit set = new SetLimit(false, vhost, limit.getKey(), limit.getValue());
            all = next(all, () -> writes.submit(request, set));
        }
        for (String gone : context.vhost(vhost).limits().keySet()) {
            if (!limits.containsKey(gone)) {
                all = next(all, () -> writes.submit(request, new ClearLimit(false, vhost, gone)));
            }
        }
        return all.thenApply(answer -> isNew && answer.status() == 204 ? Answer.empty(201) : answer);
    }

    private interface Step {
        CompletionStage<Answer> take();
    }

    /** Ends with the first one that is refused. */
    private static CompletionStage<Answer> next(CompletionStage<Answer> before, Step step) {
        return before.thenCompose(answer -> answer.status() / 100 != 2
                ? CompletableFuture.completedFuture(answer)
                : step.take().thenApply(a -> a.status() == 201 ? Answer.empty(204) : a));
    }

    private CompletionStage<Answer> clear(ApiRequest request) {
        String component = request.variable("component");
        if (!component.equals(LIMITS) && !component.equals(OPERATOR_POLICY)) {
            throw RefusedException.notFound(); // no plugin, no parameter
        }
        requireLimits(request);
        return writes.submit(request, new ClearLimit(false, request.variable("vhost"), null));
    }
}
