package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Amounts;
import io.tallymq.tally.output.TablePrinter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally connections}. */
@Command(
        name = "connections",
        header = "Connections: list, close.",
        sortOptions = false,
        subcommands = {ConnectionsCommand.Lister.class, ConnectionsCommand.Closer.class},
        footerHeading = "%nExamples:%n",
        footer = {"  tally connections list", "  tally connections close --of-user app --reason 'moving'"})
public final class ConnectionsCommand extends CommandGroup {
    @Command(
            name = "list",
            header = "The clients of all nodes.",
            description =
                    "What only their own node counts is shown for the clients of all nodes that tell within a second.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally connections list --filter 10.0.0.7"})
    static final class Lister extends ApiCommand {
        @Mixin
        private ListOptions list;

        @Override
        protected void run() {
            ApiPath path = options().namesVhost()
                    ? ApiPath.of("vhosts").name(vhost()).words("connections")
                    : ApiPath.of("connections");
            out().table(
                            api().get(list.on(path, out().isJson(), null)),
                            new TablePrinter()
                                    .text("NAME", "name")
                                    .text("NODE", "node")
                                    .text("USER", "user")
                                    .text("VHOST", "vhost")
                                    .text("STATE", "state")
                                    .text("TLS", "ssl")
                                    .number("CHANNELS", "channels")
                                    .number("CONSUMERS", "consumers")
                                    .number("IN", row -> rate(row, "recv_oct"))
                                    .number("OUT", row -> rate(row, "send_oct"))
                                    .text("CLIENT", ConnectionsCommand::client));
        }

        private static String rate(JsonNode row, String field) {
            JsonNode rate = row.path(field + "_details").path("rate");
            return rate.isMissingNode() ? "" : Amounts.bytes(rate.asLong()) + "/s";
        }
    }

    private static String client(JsonNode row) {
        JsonNode given = row.path("user_provided_name");
        JsonNode properties = row.path("client_properties");
        return given.isTextual()
                ? given.asText()
                : (properties.path("product").asText() + " "
                                + properties.path("version").asText())
                        .strip();
    }

    @Command(
            name = "close",
            header = "Closes connections; their clients are told the reason.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally connections close '127.0.0.1:40312 -> 127.0.0.1:5672'",
                "  tally connections close --of-user app --reason 'the password was changed'"
            })
    static final class Closer extends ApiCommand {
        @Parameters(paramLabel = "NAME", arity = "0..*", description = "Connections, by their names in the list.")
        private List<String> names = List.of();

        @Option(names = "--of-user", paramLabel = "USER", description = "All of this user.")
        private String user;

        @Option(names = "--reason", paramLabel = "TEXT", description = "What the clients are told.")
        private String reason;

        @Override
        protected void run() {
            if (names.isEmpty() == (user == null)) {
                throw usage("names, or --of-user, are needed");
            }
            if (reason != null && reason.chars().anyMatch(Character::isISOControl)) {
                throw usage("--reason is one line");
            }
            Map<String, String> headers = reason == null ? Map.of() : Map.of("X-Reason", reason);
            if (user != null) {
                api().delete(ApiPath.of("connections/username").name(user), headers);
                out().done("the connections of '" + user + "' are closed");
                return;
            }
            names.forEach(name -> api().delete(ApiPath.of("connections").name(name), headers));
            out().done(Amounts.count(names.size(), "connection") + " closed");
        }
    }
}
