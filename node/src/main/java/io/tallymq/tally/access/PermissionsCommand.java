package io.tallymq.tally.access;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally permissions}. */
@Command(
        name = "permissions",
        header = "What users may do in virtual hosts: list, set, clear.",
        sortOptions = false,
        subcommands = {
            PermissionsCommand.Lister.class,
            PermissionsCommand.Setter.class,
            PermissionsCommand.Clearer.class
        },
        footerHeading = "%nExamples:%n",
        footer = {"  tally permissions set shop '^shop' '.*' '^shop' -v /", "  tally permissions list --of-user shop"})
public final class PermissionsCommand extends CommandGroup {
    private static ApiPath path(String vhost, String user) {
        return ApiPath.of("permissions").name(vhost).name(user);
    }

    @Command(
            name = "list",
            header = "All, or those of a virtual host or a user.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally permissions list",
                "  tally permissions list --of-user shop",
                "  tally permissions list -v /"
            })
    static final class Lister extends ApiCommand {
        @Option(names = "--of-user", paramLabel = "USER", description = "Only of this one.")
        private String user;

        @Override
        protected void run() {
            ApiPath path = ApiPath.of("permissions");
            if (user != null) {
                path = ApiPath.of("users").name(user).words("permissions");
            } else if (options().namesVhost()) {
                path = ApiPath.of("vhosts").name(vhost()).words("permissions");
            }
            out().table(
                            api().get(path),
                            new TablePrinter()
                                    .text("USER", "user")
                                    .text("VHOST", "vhost")
                                    .text("CONFIGURE", "configure")
                                    .text("WRITE", "write")
                                    .text("READ", "read"));
        }
    }

    @Command(
            name = "set",
            header = "What a user may do in a virtual host: patterns of names; '' is nothing.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally permissions set shop '^shop' '.*' '^shop' -v /"})
    static final class Setter extends ApiCommand {
        @Parameters(index = "0", paramLabel = "USER", description = "The name.")
        private String user;

        @Parameters(index = "1", paramLabel = "CONFIGURE", description = "What may be declared and deleted.")
        private String configure;

        @Parameters(index = "2", paramLabel = "WRITE", description = "What may be published to and bound.")
        private String write;

        @Parameters(index = "3", paramLabel = "READ", description = "What may be consumed and bound to.")
        private String read;

        @Override
        protected void run() {
            api().put(
                            path(vhost(), user),
                            Output.object()
                                    .put("configure", configure)
                                    .put("write", write)
                                    .put("read", read));
            out().done("the permissions of '" + user + "' in " + vhost() + " are set");
        }
    }

    @Command(
            name = "clear",
            header = "Takes a user's permissions in a virtual host away.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally permissions clear shop -v /"})
    static final class Clearer extends ApiCommand {
        @Parameters(paramLabel = "USER", description = "The name.")
        private String user;

        @Override
        protected void run() {
            api().delete(path(vhost(), user));
            out().done("the permissions of '" + user + "' in " + vhost() + " are cleared");
        }
    }
}
