package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.ConfirmTrace;
import io.tallymq.admin.request.ConfirmTrace.Flush;
import io.tallymq.admin.request.ConfirmTrace.Names;
import io.tallymq.admin.request.ConfirmTrace.Publish;
import io.tallymq.admin.request.ConfirmTrace.Times;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.RefusedException;
import io.tallymq.admin.request.Sight;
import io.tallymq.broker.access.Rights;
import java.util.List;
import java.util.stream.Stream;

/** /api/confirms/traces: messages whose publishers asked for their times (x-trace), as all nodes measured them. */
public final class TracesApi {
    private static final String PATH = "/api/confirms/traces";
    private static final int USUAL = 50;
    private static final int MOST = 1_000;

    private final AdminContext context;

    public TracesApi(AdminContext context) {
        this.context = context;
    }

    public List<HttpRoute> routes() {
        return List.of(
                HttpRoute.of(PATH, Lane.LOCAL, this::list).openTo(Access.MANAGEMENT),
                HttpRoute.of(PATH + "/{id}", Lane.LOCAL, this::one).openTo(Access.MANAGEMENT));
    }

    private Stream<ConfirmTrace> seen(Sight sight) {
        return context.stats().confirmTraces().stream()
                .filter(t -> t.publish() == null
                        ? sight.ofEverything()
                        : sight.sees(t.publish().names().vhost()));
    }

    private Answer list(ApiRequest request) {
        String message = request.target().parameter("message_id").orElse(null);
        String correlation = request.target().parameter("correlation_id").orElse(null);
        ArrayNode list = Json.array();
        seen(request.sight())
                .filter(t -> message == null
                        || namesItself(request, t)
                                && message.equals(t.publish().names().messageId()))
                .filter(t -> correlation == null
                        || namesItself(request, t)
                                && correlation.equals(t.publish().names().correlationId()))
                .limit(count(request))
                .forEach(t -> list.add(json(request, t)));
        return Answer.ok(list);
    }

    /**
     * Whether the user may know what the message says of itself: its keys and ids are its publisher's, as his connection is, and whose it is who may read it in one of
     * the queues that it came to.
     */
    private boolean namesItself(ApiRequest request, ConfirmTrace t) {
        if (t.publish() == null) {
            return false;
        }
        Names names = t.publish().names();
        if (request.sight().seesConnectionOf(names.user())) {
            return true;
        }
        Rights rights = new Rights(context::access, request.user().name(), names.vhost());
        return t.publish().queues().stream().anyMatch(queue -> rights.may(Rights.Act.READ, queue));
    }

    private static int count(ApiRequest request) {
        String given = request.target().parameter("count").orElse(String.valueOf(USUAL));
        if (!given.matches("[0-9]{1,4}") || Integer.parseInt(given) > MOST) {
            throw RefusedException.badRequest("count is an integer from 0 to " + MOST);
        }
        return Integer.parseInt(given);
    }

    private Answer one(ApiRequest request) {
        return Answer.ok(seen(request.sight())
                .filter(t -> t.id().equals(request.variable("id")))
                .findFirst()
                .map(t -> json(request, t))
                .orElseThrow(RefusedException::notFound));
    }

    private ObjectNode json(ApiRequest request, ConfirmTrace t) {
        ObjectNode json = Json.object();
        json.put("id", t.id());
        Publish p = t.publish();
        if (p != null) {
            boolean named = namesItself(request, t);
            json.put("message_id", named ? p.names().messageId() : null)
                    .put("correlation_id", named ? p.names().correlationId() : null)
                    .put("vhost", p.names().vhost())
                    .put("exchange", p.names().exchange())
                    .put("routing_key", named ? p.names().routingKey() : null)
                    .put("outcome", p.outcome())
                    .put("published_at", p.at().toString())
                    .put("node", p.node());
            if (p.moreQueues() < 0) {
                json.putNull("queues");
            } else {
                ArrayNode queues = json.putArray("queues");
                p.queues().forEach(queues::add);
            }
            json.put("more_queues", Math.max(0, p.moreQueues()));
        }
        json.put("leader", t.lead() == null ? null : t.lead().node())
                .put("term", t.term())
                .put("index", t.index())
                .put("unit", "us");
        phases(json, t);
        ArrayNode flushes = json.putArray("flushes");
        t.flushes().forEach(f -> flush(flushes.addObject(), f));
        ArrayNode missing = json.putArray("missing");
        t.missing().forEach(missing::add);
        return json;
    }

    /** The publisher's node's one after the other, and the leader's, which lie within its journey. */
    private static void phases(ObjectNode json, ConfirmTrace t) {
        ArrayNode phases = json.putArray("phases");
        if (t.publish() != null) {
            String node = t.publish().node();
            Times times = t.publish().times();
            long done = times.gather() + times.journey();
            boolean told = times.apply() >= 0;
            boolean written = told && times.write() >= 0;
            phase(phases, "gather", node, 0, times.gather());
            phase(phases, "journey", node, times.gather(), times.journey());
            phase(phases, "apply", node, done, times.apply());
            phase(phases, "write", node, told ? done + times.apply() : -1, times.write());
            put(json, "total", written ? done + times.apply() + times.write() : -1);
            json.put("held_for_consumers", times.held());
        }
        if (t.lead() != null) {
            phase(phases, "queue", t.lead().node(), 0, t.lead().queue());
            phase(
                    phases,
                    "replicate",
                    t.lead().node(),
                    t.lead().queue(),
                    t.lead().replicate());
        }
        boolean both = t.publish() != null && t.lead() != null;
        put(
                json,
                "ways",
                both
                        ? Math.max(
                                0,
                                t.publish().times().journey()
                                        - t.lead().queue()
                                        - t.lead().replicate())
                        : -1);
    }

    private static void phase(ArrayNode to, String phase, String node, long start, long took) {
        ObjectNode p = to.addObject().put("phase", phase).put("node", node);
        put(p, "start", start);
        put(p, "took", took);
    }

    private static void flush(ObjectNode json, Flush f) {
        json.put("node", f.node());
        json.put("flushed_at", f.at() == null ? null : f.at().toString());
        put(json, "took", f.took());
        put(json, "leader_knew_after", f.leaderKnewAfter());
    }

    private static void put(ObjectNode json, String name, long micros) {
        if (micros < 0) {
            json.putNull(name);
        } else {
            json.put(name, micros);
        }
    }
}
