package io.tallymq.tally.top;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.http.ApiClient;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.AlarmText;
import io.tallymq.tally.output.Output;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The cluster's counters at a moment.
 *
 * @param nanos when, by this process' clock
 */
record LoadSample(long nanos, JsonNode cluster, JsonNode nodes, JsonNode overview, JsonNode queues) {
    /** Queues that are looked at: the fullest, and as many each that the node says are published to and delivered from most. */
    static final int MOST_QUEUES = 500;

    private static final String FULLEST = "messages";
    /** By the node's own samples, the last two: an empty queue may be the busiest of all. */
    private static final List<String> BUSIEST =
            List.of("message_stats.publish_details.rate", "message_stats.deliver_get_details.rate");

    private static final List<String> COUNTERS = List.of("publish", "deliver_get", "ack", "redeliver");
    private static final String COLUMNS = "vhost,name,messages_ready,messages_unacknowledged,consumers,message_bytes,"
            + "message_stats.publish,message_stats.deliver_get,message_stats.ack,message_stats.redeliver";
    private static final double SECOND = 1e9;

    static LoadSample of(ApiClient api) {
        JsonNode cluster = api.get(ApiPath.of("cluster"));
        JsonNode nodes = api.get(ApiPath.of("nodes"));
        JsonNode overview = api.get(ApiPath.of("overview"));
        ArrayNode queues = Output.array();
        Set<String> known = new HashSet<>();
        add(queues, known, api, FULLEST);
        if (overview.path("object_totals").path("queues").asLong() > MOST_QUEUES) {
            BUSIEST.forEach(rate -> add(queues, known, api, rate));
        }
        return new LoadSample(System.nanoTime(), cluster, nodes, overview, queues);
    }

    private static void add(ArrayNode queues, Set<String> known, ApiClient api, String sort) {
        JsonNode page = api.get(ApiPath.of("queues")
                .with("page", "1")
                .with("page_size", Integer.toString(MOST_QUEUES))
                .with("sort", sort)
                .with("sort_reverse", "true")
                .with("columns", COLUMNS));
        for (JsonNode queue : page.path("items")) {
            if (known.add(key(queue))) {
                queues.add(queue);
            }
        }
    }

    /** What happened since, per second: {@code rates} of everything, {@code queues} with theirs, the busiest first, and {@code alarms}. */
    ObjectNode since(LoadSample before) {
        double seconds = (nanos - before.nanos) / SECOND;
        ObjectNode load = Output.object();
        load.set("rates", rates(overview.path("message_stats"), before.overview.path("message_stats"), seconds));
        Map<String, JsonNode> was = new HashMap<>();
        before.queues.forEach(q -> was.put(key(q), q.path("message_stats")));
        ArrayNode rows = Output.array();
        for (JsonNode queue : queues) {
            ObjectNode row = queue.deepCopy();
            JsonNode then = was.getOrDefault(key(queue), queue.path("message_stats")); // of a new one nothing is known
            row.set("rates", rates(queue.path("message_stats"), then, seconds));
            row.remove("message_stats");
            rows.add(row);
        }
        load.set("queues", sorted(rows));
        load.put("alarms", AlarmText.of(nodes));
        return load;
    }

    private static String key(JsonNode queue) {
        return queue.path("vhost").asText() + "\0" + queue.path("name").asText();
    }

    private static ObjectNode rates(JsonNode now, JsonNode then, double seconds) {
        ObjectNode rates = Output.object();
        for (String counter : COUNTERS) {
            long more =
                    Math.max(0, now.path(counter).asLong() - then.path(counter).asLong());
            rates.put(counter, Math.round(more / seconds * 10) / 10.0);
        }
        return rates;
    }

    private static ArrayNode sorted(ArrayNode rows) {
        List<JsonNode> all = new java.util.ArrayList<>();
        rows.forEach(all::add);
        all.sort((a, b) -> Double.compare(busy(b), busy(a))); // equal ones stay: the fullest first
        return Output.array().addAll(all);
    }

    private static double busy(JsonNode row) {
        double sum = 0;
        for (JsonNode rate : row.path("rates")) {
            sum += rate.asDouble();
        }
        return sum;
    }
}
