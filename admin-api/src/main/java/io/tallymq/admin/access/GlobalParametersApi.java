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
import io.tallymq.broker.change.ClearGlobalParameter;
import io.tallymq.broker.change.SetGlobalParameter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** /api/global-parameters: JSON that tools keep with the cluster. One of it is the cluster's name, which is /api/cluster-name, too. */
public final class GlobalParametersApi {
    private static final String CLUSTER_NAME = "cluster_name";

    private final AdminContext context;
    private final AccessWrites writes;

    public GlobalParametersApi(AdminContext context, AccessWrites writes) {
        this.context = context;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/global-parameters", Lane.STATE, this::all).openTo(Access.POLICIES),
                HttpRoute.of("/api/global-parameters/{name}", Lane.STATE, this::one)
                        .openTo(Access.POLICIES)
                        .with("PUT", Access.ADMINISTRATOR, this::put)
                        .with("DELETE", Access.ADMINISTRATOR, this::clear),
                HttpRoute.of(
                                "/api/cluster-name",
                                Lane.STATE,
                                request -> Answer.ok(Json.object().put("name", clusterName(context))))
                        .openTo(Access.MANAGEMENT)
                        .with("PUT", Access.ADMINISTRATOR, this::rename));
    }

    private Answer all(ApiRequest request) {
        var all = context.access().globalParameters().entrySet().iterator();
        return Listing.of(request.target())
                .render(Listing.Source.of(all, Map.Entry::getKey, e -> row(e.getKey(), e.getValue())), context.held());
    }

    private Answer one(ApiRequest request) {
        String value = context.access().globalParameters().get(request.variable("name"));
        if (value == null) {
            throw RefusedException.notFound();
        }
        return Answer.ok(Columns.of(request.target()).of(row(request.variable("name"), value)));
    }

    public static ObjectNode row(String name, String value) {
        ObjectNode row = Json.object().put("name", name);
        row.set("value", Json.read(value));
        return row;
    }

    private CompletionStage<Answer> put(ApiRequest request) {
        return set(request, request.variable("name"), RequestFields.of(request).any("value"));
    }

    private CompletionStage<Answer> set(ApiRequest request, String name, JsonNode value) {
        return writes.submit(request, new SetGlobalParameter(name, value.toString()));
    }

    private CompletionStage<Answer> clear(ApiRequest request) {
        return writes.submit(request, new ClearGlobalParameter(request.variable("name")));
    }

    /** The one that it was given, else the one of the nodes' configuration. */
    public static String clusterName(AdminContext context) {
        String given = context.access().globalParameters().get(CLUSTER_NAME);
        JsonNode name = given == null ? Json.object() : Json.read(given);
        return name.isTextual() ? name.textValue() : context.broker().status().cluster();
    }

    private CompletionStage<Answer> rename(ApiRequest request) {
        RequestFields f = RequestFields.of(request);
        if (f.text("name").isBlank()) {
            throw RequestFields.expected("name", "a name");
        }
        return set(request, CLUSTER_NAME, f.any("name"))
                .thenApply(answer -> answer.status() == 201 ? Answer.empty(204) : answer); // there always was a name
    }
}
