package io.tallymq.admin.access;

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
import io.tallymq.admin.request.NamedExchange;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.RequestFields;
import io.tallymq.admin.request.Rows;
import io.tallymq.broker.change.ClearTopicPermission;
import io.tallymq.broker.change.SetTopicPermission;
import io.tallymq.broker.spec.TopicPermission;
import io.tallymq.broker.view.User;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * /api/topic-permissions, and the same of one user and of one virtual host: for administrators. The default exchange, whose name is empty, is
 * amq.default in paths, bodies and rows, as with exchanges.
 */
public final class TopicPermissionsApi {
    private static final String OF_ONE = "/api/topic-permissions/{vhost}/{user}";

    private record In(String user, String vhost, String exchange, TopicPermission permission) {}

    private final AdminContext context;
    private final AccessWrites writes;

    public TopicPermissionsApi(AdminContext context, AccessWrites writes) {
        this.context = context;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/topic-permissions", Lane.STATE, this::all).openTo(Access.ADMINISTRATOR),
                HttpRoute.of("/api/vhosts/{vhost}/topic-permissions", Lane.STATE, this::all)
                        .openTo(Access.ADMINISTRATOR),
                HttpRoute.of("/api/users/{user}/topic-permissions", Lane.STATE, this::ofUser)
                        .openTo(Access.ADMINISTRATOR),
                changed(HttpRoute.of(OF_ONE, Lane.STATE, this::ofOne)),
                changed(HttpRoute.of(OF_ONE + "/{exchange}", Lane.STATE, this::ofOne)));
    }

    private HttpRoute changed(HttpRoute route) {
        return route.openTo(Access.ADMINISTRATOR)
                .with("PUT", Access.ADMINISTRATOR, this::put)
                .with("DELETE", Access.ADMINISTRATOR, this::clear);
    }

    private static Iterator<In> of(AdminContext context, User user) {
        var there = Rows.filtered(user.topicPermissions().entrySet().iterator(), e -> context.access()
                .hasVhost(e.getKey()));
        return Rows.flat(there, e -> of(user, e.getKey(), e.getValue()));
    }

    private static Iterator<In> of(User user, String vhost, Map<String, TopicPermission> topics) {
        return topics.entrySet().stream()
                .map(e -> new In(user.name(), vhost, e.getKey(), e.getValue()))
                .iterator();
    }

    /** Those of a user, as JSON. */
    public static Iterator<ObjectNode> rows(AdminContext context, User user) {
        return Rows.flat(of(context, user), in -> List.of(row(in)).iterator());
    }

    private Answer all(ApiRequest request) {
        context.requireVhost(request);
        Iterator<In> all = Rows.flat(context.access().users().iterator(), user -> of(context, user));
        return list(request, Rows.filtered(all, in -> request.isIn(in.vhost)));
    }

    private Answer ofUser(ApiRequest request) {
        return list(request, of(context, context.user(request.variable("user"))));
    }

    /** As RabbitMQ: a list, and 404 where it would be empty. */
    private Answer ofOne(ApiRequest request) {
        context.requireVhost(request);
        String exchange = inPath(request);
        Iterator<In> found = Rows.filtered(
                of(context, context.user(request.variable("user"))),
                in -> request.isIn(in.vhost) && (exchange == null || exchange.equals(in.exchange)));
        if (!found.hasNext()) {
            throw RefusedException.notFound();
        }
        return list(request, found);
    }

    private Answer list(ApiRequest request, Iterator<In> shown) {
        return Listing.of(request.target())
                .render(Listing.Source.of(shown, In::user, TopicPermissionsApi::row), context.held());
    }

    private static ObjectNode row(In in) {
        return Json.object()
                .put("user", in.user)
                .put("vhost", in.vhost)
                .put("exchange", NamedExchange.shown(in.exchange))
                .put("write", in.permission.write())
                .put("read", in.permission.read());
    }

    /** The exchange that the path names; null for all. */
    private static String inPath(ApiRequest request) {
        String name = request.variable("exchange");
        return name == null ? null : NamedExchange.of(name);
    }

    private CompletionStage<Answer> put(ApiRequest request) {
        RequestFields f = RequestFields.of(request);
        String inPath = inPath(request);
        String exchange = inPath == null ? NamedExchange.of(f.text("exchange")) : inPath;
        TopicPermission permission = new TopicPermission(f.text("write"), f.text("read"));
        return writes.submit(
                request,
                new SetTopicPermission(request.variable("vhost"), request.variable("user"), exchange, permission));
    }

    private CompletionStage<Answer> clear(ApiRequest request) {
        return writes.submit(
                request,
                new ClearTopicPermission(request.variable("vhost"), request.variable("user"), inPath(request)));
    }
}
