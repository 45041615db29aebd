package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Amounts;
import io.tallymq.tally.output.Output;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally redrive}: asks again and again, for a request moves some at a time. */
@Command(
        name = "redrive",
        header = "Moves messages to another queue, or back to where they were dead-lettered from.",
        description = {
            "",
            "Each message moves by one entry of the log: it is in one of the two queues at every moment."
                    + " What the other queue refuses stays, and is told: exit code 1."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally redrive orders.dead                                   back to where they died",
            "  tally redrive orders.dead --to orders.again --count 100",
            "  tally redrive orders.dead --where header.tenant=7 --reason 'fixed in 2.1'"
        })
public final class RedriveCommand extends ApiCommand {
    private static final int AT_A_TIME = 1_000;

    @Parameters(paramLabel = "QUEUE", description = "Where they are.")
    private String queue;

    @Option(
            names = "--to",
            paramLabel = "QUEUE",
            description = "Where they go (default: back to where they died last).")
    private String to;

    @Option(names = "--count", paramLabel = "N", description = "So many at most (default: all).")
    private Long count;

    @Option(names = "--where", paramLabel = "NAME=VALUE", description = "Only what matches, as with peek.")
    private Map<String, String> where;

    @Option(names = "--reason", paramLabel = "TEXT", description = "For the list of changes.")
    private String reason;

    @Override
    protected void run() {
        ApiPath path = QueuesCommand.path(vhost(), queue).words("redrive");
        long moved = 0;
        JsonNode from = null;
        JsonNode until = null;
        Map<String, Long> refused = new TreeMap<>();
        boolean complete = false;
        while (!complete && (count == null || moved < count)) {
            ObjectNode body = Output.object().put("to", to).put("reason", reason);
            body.put("count", count == null ? AT_A_TIME : Math.min(AT_A_TIME, count - moved));
            if (from != null) {
                body.set("from", from);
                body.set("until", until);
            }
            if (where != null) {
                ObjectNode filter = body.putObject("filter");
                where.forEach(filter::put);
            }
            JsonNode answer = next(path, body, moved);
            JsonNode next = answer.path("next");
            if (next.equals(from) && answer.path("moved").asLong() == 0) {
                addTo(refused, answer, Math::max); // the answer before may have counted the same ones
                break; // it says the same for ever
            }
            moved += answer.path("moved").asLong();
            addTo(refused, answer, Long::sum);
            complete = answer.path("complete").asBoolean() || next.isNull();
            from = next;
            until = until == null ? answer.path("until") : until;
            out().progress(moved + " moved");
        }
        tell(moved, refused);
    }

    private static void addTo(Map<String, Long> refused, JsonNode answer, BinaryOperator<Long> both) {
        answer.path("refused")
                .forEach(r ->
                        refused.merge(r.path("reason").asText(), r.path("count").asLong(), both));
    }

    private JsonNode next(ApiPath path, ObjectNode body, long moved) {
        try {
            return api().post(path, body).json();
        } catch (Failure e) {
            throw moved == 0 ? e : e.with(moved + " messages were moved before that");
        }
    }

    private void tell(long moved, Map<String, Long> refused) {
        if (out().isJson()) {
            ObjectNode all = Output.object().put("moved", moved);
            ArrayNode list = all.putArray("refused");
            refused.forEach((why, n) -> list.addObject().put("reason", why).put("count", n));
            out().json(all);
        } else {
            out().line(moved + " messages moved");
            refused.forEach((why, n) -> out().line(n + " stay: " + why));
        }
        if (!refused.isEmpty()) {
            long stay = refused.values().stream().mapToLong(n -> n).sum();
            throw Failure.refused(Amounts.count(stay, "message") + " were refused and stay");
        }
    }
}
