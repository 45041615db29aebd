package io.tallymq.tally.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.TablePrinter;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code tally cluster}. */
@Command(
        name = "cluster",
        header = "The replicated log: who leads, who lags behind.",
        sortOptions = false,
        subcommands = {ClusterCommand.Status.class, TransferCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {"  tally cluster status", "  tally cluster transfer n2"})
public final class ClusterCommand extends CommandGroup {
    @Command(
            name = "status",
            header = "Leader, term, and how far each node is.",
            description = "Exit code 3 if the node that answers finds no majority.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally cluster status", "  tally cluster status --json | jq -r .leader"})
    static final class Status extends ApiCommand {
        @Override
        protected void run() {
            JsonNode cluster = api().get(ApiPath.of("cluster"));
            if (out().isJson()) {
                out().json(cluster);
            } else {
                out().line(StatusScreen.head(cluster));
                out().table(
                                cluster.path("members"),
                                new TablePrinter()
                                        .text("NODE", "name")
                                        .text("HOST", "host")
                                        .text(
                                                "ROLE",
                                                row -> row.path("role").asText().toLowerCase(Locale.ROOT))
                                        .text(
                                                "STATE",
                                                row -> row.path("reachable").asBoolean() ? "up" : "DOWN")
                                        .text("RANK", NodesTable::rank)
                                        .number("TERM", "term")
                                        .number("COMMITTED", "commit_index")
                                        .number("APPLIED", "applied_index")
                                        .number("DURABLE", "durable_index")
                                        .number("LAG", "lag")
                                        .text("LEVELS", Status::levels));
            }
            StatusCommand.requireMajority(cluster);
        }

        private static String levels(JsonNode row) {
            JsonNode levels = row.path("levels");
            return levels.isObject()
                    ? levels.path("min").asText() + "-" + levels.path("max").asText()
                    : "";
        }
    }
}
