package io.tallymq.admin.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.Columns;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Rows;
import io.tallymq.admin.request.StateWrites;
import io.tallymq.broker.command.ClearPolicy;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.view.BrokerView.PolicyView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** /api/policies and /api/operator-policies: as this node has applied them; changes are replicated first. */
public final class PoliciesApi {
    private final AdminContext context;
    private final StateWrites writes;
    private final boolean operator;

    /** @param operator whether it is about operator policies */
    public PoliciesApi(AdminContext context, StateWrites writes, boolean operator) {
        this.context = context;
        this.writes = writes;
        this.operator = operator;
    }

    public List<HttpRoute> routes() {
        String path = operator ? "/api/operator-policies" : "/api/policies";
        Access makers = operator ? Access.ADMINISTRATOR : Access.POLICYMAKER;
        return List.of(
                HttpRoute.of(path, Lane.STATE, this::policies).openTo(Access.POLICIES),
                HttpRoute.of(path + "/{vhost}", Lane.STATE, this::policies).openTo(Access.POLICIES),
                HttpRoute.of(path + "/{vhost}/{name}", Lane.STATE, this::policy)
                        .openTo(Access.POLICIES)
                        .with("PUT", makers, this::put)
                        .with("DELETE", makers, this::delete));
    }

    private List<PolicyView> all() {
        return context.broker().read(view -> view.policies(operator));
    }

    private Answer policies(ApiRequest request) {
        Listing listing = Listing.of(request.target());
        context.requireVhost(request);
        var shown = Rows.filtered(all().iterator(), p -> request.isIn(p.vhost()));
        return listing.render(Listing.Source.of(shown, PolicyView::name, PoliciesApi::row), context.held());
    }

    private Answer policy(ApiRequest request) {
        return find(request)
                .map(p -> Answer.ok(Columns.of(request.target()).of(row(p))))
                .orElseThrow(RefusedException::notFound);
    }

    private Optional<PolicyView> find(ApiRequest request) {
        return all().stream()
                .filter(p -> request.isIn(p.vhost()) && p.name().equals(request.variable("name")))
                .findFirst();
    }

    public static ObjectNode row(PolicyView policy) {
        ObjectNode row = Json.object()
                .put("vhost", policy.vhost())
                .put("name", policy.name())
                .put("pattern", policy.spec().pattern())
                .put("apply-to", policy.spec().applyTo());
        row.set("definition", Json.arguments(policy.spec().definition()));
        return row.put("priority", policy.spec().priority());
    }

    /** Who sees every virtual host may not make policies in each. */
    private void requireEntry(ApiRequest request) {
        if (!request.isOfAdministrator()
                && !request.rights(context.broker()::access).mayEnter()) {
            throw RefusedException.notAuthorised("User not authorised to access virtual host");
        }
    }

    private CompletionStage<Answer> put(ApiRequest request) {
        requireEntry(request);
        context.requireVhost(request);
        PolicySpec spec = spec(Json.parse(request.body()));
        return writes.submit(
                request, new SetPolicy(request.variable("vhost"), request.variable("name"), operator, spec));
    }

    public static PolicySpec spec(JsonNode body) {
        JsonNode definition = field(body, "definition");
        if (!definition.isObject()) {
            throw RefusedException.badRequest("definition: an object of keys and values is expected");
        }
        JsonNode priority = body.path("priority");
        if (!priority.isMissingNode() && !(priority.isIntegralNumber() && priority.canConvertToLong())) {
            throw RefusedException.badRequest("Validation failed\n\npriority: an integer is expected");
        }
        return new PolicySpec(
                text(field(body, "pattern"), "pattern"),
                body.has("apply-to") ? text(body.get("apply-to"), "apply-to") : "all",
                priority.asLong(0),
                Json.toArguments(definition));
    }

    private static JsonNode field(JsonNode body, String name) {
        if (!body.has(name)) {
            throw RefusedException.badRequest("Key not present: " + name);
        }
        return body.get(name);
    }

    private static String text(JsonNode node, String name) {
        if (!node.isTextual()) {
            throw RefusedException.badRequest("Validation failed\n\n" + name + ": a string is expected");
        }
        return node.textValue();
    }

    private CompletionStage<Answer> delete(ApiRequest request) {
        requireEntry(request);
        return writes.submit(request, new ClearPolicy(request.variable("vhost"), request.variable("name"), operator));
    }
}
