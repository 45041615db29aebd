package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.base.TypedPairs;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.http.ExchangeNames;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally bindings}. */
@Command(
        name = "bindings",
        header = "Bindings: list, add, remove.",
        sortOptions = false,
        subcommands = {BindingsCommand.Lister.class, BindingsCommand.Adder.class, BindingsCommand.Remover.class},
        footerHeading = "%nExamples:%n",
        footer = {"  tally bindings add events orders --key 'order.*'", "  tally bindings list --queue orders"})
public final class BindingsCommand extends CommandGroup {
    @Command(
            name = "list",
            header = "All bindings, or those of a virtual host, an exchange or a queue.",
            description = "Of an exchange or a queue: in the virtual host that is named, else in /.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally bindings list --queue orders", "  tally bindings list --source events"})
    static final class Lister extends ApiCommand {
        @Option(names = "--source", paramLabel = "EXCHANGE", description = "Only from this one.")
        private String source;

        @Option(names = "--queue", paramLabel = "QUEUE", description = "Only to this one.")
        private String queue;

        @Override
        protected void run() {
            out().table(
                            wanted(api().get(path())),
                            new TablePrinter()
                                    .text("VHOST", "vhost")
                                    .text(
                                            "SOURCE",
                                            row -> ExchangeNames.shown(
                                                    row.path("source").asText()))
                                    .text("TO", "destination_type")
                                    .text("DESTINATION", "destination")
                                    .text("KEY", "routing_key")
                                    .text("ARGUMENTS", "arguments"));
        }

        private ApiPath path() {
            if (queue != null) {
                return QueuesCommand.path(vhost(), queue).words("bindings");
            } else if (source != null) {
                return ApiPath.of("exchanges")
                        .name(vhost())
                        .name(ExchangeNames.inPath(source))
                        .words("bindings/source");
            }
            ApiPath all = ApiPath.of("bindings");
            return options().namesVhost() ? all.name(vhost()) : all;
        }

        private JsonNode wanted(JsonNode rows) {
            if (queue == null || source == null) {
                return rows;
            }
            var some = JsonNodeFactory.instance.arrayNode();
            rows.forEach(row -> {
                if (row.path("source").asText().equals(source)) {
                    some.add(row);
                }
            });
            return some;
        }
    }

    /** From where, to where, and how. */
    abstract static class Between extends ApiCommand {
        @Parameters(index = "0", paramLabel = "SOURCE", description = "An exchange.")
        private String source;

        @Parameters(
                index = "1",
                paramLabel = "DESTINATION",
                description = "A queue, or with --to-exchange an exchange.")
        private String destination;

        @Option(
                names = {"-k", "--key"},
                paramLabel = "KEY",
                description = "The routing key, or pattern (default: none).")
        private String key = "";

        @Option(names = "--to-exchange", description = "The destination is an exchange.")
        private boolean toExchange;

        @Option(
                names = {"-a", "--argument"},
                paramLabel = "NAME=VALUE",
                description = "An argument; the value as JSON, or as a text.")
        private Map<String, String> arguments;

        final ApiPath path() {
            return ApiPath.of("bindings")
                    .name(vhost())
                    .words("e")
                    .name(ExchangeNames.inPath(source))
                    .words(toExchange ? "e" : "q")
                    .name(destination);
        }

        final String key() {
            return key;
        }

        final ObjectNode arguments() {
            return TypedPairs.of(arguments);
        }

        final String named() {
            return "binding '" + key + "' from '" + source + "' to '" + destination + "'";
        }
    }

    @Command(
            name = "add",
            header = "Binds a queue, or an exchange, to an exchange.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally bindings add events orders --key 'order.#'",
                "  tally bindings add in out --to-exchange",
                "  tally bindings add by-header eu -a x-match=all -a region=eu"
            })
    static final class Adder extends Between {
        @Override
        protected void run() {
            ObjectNode body = Output.object().put("routing_key", key());
            body.set("arguments", arguments());
            api().post(path(), body);
            out().done(named() + " added");
        }
    }

    @Command(
            name = "remove",
            header = "Removes a binding: the one with this key and these arguments.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally bindings remove events orders --key 'order.#'"})
    static final class Remover extends Between {
        @Override
        protected void run() {
            for (JsonNode row : api().get(path())) {
                if (row.path("routing_key").asText().equals(key())
                        && row.path("arguments").equals(arguments())) {
                    api().delete(path().name(row.path("properties_key").asText()));
                    out().done(named() + " removed");
                    return;
                }
            }
            throw Failure.refused("there is no " + named() + " with these arguments; see: tally bindings list");
        }
    }
}
