package io.tallymq.tally.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.output.AlarmText;
import io.tallymq.tally.output.Amounts;
import io.tallymq.tally.output.Output;
import java.util.ArrayList;
import java.util.List;

/** The cluster in one screen. */
final class StatusScreen {
    private final Output out;

    StatusScreen(Output out) {
        this.out = out;
    }

    void show(JsonNode cluster, JsonNode nodes, JsonNode overview) {
        out.line(head(cluster));
        out.line("asked " + cluster.path("node").asText() + ", version "
                + overview.path("product_version").asText());
        out.line("");
        out.table(NodesTable.rows(cluster, nodes), NodesTable.printer());
        out.line("");
        out.line("alarms     " + AlarmText.of(nodes));
        out.line("listeners  " + listeners(overview.path("listeners")));
        out.line("objects    " + objects(overview.path("object_totals")));
        out.line("messages   " + messages(overview.path("queue_totals")));
        out.line("rates      " + rates(overview.path("message_stats")));
    }

    static String head(JsonNode cluster) {
        JsonNode leader = cluster.path("leader");
        return "cluster " + cluster.path("cluster").asText() + ": "
                + (leader.isTextual() ? "leader " + leader.asText() : "NO LEADER") + ", term "
                + cluster.path("term").asText() + ", level "
                + cluster.path("level").asText() + "; "
                + (cluster.path("serving").asBoolean() ? "serving" : "NOT SERVING");
    }

    private static String listeners(JsonNode listeners) {
        List<String> all = new ArrayList<>();
        listeners.forEach(
                l -> all.add(l.path("protocol").asText() + (l.path("tls").asBoolean() ? "/tls " : " ")
                        + l.path("ip_address").asText() + ":" + l.path("port").asText()));
        return String.join(", ", all);
    }

    private static String objects(JsonNode totals) {
        List<String> all = new ArrayList<>();
        for (String what : List.of("queue", "exchange", "binding", "connection", "channel", "consumer")) {
            all.add(Amounts.count(totals.path(what + "s").asLong(), what));
        }
        return String.join(", ", all);
    }

    private static String messages(JsonNode totals) {
        return totals.path("messages_ready").asLong() + " ready, "
                + totals.path("messages_unacknowledged").asLong() + " unacknowledged, "
                + Amounts.bytes(totals.path("message_bytes").asLong());
    }

    static String rates(JsonNode stats) {
        return "publish " + rate(stats, "publish") + ", deliver " + rate(stats, "deliver_get") + ", ack "
                + rate(stats, "ack") + ", redeliver " + rate(stats, "redeliver");
    }

    private static String rate(JsonNode stats, String what) {
        return Amounts.rate(stats.path(what + "_details").path("rate").asDouble());
    }
}
