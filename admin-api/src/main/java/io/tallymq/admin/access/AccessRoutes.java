package io.tallymq.admin.access;

import io.tallymq.admin.request.AccessWrites;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Freshness;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.stats.Sampler;
import java.util.ArrayList;
import java.util.List;

/** The paths of virtual hosts, users, rights, limits and parameters, and of who changed them. */
public final class AccessRoutes {
    private AccessRoutes() {}

    public static List<HttpRoute> of(AdminContext context, Sampler sampler, AccessWrites writes, Freshness freshness) {
        List<HttpRoute> routes = new ArrayList<>();
        routes.addAll(new VhostsApi(context, sampler, writes, freshness).routes());
        routes.addAll(new UsersApi(context, writes, freshness).routes());
        routes.addAll(new PermissionsApi(context, writes).routes());
        routes.addAll(new TopicPermissionsApi(context, writes).routes());
        routes.addAll(new LimitsApi(context, writes, false).routes());
        routes.addAll(new LimitsApi(context, writes, true).routes());
        routes.addAll(new GlobalParametersApi(context, writes).routes());
        routes.addAll(new ParametersApi(context, writes).routes());
        routes.addAll(new AuditApi(context).routes());
        return routes;
    }
}
