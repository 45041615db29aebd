package io.tallymq.admin.access;

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
import io.tallymq.admin.request.Rows;
import io.tallymq.broker.change.ClearPermission;
import io.tallymq.broker.change.SetPermission;
import io.tallymq.broker.spec.Permission;
import io.tallymq.broker.view.User;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** /api/permissions, and the same of one user and of one virtual host: for administrators. */
public final class PermissionsApi {
    private record In(String user, String vhost, Permission permission) {}

    private final AdminContext context;
    private final AccessWrites writes;

    public PermissionsApi(AdminContext context, AccessWrites writes) {
        this.context = context;
        this.writes = writes;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/permissions", Lane.STATE, this::all).openTo(Access.ADMINISTRATOR),
                HttpRoute.of("/api/vhosts/{vhost}/permissions", Lane.STATE, this::all)
                        .openTo(Access.ADMINISTRATOR),
                HttpRoute.of("/api/users/{user}/permissions", Lane.STATE, this::ofUser)
                        .openTo(Access.ADMINISTRATOR),
                HttpRoute.of("/api/permissions/{vhost}/{user}", Lane.STATE, this::one)
                        .openTo(Access.ADMINISTRATOR)
                        .with("PUT", Access.ADMINISTRATOR, this::put)
                        .with("DELETE", Access.ADMINISTRATOR, this::clear));
    }

    /** What is left of a virtual host that goes is nobody's business. */
    private static Iterator<In> of(AdminContext context, User user) {
        return user.permissions().entrySet().stream()
                .filter(e -> context.access().hasVhost(e.getKey()))
                .map(e -> new In(user.name(), e.getKey(), e.getValue()))
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

    private Answer list(ApiRequest request, Iterator<In> shown) {
        return Listing.of(request.target())
                .render(Listing.Source.of(shown, In::user, PermissionsApi::row), context.held());
    }

    private Answer one(ApiRequest request) {
        context.requireVhost(request);
        User user = context.user(request.variable("user"));
        String vhost = request.variable("vhost");
        Permission permission = user.permissions().get(vhost);
        if (permission == null) {
            throw RefusedException.notFound();
        }
        return Answer.ok(Columns.of(request.target()).of(row(new In(user.name(), vhost, permission))));
    }

    private static ObjectNode row(In in) {
        return Json.object()
                .put("user", in.user)
                .put("vhost", in.vhost)
                .put("configure", in.permission.configure())
                .put("write", in.permission.write())
                .put("read", in.permission.read());
    }

    private CompletionStage<Answer> put(ApiRequest request) {
        RequestFields f = RequestFields.of(request);
        Permission permission = new Permission(f.text("configure"), f.text("write"), f.text("read"));
        return writes.submit(
                request, new SetPermission(request.variable("vhost"), request.variable("user"), permission));
    }

    private CompletionStage<Answer> clear(ApiRequest request) {
        return writes.submit(request, new ClearPermission(request.variable("vhost"), request.variable("user")));
    }
}
