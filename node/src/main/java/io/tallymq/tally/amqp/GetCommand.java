package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.rabbitmq.client.GetResponse;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.Plain;
import io.tallymq.tally.output.TablePrinter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally get}. */
@Command(
        name = "get",
        header = "Gets messages of a queue, and puts them back unless told otherwise.",
        description =
                "What is to go is got by AMQP, and goes when it is written to the standard output; what is put back"
                        + " is got over HTTP.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally get orders                            the first message, which stays",
            "  tally get orders --count 10 --ack           ten, which are gone then",
            "  tally get images --ack --raw > image.png    a body as it is"
        })
public final class GetCommand extends AmqpCommand {
    @Parameters(paramLabel = "QUEUE", description = "Its name.")
    private String queue;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "So many at most, and some MiB (default: ${DEFAULT-VALUE}).")
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
        requeue,
        ack,
        reject,
        reject_requeue
    }

    @Override
    protected void run() throws Exception {
        AckMode what = ack ? AckMode.ack : mode;
        if (count < 0 || truncate != null && truncate < 0) {
            throw usage("numbers are at least 0");
        }
        if (what == AckMode.ack || what == AckMode.reject) {
            new MessageTaking(nodes(), queue, count, what == AckMode.ack, this::tell).run();
        } else {
            tell(looked(what));
        }
    }

    /** They stay. */
    private JsonNode looked(AckMode what) {
        ObjectNode body = Output.object()
                .put("count", count)
                .put("ackmode", what == AckMode.requeue ? "ack_requeue_true" : "reject_requeue_true")
                .put("encoding", raw ? "base64" : "auto");
        if (truncate != null) {
            body.put("truncate", truncate);
        }
        return api().post(ApiPath.of("queues").name(vhost()).name(queue).words("get"), body)
                .json();
    }

    private JsonNode rows(List<GetResponse> all) {
        var rows = Output.array();
        all.forEach(m -> rows.add(MessageRows.of(m, shown(m))));
        return rows;
    }

    private void tell(List<GetResponse> all) {
        if (raw) {
            all.forEach(m -> out().stream().write(m.getBody(), 0, shown(m)));
        } else {
            tell(rows(all));
        }
        out().sent();
    }

    private int shown(GetResponse m) {
        return truncate == null ? m.getBody().length : (int) Math.min(m.getBody().length, truncate);
    }

    private void tell(JsonNode messages) {
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
