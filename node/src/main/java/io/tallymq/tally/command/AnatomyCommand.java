package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;

/** {@code tally anatomy}. */
@Command(
        name = "anatomy",
        header =
                "Where the time of a confirm went in the last minute, in milliseconds, as the node that answers saw it.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally anatomy", "  tally anatomy --address http://n2:15672"})
public final class AnatomyCommand extends ApiCommand {
    @Override
    protected void run() {
        JsonNode answer = api().get(ApiPath.of("confirms/anatomy"));
        if (out().isJson()) {
            out().json(answer);
            return;
        }
        out().line("node " + answer.path("node").asText() + ", led by "
                + answer.path("leader").asText());
        out().table(
                        answer.path("phases"),
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
