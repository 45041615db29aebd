package io.tallymq.admin.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.AdminContext;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.ApiRequest;
import io.tallymq.admin.request.HttpRoute;
import io.tallymq.admin.request.HttpRoute.Access;
import io.tallymq.admin.request.HttpRoute.Lane;
import io.tallymq.admin.request.Json;
import io.tallymq.admin.request.NodeStats.LogLine;
import io.tallymq.admin.request.RefusedException;
import java.util.List;
import java.util.Locale;

/** /api/logs: the last lines of this node's log, for administrators. */
public final class LogsApi {
    /** From the most urgent on. */
    private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");

    private static final int USUAL = 200;
    private static final int MOST = 1_000;

    private final AdminContext context;

    public LogsApi(AdminContext context) {
        this.context = context;
    }

    public List<HttpRoute> routes() {
        return List.of(HttpRoute.of("/api/logs", Lane.LOCAL, this::lines).openTo(Access.ADMINISTRATOR));
    }

    private Answer lines(ApiRequest request) {
        int level = level(request.target().parameter("level").orElse("trace"));
        long since = number(request, "since", 0);
        int count = (int) Math.min(MOST, number(request, "count", USUAL));
        List<LogLine> all = context.stats().log();
        List<LogLine> found = all.stream()
                .filter(l -> l.number() > since)
                .filter(l -> LEVELS.indexOf(l.level().toLowerCase(Locale.ROOT)) <= level)
                .toList();
        ObjectNode answer = Json.object().put("node", context.broker().node());
        // Who asks again has seen these; what was passed over for its level or for want of room counts as seen.
        answer.put("next", all.isEmpty() ? since : all.get(all.size() - 1).number());
        answer.put("left_out", Math.max(0, found.size() - count));
        ArrayNode lines = answer.putArray("lines");
        found.stream().skip(Math.max(0, found.size() - count)).forEach(l -> lines.add(row(l)));
        return Answer.ok(answer);
    }

    private static ObjectNode row(LogLine l) {
        ObjectNode row = Json.object()
                .put("number", l.number())
                .put("time", l.time().toString())
                .put("level", l.level().toLowerCase(Locale.ROOT))
                .put("logger", l.logger())
                .put("thread", l.thread())
                .put("message", l.message());
        return l.error().isEmpty() ? row : row.put("error", l.error());
    }

    private static int level(String name) {
        int level = LEVELS.indexOf(name.toLowerCase(Locale.ROOT));
        if (level < 0) {
            throw RefusedException.badRequest("level is one of " + String.join(", ", LEVELS));
        }
        return level;
    }

    private static long number(ApiRequest request, String name, long otherwise) {
        String given = request.target().parameter(name).orElse(String.valueOf(otherwise));
        if (!given.matches("[0-9]{1,18}")) {
            throw RefusedException.badRequest(name + " is a number");
        }
        return Long.parseLong(given);
    }
}
