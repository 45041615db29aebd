package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.Plain;
import io.tallymq.tally.output.TablePrinter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally get}. */
@Command(
        name = "get",
        header = "Gets messages of a queue, and puts them back unless told otherwise.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally get orders                            the first message, which stays",
            "  tally get orders --count 10 --ack           ten, which are gone then",
            "  tally get images --ack --raw > image.png    a body as it is"
        })
public final class GetCommand extends ApiCommand {
    @Parameters(paramLabel = "QUEUE", description = "Its name.")
    private String queue;

    @Option(names = "--count", paramLabel = "N", description = "So many at most (default: ${DEFAULT-VALUE}).")
    private int count = 1;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description =
                    "What becomes of them: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). requeue puts them back;"
                            + " reject throws them away, to the dead letter exchange if there is one.")
    private AckMode mode = AckMode.requeue;

    @Option(names = "--ack", description = "The same as --mode ack.")
    private boolean ack;

    @Option(names = "--truncate", paramLabel = "BYTES", description = "Show so many of each body.")
    private Long truncate;

    @Option(names = "--raw", description = "Only the bodies, byte by byte, one after the other.")
    private boolean raw;

    enum AckMode {
        requeue("ack_requeue_true"),
        ack("ack_requeue_false"),
        reject("reject_requeue_false"),
        reject_requeue("reject_requeue_true");

        private final String name;

        AckMode(String name) {
            this.name = name;
        }
    }

    @Override
    protected void run() {
        ObjectNode body = Output.object()
                .put("count", count)
                .put("ackmode", (ack ? AckMode.ack : mode).name)
                .put("encoding", raw ? "base64" : "auto");
        if (truncate != null) {
            body.put("truncate", truncate);
        }
        JsonNode messages = api().post(QueuesCommand.path(vhost(), queue).words("get"), body)
                .json();
        if (raw) {
            messages.forEach(m -> out().stream().writeBytes(bytes(m)));
        } else if (out().isJson()) {
            out().json(messages);
        } else {
            show(messages);
        }
    }

    private static byte[] bytes(JsonNode message) {
        return Base64.getDecoder().decode(message.path("payload").asText().getBytes(StandardCharsets.US_ASCII));
    }

    private void show(JsonNode messages) {
        if (messages.isEmpty()) {
            out().line("no message is ready");
        }
        for (JsonNode message : messages) {
            out().line("exchange '" + message.path("exchange").asText() + "', key '"
                    + message.path("routing_key").asText() + "'"
                    + (message.path("redelivered").asBoolean() ? ", redelivered" : "") + "; "
                    + message.path("message_count").asText() + " left");
            message.path("properties").properties().forEach(e -> out().line(
                            "  " + e.getKey() + ": " + TablePrinter.shown(e.getValue())));
            boolean text = message.path("payload_encoding").asText().equals("string");
            out().line("  " + message.path("payload_bytes").asText() + " bytes" + (text ? ":" : ", in base64:"));
            out().stream().println(Plain.lines(message.path("payload").asText()));
        }
    }
}
