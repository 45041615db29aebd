package io.tallymq.tally.access;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.http.ExchangeNames;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally topic-permissions}. */
@Command(
        name = "topic-permissions",
        header = "Which routing keys users may use at topic exchanges: list, set, clear.",
        sortOptions = false,
        subcommands = {
            TopicPermissionsCommand.Lister.class,
            TopicPermissionsCommand.Setter.class,
            TopicPermissionsCommand.Clearer.class
        },
        footerHeading = "%nExamples:%n",
        footer = {"  tally topic-permissions set shop events '^shop\\.' '^shop\\.' -v /"})
public final class TopicPermissionsCommand extends CommandGroup {
    private static ApiPath path(String vhost, String user) {
        return ApiPath.of("topic-permissions").name(vhost).name(user);
    }

    @Command(
            name = "list",
            header = "All, or those of a virtual host or a user.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally topic-permissions list --of-user shop"})
    static final class Lister extends ApiCommand {
        @Option(names = "--of-user", paramLabel = "USER", description = "Only of this one.")
        private String user;

        @Override
        protected void run() {
            ApiPath path = ApiPath.of("topic-permissions");
            if (user != null) {
                path = ApiPath.of("users").name(user).words("topic-permissions");
            } else if (options().namesVhost()) {
                path = ApiPath.of("vhosts").name(vhost()).words("topic-permissions");
            }
            out().table(
                            api().get(path),
                            new TablePrinter()
                                    .text("USER", "user")
                                    .text("VHOST", "vhost")
                                    .text("EXCHANGE", "exchange")
                                    .text("WRITE", "write")
                                    .text("READ", "read"));
        }
    }

    @Command(
            name = "set",
            header = "Which keys a user may publish and bind with, at one exchange.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally topic-permissions set shop events '^shop\\.' '^shop\\.' -v /"})
    static final class Setter extends ApiCommand {
        @Parameters(index = "0", paramLabel = "USER", description = "The name.")
        private String user;

        @Parameters(index = "1", paramLabel = "EXCHANGE", description = "The exchange; amq.default is the default one.")
        private String exchange;

        @Parameters(index = "2", paramLabel = "WRITE", description = "Pattern of the keys to publish with.")
        private String write;

        @Parameters(index = "3", paramLabel = "READ", description = "Pattern of the keys to bind with.")
        private String read;

        @Override
        protected void run() {
            api().put(
                            path(vhost(), user),
                            Output.object()
                                    .put("exchange", exchange)
                                    .put("write", write)
                                    .put("read", read));
            out().done("the topic permissions of '" + user + "' for '" + exchange + "' in " + vhost() + " are set");
        }
    }

    @Command(
            name = "clear",
            header = "Takes a user's topic permissions in a virtual host away, all or those of an exchange.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally topic-permissions clear shop events -v /"})
    static final class Clearer extends ApiCommand {
        @Parameters(index = "0", paramLabel = "USER", description = "The name.")
        private String user;

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "EXCHANGE",
                description = "Only for this one; amq.default is the default one.")
        private String exchange;

        @Override
        protected void run() {
            ApiPath path = path(vhost(), user);
            api().delete(exchange == null ? path : path.name(ExchangeNames.inPath(exchange)));
            out().done("topic permissions of '" + user + "' in " + vhost() + " are cleared");
        }
    }
}
