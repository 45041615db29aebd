package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats.LoginCounts;
import io.tallymq.admin.request.RefusedException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** /api/auth/attempts: logins that succeeded and failed. Each node counts its own, and tells of itself alone. */
public final class LoginAttemptsApi {
    private static final String PATH = "/api/auth/attempts";

    private final AdminContext context;

    public LoginAttemptsApi(AdminContext context) {
        this.context = context;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of(PATH, Lane.LOCAL, request -> totals()),
                route(PATH + "/{node}", false),
                route(PATH + "/{node}/source", true));
    }

    private HttpRoute route(String path, boolean sources) {
        return HttpRoute.of(path, Lane.LOCAL, request -> {
                    requireOwn(request);
                    return sources ? sources() : totals();
                })
                .with("DELETE", HttpRoute.Access.ADMINISTRATOR, this::forget);
    }

    private void requireOwn(ApiRequest request) {
        if (!request.variable("node").equals(context.broker().node())) {
            throw RefusedException.of(
                    404,
                    "Object Not Found",
                    "each node counts its own logins: this is node '"
                            + context.broker().node() + "', ask the other one");
        }
    }

    private CompletionStage<Answer> forget(ApiRequest request) {
        requireOwn(request);
        context.stats().forgetLogins();
        return CompletableFuture.completedFuture(Answer.empty(204));
    }

    private Answer totals() {
        ArrayNode rows = Json.array();
        context.stats().logins().forEach(c -> counts(rows.addObject().put("protocol", c.protocol()), c));
        return Answer.ok(rows);
    }

    private Answer sources() {
        ArrayNode rows = Json.array();
        for (LoginCounts c : context.stats().loginSources()) {
            counts(
                    rows.addObject()
                            .put("remote_address", c.address())
                            .put("username", c.user())
                            .put("protocol", c.protocol()),
                    c);
        }
        return Answer.ok(rows);
    }

    private static void counts(ObjectNode row, LoginCounts c) {
        row.put("auth_attempts", c.succeeded() + c.failed())
                .put("auth_attempts_failed", c.failed())
                .put("auth_attempts_succeeded", c.succeeded());
    }
}
