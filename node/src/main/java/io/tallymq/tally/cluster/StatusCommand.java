package io.tallymq.tally.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import picocli.CommandLine.Command;

/** {@code tally status}. */
@Command(
        name = "status",
        sortOptions = false,
        header = "Nodes, leader, alarms, listeners and totals, in one screen.",
        description = "Exit code 3 if the node that answers finds no majority.",
        footerHeading = "%nExamples:%n",
        footer = {"  tally status", "  tally --cluster prod status --json | jq .cluster.leader"})
public final class StatusCommand extends ApiCommand {
    @Override
    protected void run() {
        JsonNode cluster = api().get(ApiPath.of("cluster"));
        JsonNode nodes = api().get(ApiPath.of("nodes"));
        JsonNode overview = api().get(ApiPath.of("overview"));
        if (out().isJson()) {
            ObjectNode all = Output.object();
            all.set("cluster", cluster);
            all.set("nodes", nodes);
            all.set("overview", overview);
            out().json(all);
        } else {
            new StatusScreen(out()).show(cluster, nodes, overview);
        }
        requireMajority(cluster);
    }

    static void requireMajority(JsonNode cluster) {
        if (!cluster.path("serving").asBoolean()) {
            throw Failure.unreachable("node " + cluster.path("node").asText()
                    + " follows no leader: a majority of the nodes is unreachable, or an election is under way");
        }
    }
}
