package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.base.TypedPairs;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Amounts;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally queues}. */
@Command(
        name = "queues",
        header = "Queues: list, show, declare, delete, purge, pause, resume.",
        sortOptions = false,
        subcommands = {
            QueuesCommand.Lister.class,
            QueuesCommand.Shower.class,
            QueuesCommand.Declarer.class,
            QueuesCommand.Deleter.class,
            QueuesCommand.Purger.class,
            QueuesCommand.Pauser.class,
            QueuesCommand.Resumer.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally queues list --sort messages --reverse",
            "  tally queues declare orders --argument x-delivery-limit=5",
            "  tally queues purge orders -v /shop"
        })
public final class QueuesCommand extends CommandGroup {
    static ApiPath path(String vhost, String queue) {
        return ApiPath.of("queues").name(vhost).name(queue);
    }

    @Command(
            name = "list",
            header = "All queues, or those of a virtual host.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally queues list",
                "  tally queues list -v / --filter '^orders' --regex",
                "  tally queues list --json --columns name,messages"
            })
    static final class Lister extends ApiCommand {
        private static final String SHOWN =
                "vhost,name,type,messages_ready,messages_unacknowledged,consumers,message_bytes,state,policy";

        @Mixin
        private ListOptions list;

        @Override
        protected void run() {
            ApiPath path = ApiPath.of("queues");
            if (options().namesVhost()) {
                path.name(vhost());
            }
            out().table(
                            api().get(list.on(path, out().isJson(), SHOWN)),
                            new TablePrinter()
                                    .text("VHOST", "vhost")
                                    .text("NAME", "name")
                                    .text("TYPE", "type")
                                    .number("READY", "messages_ready")
                                    .number("UNACKED", "messages_unacknowledged")
                                    .number("CONSUMERS", "consumers")
                                    .number(
                                            "BYTES",
                                            row -> Amounts.bytes(
                                                    row.path("message_bytes").asLong()))
                                    .text("STATE", "state")
                                    .text("POLICY", "policy"));
        }
    }

    @Command(
            name = "show",
            header = "Everything the node says of a queue.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally queues show orders", "  tally queues show 'a/b' -v / --json | jq .messages"})
    static final class Shower extends ApiCommand {
        @Parameters(paramLabel = "QUEUE", description = "Its name.")
        private String queue;

        @Override
        protected void run() {
            out().fields(api().get(path(vhost(), queue)));
        }
    }

    @Command(
            name = "declare",
            header = "Makes a queue, if it is not there.",
            description = "One that is there with other settings is refused, with the setting that differs.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally queues declare orders",
                "  tally queues declare events --type stream --argument x-max-age=7D",
                "  tally queues declare jobs --argument x-max-length=1000 --argument x-overflow=reject-publish"
            })
    static final class Declarer extends ApiCommand {
        @Parameters(paramLabel = "QUEUE", description = "Its name.")
        private String queue;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "quorum, classic or stream (default: ${DEFAULT-VALUE}).")
        private String type = "quorum";

        @Option(names = "--transient", description = "Not durable.")
        private boolean isTransient;

        @Option(names = "--auto-delete", description = "Goes with its last consumer.")
        private boolean autoDelete;

        @Option(
                names = {"-a", "--argument"},
                paramLabel = "NAME=VALUE",
                description = "An argument; the value as JSON, or as a text.")
        private Map<String, String> arguments;

        @Override
        protected void run() {
            ObjectNode body = Output.object().put("durable", !isTransient).put("auto_delete", autoDelete);
            ObjectNode all = Output.object().put("x-queue-type", type);
            all.setAll(TypedPairs.of(arguments));
            body.set("arguments", all);
            boolean isNew = api().put(path(vhost(), queue), body).status() == ApiStatus.CREATED;
            out().done("queue '" + queue + "' in " + vhost() + (isNew ? " declared" : " was there already"));
        }
    }

    @Command(
            name = "delete",
            header = "Deletes a queue with its messages.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally queues delete orders --if-empty --if-unused"})
    static final class Deleter extends ApiCommand {
        @Parameters(paramLabel = "QUEUE", description = "Its name.")
        private String queue;

        @Option(names = "--if-unused", description = "Only without consumers.")
        private boolean ifUnused;

        @Option(names = "--if-empty", description = "Only without messages.")
        private boolean ifEmpty;

        @Override
        protected void run() {
            api().delete(path(vhost(), queue)
                    .with("if-unused", ifUnused ? "true" : null)
                    .with("if-empty", ifEmpty ? "true" : null));
            out().done("queue '" + queue + "' in " + vhost() + " deleted");
        }
    }

    @Command(
            name = "purge",
            header = "Throws the messages of a queue away that are ready.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally queues purge orders"})
    static final class Purger extends ApiCommand {
        @Parameters(paramLabel = "QUEUE", description = "Its name.")
        private String queue;

        @Override
        protected void run() {
            api().delete(path(vhost(), queue).words("contents"));
            out().done("queue '" + queue + "' in " + vhost() + " purged");
        }
    }

    @Command(
            name = "pause",
            header = "Gives nobody messages of a queue until it is resumed; it takes messages and acks meanwhile.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally queues pause orders"})
    static final class Pauser extends ApiCommand {
        @Parameters(paramLabel = "QUEUE", description = "Its name.")
        private String queue;

        @Override
        protected void run() {
            api().put(path(vhost(), queue).words("pause"), Output.object());
            out().done("queue '" + queue + "' in " + vhost() + " paused");
        }
    }

    @Command(
            name = "resume",
            header = "Lets a queue that was paused go on.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally queues resume orders"})
    static final class Resumer extends ApiCommand {
        @Parameters(paramLabel = "QUEUE", description = "Its name.")
        private String queue;

        @Override
        protected void run() {
            api().put(path(vhost(), queue).words("resume"), Output.object());
            out().done("queue '" + queue + "' in " + vhost() + " resumed");
        }
    }
}
