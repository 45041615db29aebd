package io.tallymq.tally.access;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally vhosts}. */
@Command(
        name = "vhosts",
        header = "Virtual hosts: list, add, delete, protect.",
        sortOptions = false,
        subcommands = {
            VhostsCommand.Lister.class,
            VhostsCommand.Adder.class,
            VhostsCommand.Deleter.class,
            VhostsCommand.Protector.class
        },
        footerHeading = "%nExamples:%n",
        footer = {"  tally vhosts add /shop --description 'the shop'"})
public final class VhostsCommand extends CommandGroup {
    private static ApiPath path(String name) {
        return ApiPath.of("vhosts").name(name);
    }

    @Command(
            name = "list",
            header = "All virtual hosts.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally vhosts list"})
    static final class Lister extends ApiCommand {
        @Mixin
        private ListOptions list;

        @Override
        protected void run() {
            out().table(
                            api().get(list.on(ApiPath.of("vhosts"), out().isJson(), null)),
                            new TablePrinter()
                                    .text("NAME", "name")
                                    .text("DESCRIPTION", "description")
                                    .text("TAGS", "tags")
                                    .text("QUEUE TYPE", "default_queue_type")
                                    .number("READY", "messages_ready")
                                    .number("UNACKED", "messages_unacknowledged")
                                    .text("PROTECTED", "protected_from_deletion"));
        }
    }

    @Command(
            name = "add",
            header = "Adds a virtual host, or changes what is said of one.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally vhosts add /shop --description 'the shop' --queue-type quorum"})
    static final class Adder extends ApiCommand {
        @Parameters(paramLabel = "NAME", description = "The name.")
        private String name;

        @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.")
        private String description;

        @Option(names = "--tags", paramLabel = "A,B", split = ",", description = "Words to find it by.")
        private List<String> tags;

        @Option(names = "--queue-type", paramLabel = "TYPE", description = "Of queues that are declared without one.")
        private String type;

        @Override
        protected void run() {
            ObjectNode body = Output.object();
            if (description != null) {
                body.put("description", description);
            }
            if (tags != null) {
                tags.forEach(body.putArray("tags")::add);
            }
            if (type != null) {
                body.put("default_queue_type", type);
            }
            api().put(path(name), body);
            out().done("virtual host '" + name + "' is there");
        }
    }

    @Command(
            name = "delete",
            header = "Deletes a virtual host with all that is in it.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally vhosts delete /shop"})
    static final class Deleter extends ApiCommand {
        @Parameters(paramLabel = "NAME", description = "The name.")
        private String name;

        @Override
        protected void run() {
            api().delete(path(name));
            out().done("virtual host '" + name + "' deleted");
        }
    }

    @Command(
            name = "protect",
            header = "Protects a virtual host from deletion, or with --off no longer.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally vhosts protect /shop", "  tally vhosts protect /shop --off"})
    static final class Protector extends ApiCommand {
        @Parameters(paramLabel = "NAME", description = "The name.")
        private String name;

        @Option(names = "--off", description = "It may be deleted again.")
        private boolean off;

        @Override
        protected void run() {
            ApiPath path = path(name).words("deletion/protection");
            if (off) {
                api().delete(path);
            } else {
                api().post(path, Output.object());
            }
            out().done("virtual host '" + name + "' is " + (off ? "not protected any more" : "protected"));
        }
    }
}
