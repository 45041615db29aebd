package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;

/** {@code tally anatomy}. */
@Command(
        name = "anatomy",
        header = "Where the time of confirms went in the last minute, in milliseconds, as each node measured its part.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally anatomy"})
public final class AnatomyCommand extends ApiCommand {
    /** Milliseconds; nodes tell every other second. */
    private static final long OLD = 5_000;

    @Override
    protected void run() {
        JsonNode answer = api().get(ApiPath.of("confirms/anatomy"));
        if (out().isJson()) {
            out().json(answer);
            return;
        }
        for (JsonNode node : answer.path("nodes")) {
            out().line("node " + node.path("node").asText()
                    + (node.path("leads").asBoolean() ? ", which leads" : "")
                    + (node.path("age").asLong() > OLD
                            ? ", as it said " + node.path("age").asLong() / 1000 + " s ago"
                            : ""));
            phases(node.path("phases"));
            out().line("");
        }
        if (!answer.path("silent").isEmpty()) {
            out().line("nothing is heard of " + TablePrinter.shown(answer.path("silent")));
        }
    }

    private void phases(JsonNode phases) {
        out().table(
                        phases,
                        new TablePrinter()
                                .text("PHASE", "phase")
                                .number("COUNT", "count")
                                .number("MEAN", "mean")
                                .number("P50", "p50")
                                .number("P90", "p90")
                                .number("P99", "p99")
                                .number("MAX", "max")
                                .text("", "about"));
    }
}
