package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.http.ExchangeNames;
import io.tallymq.tally.output.TablePrinter;
import io.tallymq.tally.output.TraceText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally trace}. */
@Command(
        name = "trace",
        header =
                "Where the time of single messages went that were published with the header x-trace: a list, or one of them.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally trace", "  tally trace 4711.0.3", "  tally trace --message-id order-7"})
public final class TraceCommand extends ApiCommand {
    @Parameters(arity = "0..1", paramLabel = "ID", description = "One of the list, by its place in the log.")
    private String id;

    @Option(names = "--message-id", paramLabel = "ID", description = "Those with this message_id.")
    private String messageId;

    @Option(names = "--correlation-id", paramLabel = "ID", description = "Those with this correlation_id.")
    private String correlationId;

    @Override
    protected void run() {
        if (id != null && (messageId != null || correlationId != null)) {
            throw usage("an ID, or what to look for");
        }
        ApiPath path = ApiPath.of("confirms/traces");
        if (id != null) {
            show(api().get(path.name(id)));
            return;
        }
        path.with("message_id", messageId).with("correlation_id", correlationId);
        JsonNode found = api().get(path);
        if (found.size() == 1 && messageId != null && !out().isJson()) {
            show(found.get(0));
            return;
        }
        out().table(
                        found,
                        new TablePrinter()
                                .text("ID", "id")
                                .text("PUBLISHED", "published_at")
                                .text("MESSAGE ID", "message_id")
                                .text(
                                        "EXCHANGE",
                                        row -> ExchangeNames.shown(
                                                row.path("exchange").asText()))
                                .text("ROUTING KEY", "routing_key")
                                .text("OUTCOME", "outcome")
                                .number("CONFIRM US", "total"));
    }

    private void show(JsonNode trace) {
        if (out().isJson()) {
            out().json(trace);
        } else {
            TraceText.print(out(), trace);
        }
    }
}
