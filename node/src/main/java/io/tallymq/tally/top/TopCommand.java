package io.tallymq.tally.top;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.output.AlarmText;
import io.tallymq.tally.output.Amounts;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tally top}. */
@Command(
        name = "top",
        header = "The load, live: rates per second, and the busiest queues. q ends.",
        description =
                "Rates are what two looks differ by. Of more than 500 queues it looks at the 500 fullest, and at 500 each that are"
                        + " published to and delivered from most: the node knows these ten seconds after the first look.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally top", "  tally top --interval 5", "  tally top --count 1 --json"})
public final class TopCommand extends ApiCommand {
    private static final int HEAD_LINES = 7;
    private static final long SECOND_MILLIS = 1_000;

    @Option(names = "--interval", paramLabel = "S", description = "Seconds between looks (default: ${DEFAULT-VALUE}).")
    private double interval = 2;

    @Option(names = "--count", paramLabel = "N", description = "End after so many screens.")
    private long count = Long.MAX_VALUE;

    @Override
    protected void run() throws Exception {
        if (!(interval > 0 && interval < 3_600)) {
            throw usage("the interval is more than nothing, and less than an hour");
        }
        long milliseconds = Math.max(1, (long) (interval * SECOND_MILLIS));
        try (Terminal terminal = new Terminal(options().surroundings())) {
            LoadSample before = LoadSample.of(api());
            for (long i = 0; i < count; i++) {
                if (terminal.quits(milliseconds)) {
                    return;
                }
                LoadSample now = LoadSample.of(api());
                terminal.clear();
                show(now, now.since(before), terminal.lines());
                before = now;
            }
        }
    }

    private void show(LoadSample now, ObjectNode load, int lines) {
        if (out().isJson()) {
            out().jsonLine(load);
            return;
        }
        JsonNode cluster = now.cluster();
        JsonNode rates = load.path("rates");
        JsonNode totals = now.overview().path("queue_totals");
        out().line(cluster.path("cluster").asText() + ": leader "
                + cluster.path("leader").asText("none") + "; " + nodes(cluster) + "; "
                + Amounts.count(
                        now.overview().path("object_totals").path("connections").asLong(), "connection"));
        out().line("publish " + rate(rates, "publish") + "   deliver " + rate(rates, "deliver_get") + "   ack "
                + rate(rates, "ack") + "   redeliver " + rate(rates, "redeliver"));
        out().line("ready " + totals.path("messages_ready").asText() + "   unacked "
                + totals.path("messages_unacknowledged").asText() + "   "
                + Amounts.bytes(totals.path("message_bytes").asLong()));
        out().line("alarms " + AlarmText.of(now.nodes()));
        out().line("");
        out().table(
                        firstOf(load.path("queues"), Math.max(1, lines - HEAD_LINES)),
                        new TablePrinter()
                                .text("VHOST", "vhost")
                                .text("QUEUE", "name")
                                .number("PUBLISH", row -> rate(row.path("rates"), "publish"))
                                .number("DELIVER", row -> rate(row.path("rates"), "deliver_get"))
                                .number("ACK", row -> rate(row.path("rates"), "ack"))
                                .number("READY", "messages_ready")
                                .number("UNACKED", "messages_unacknowledged")
                                .number("CONSUMERS", "consumers")
                                .number(
                                        "BYTES",
                                        row -> Amounts.bytes(
                                                row.path("message_bytes").asLong())));
        out().sent();
    }

    private static String rate(JsonNode rates, String what) {
        return Amounts.rate(rates.path(what).asDouble());
    }

    private static String nodes(JsonNode cluster) {
        List<String> all = new ArrayList<>();
        cluster.path("members")
                .forEach(m -> all.add(m.path("name").asText()
                        + (m.path("reachable").asBoolean()
                                ? " lag " + m.path("lag").asText("?")
                                : " DOWN")));
        return String.join(", ", all);
    }

    private static ArrayNode firstOf(JsonNode rows, int most) {
        ArrayNode first = Output.array();
        for (int i = 0; i < rows.size() && i < most; i++) {
            first.add(rows.get(i));
        }
        return first;
    }
}
