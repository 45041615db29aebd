package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.list.Listing;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import java.util.List;

/**
 * /api/feature-flags: those of RabbitMQ's whose subject is to be had here, all of them enabled, for programs that do not start without. There is
 * nothing to switch: what a cluster does goes by its level, see /api/cluster. Flags of what is absent are absent, as those of a plugin are that is
 * not there.
 */
public final class FeatureFlagsApi {
    /** What may be relied upon, by name. */
    private record Flag(String name, String provider, String description) {}

    private static final String CORE = "rabbit";
    private static final String COUNTS = "rabbitmq_management_agent";

    private static final List<Flag> FLAGS = List.of(
            new Flag("classic_mirrored_queue_version", CORE, "x-queue-version is accepted"),
            new Flag("drop_unroutable_metric", COUNTS, "Unroutable messages that were dropped are counted"),
            new Flag("empty_basic_get_metric", COUNTS, "Each basic.get that found nothing is counted"),
            new Flag("implicit_default_bindings", CORE, "Bindings of the default exchange are not stored"),
            new Flag("quorum_queue", CORE, "Queues of type quorum"),
            new Flag("stream_filtering", CORE, "Streams with filters"),
            new Flag("stream_queue", CORE, "Queues of type stream"),
            new Flag("user_limits", CORE, "Limits of a user's connections and channels"),
            new Flag("virtual_host_metadata", CORE, "Descriptions and tags of virtual hosts"));

    private final AdminContext context;

    public FeatureFlagsApi(AdminContext context) {
        this.context = context;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of("/api/feature-flags", Lane.LOCAL, this::flags).openTo(Access.ADMINISTRATOR));
    }

    private Answer flags(ApiRequest request) {
        return Listing.of(request.target())
                .render(Listing.Source.of(FLAGS.iterator(), Flag::name, FeatureFlagsApi::row), context.held());
    }

    private static ObjectNode row(Flag flag) {
        return Json.object()
                .put("name", flag.name())
                .put("desc", flag.description())
                .put("doc_url", "")
                .put("state", "enabled")
                .put("stability", "required")
                .put("provided_by", flag.provider());
    }
}
