package io.tallymq.admin.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AccessWrites;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.Rows;
import io.tallymq.broker.change.ClearLimit;
import io.tallymq.broker.change.SetLimit;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** /api/vhost-limits and /api/user-limits: how many connections, queues and channels there may be. Who has none is not listed. */
public final class LimitsApi {
    private record Limits(String owner, Map<String, Long> limits) {}

    private final AdminContext context;
    private final AccessWrites writes;
    private final boolean ofUsers;
    /** Whose limits they are, in paths and in rows. */
    private final String whose;

    /** @param ofUsers whether it is about users' limits */
    public LimitsApi(AdminContext context, AccessWrites writes, boolean ofUsers) {
        this.context = context;
        this.writes = writes;
        this.ofUsers = ofUsers;
        whose = ofUsers ? "user" : "vhost";
    }

    public List<HttpRoute> routes() {
        String path = "/api/" + whose + "-limits";
        String ofOne = path + "/{" + whose + "}";
        Access who = ofUsers ? Access.MONITORING : Access.MANAGEMENT;
        return List.of(
                HttpRoute.of(path, Lane.STATE, request -> list(request, all(request)))
                        .openTo(who),
                HttpRoute.of(ofOne, Lane.STATE, request -> list(request, one(request)))
                        .openTo(who)
                        .with("DELETE", Access.ADMINISTRATOR, this::clear),
                HttpRoute.of(ofOne + "/{name}", Lane.STATE, this::limit)
                        .openTo(who)
                        .with("PUT", Access.ADMINISTRATOR, this::put)
                        .with("DELETE", Access.ADMINISTRATOR, this::clear));
    }

    private Iterator<Limits> all(ApiRequest request) {
        return ofUsers
                ? context.access().users().stream()
                        .map(u -> new Limits(u.name(), u.limits()))
                        .iterator()
                : context.access().vhosts().stream()
                        .filter(v -> !v.isGoing() && request.isIn(v.name()))
                        .map(v -> new Limits(v.name(), v.limits()))
                        .iterator();
    }

    private Map<String, Long> limits(ApiRequest request) {
        String owner = request.variable(whose);
        return ofUsers ? context.user(owner).limits() : context.vhost(owner).limits();
    }

    private Iterator<Limits> one(ApiRequest request) {
        return List.of(new Limits(request.variable(whose), limits(request))).iterator();
    }

    private Answer list(ApiRequest request, Iterator<Limits> all) {
        Iterator<Limits> shown = Rows.filtered(all, l -> !l.limits.isEmpty());
        return Listing.of(request.target()).render(Listing.Source.of(shown, Limits::owner, this::row), context.held());
    }

    private ObjectNode row(Limits of) {
        ObjectNode row = Json.object().put(whose, of.owner);
        row.set("value", Json.numbers(of.limits));
        return row;
    }

    private Answer limit(ApiRequest request) {
        Long most = limits(request).get(request.variable("name"));
        if (most == null) {
            throw RefusedException.notFound();
        }
        return Answer.ok(Json.object().put("value", most));
    }

    /** As RabbitMQ: less than nothing means no limit. */
    private CompletionStage<Answer> put(ApiRequest request) {
        JsonNode value = RequestFields.of(request).any("value");
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw RequestFields.expected("value", "an integer");
        }
        return writes.submit(
                request, new SetLimit(ofUsers, request.variable(whose), request.variable("name"), value.longValue()));
    }

    /** All of them if the path names none. */
    private CompletionStage<Answer> clear(ApiRequest request) {
        return writes.submit(request, new ClearLimit(ofUsers, request.variable(whose), request.variable("name")));
    }
}
