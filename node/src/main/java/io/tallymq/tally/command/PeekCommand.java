package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Plain;
import io.tallymq.tally.output.TablePrinter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally peek}. */
@Command(
        name = "peek",
        header = "Shows messages of a queue where they are: nothing is delivered, and nothing is flagged.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally peek orders --count 3",
            "  tally peek orders.dead --where header.tenant=7 --where older_than=5m",
            "  tally peek events --from 2030-01-01T00:00:00Z        a stream, from a time on"
        })
public final class PeekCommand extends ApiCommand {
    @Parameters(paramLabel = "QUEUE", description = "Its name.")
    private String queue;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "So many at most, up to 100 (default: ${DEFAULT-VALUE}).")
    private int count = 10;

    @Option(
            names = "--from",
            paramLabel = "PLACE",
            description = "first, last, a message's number, or a time of a stream (default: first).")
    private String from;

    @Option(names = "--newest", description = "The newest first.")
    private boolean newest;

    @Option(
            names = "--where",
            paramLabel = "NAME=VALUE",
            description =
                    "Only what matches: header.NAME, message_id, correlation_id, text, older_than, state and others,"
                            + " as docs/compatibility.md has them. All have to hold.")
    private Map<String, String> where;

    @Option(names = "--truncate", paramLabel = "BYTES", description = "Show so many of each body.")
    private Long truncate;

    @Override
    protected void run() {
        ApiPath path = QueuesCommand.path(vhost(), queue)
                .words("peek")
                .with("count", Integer.toString(count))
                .with("from", from)
                .with("order", newest ? "newest" : null)
                .with("truncate", truncate == null ? null : truncate.toString());
        if (where != null) {
            where.forEach(path::with);
        }
        JsonNode answer = api().get(path);
        if (out().isJson()) {
            out().json(answer);
            return;
        }
        answer.path("messages").forEach(this::show);
        if (answer.path("messages").isEmpty()) {
            out().line("no message matches" + (answer.path("complete").asBoolean() ? "" : " so far"));
        }
        if (!answer.path("complete").asBoolean()) {
            out().line("there is more: --from " + answer.path("next").asText());
        }
    }

    private void show(JsonNode message) {
        out().line("message " + message.path("number").asText() + ", "
                + message.path("state").asText()
                + ", exchange '" + message.path("exchange").asText() + "', key '"
                + message.path("routing_key").asText() + "'");
        message.path("properties").properties().forEach(e -> out().line(
                        "  " + e.getKey() + ": " + TablePrinter.shown(e.getValue())));
        boolean text = message.path("payload_encoding").asText().equals("string");
        out().line("  " + message.path("payload_bytes").asText() + " bytes" + (text ? ":" : ", in base64:"));
        out().stream().println(Plain.lines(message.path("payload").asText()));
    }
}
