package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.base.TypedPairs;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.http.ExchangeNames;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally exchanges}. */
@Command(
        name = "exchanges",
        header = "Exchanges: list, declare, delete.",
        sortOptions = false,
        subcommands = {ExchangesCommand.Lister.class, ExchangesCommand.Declarer.class, ExchangesCommand.Deleter.class},
        footerHeading = "%nExamples:%n",
        footer = {"  tally exchanges declare events --type topic", "  tally exchanges list -v /shop"})
public final class ExchangesCommand extends CommandGroup {
    private static ApiPath path(String vhost, String exchange) {
        return ApiPath.of("exchanges").name(vhost).name(exchange);
    }

    @Command(
            name = "list",
            header = "All exchanges, or those of a virtual host.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally exchanges list --filter events"})
    static final class Lister extends ApiCommand {
        @Mixin
        private ListOptions list;

        @Override
        protected void run() {
            ApiPath path = ApiPath.of("exchanges");
            if (options().namesVhost()) {
                path.name(vhost());
            }
            out().table(
                            api().get(list.on(path, out().isJson(), null)),
                            new TablePrinter()
                                    .text("VHOST", "vhost")
                                    .text(
                                            "NAME",
                                            row -> ExchangeNames.shown(
                                                    row.path("name").asText()))
                                    .text("TYPE", "type")
                                    .text("DURABLE", "durable")
                                    .text("AUTO-DELETE", "auto_delete")
                                    .text("INTERNAL", "internal")
                                    .text("ARGUMENTS", "arguments"));
        }
    }

    @Command(
            name = "declare",
            header = "Makes an exchange, if it is not there.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally exchanges declare events --type topic",
                "  tally exchanges declare in --argument alternate-exchange=lost"
            })
    static final class Declarer extends ApiCommand {
        @Parameters(paramLabel = "EXCHANGE", description = "Its name.")
        private String exchange;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "direct, fanout, topic, headers (default: ${DEFAULT-VALUE}).")
        private String type = "direct";

        @Option(names = "--transient", description = "Not durable.")
        private boolean isTransient;

        @Option(names = "--auto-delete", description = "Goes with its last binding.")
        private boolean autoDelete;

        @Option(names = "--internal", description = "Only other exchanges may publish to it.")
        private boolean internal;

        @Option(
                names = {"-a", "--argument"},
                paramLabel = "NAME=VALUE",
                description = "An argument; the value as JSON, or as a text.")
        private Map<String, String> arguments;

        @Override
        protected void run() {
            ObjectNode body = Output.object()
                    .put("type", type)
                    .put("durable", !isTransient)
                    .put("auto_delete", autoDelete)
                    .put("internal", internal);
            body.set("arguments", TypedPairs.of(arguments));
            boolean isNew = api().put(path(vhost(), exchange), body).status() == ApiStatus.CREATED;
            out().done("exchange '" + exchange + "' in " + vhost() + (isNew ? " declared" : " was there already"));
        }
    }

    @Command(
            name = "delete",
            header = "Deletes an exchange and its bindings.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally exchanges delete events --if-unused"})
    static final class Deleter extends ApiCommand {
        @Parameters(paramLabel = "EXCHANGE", description = "Its name.")
        private String exchange;

        @Option(names = "--if-unused", description = "Only without bindings.")
        private boolean ifUnused;

        @Override
        protected void run() {
            api().delete(path(vhost(), exchange).with("if-unused", ifUnused ? "true" : null));
            out().done("exchange '" + exchange + "' in " + vhost() + " deleted");
        }
    }
}
