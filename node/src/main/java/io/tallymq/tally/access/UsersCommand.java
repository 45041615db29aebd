package io.tallymq.tally.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiAnswer;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally users}. */
@Command(
        name = "users",
        header = "Users: list, add, delete, password, tags.",
        sortOptions = false,
        subcommands = {
            UsersCommand.Lister.class,
            UsersCommand.Adder.class,
            UsersCommand.Deleter.class,
            UsersCommand.PasswordSetter.class,
            UsersCommand.TagSetter.class
        },
        footerHeading = "%nExamples:%n",
        footer = {"  tally users add shop --tags monitoring", "  tally users password shop"})
public final class UsersCommand extends CommandGroup {
    private static final int NOT_FOUND = 404;

    private static ApiPath path(String name) {
        return ApiPath.of("users").name(name);
    }

    /** What is put back has to be what the cluster has: a node that is behind may have a password that was taken from somebody since. */
    private static ApiPath asTheClusterHas(String name) {
        return path(name).with("consistency", "linearizable");
    }

    /** A user who is there, as the API takes one back: nothing of it changes but what is changed here. */
    private static ObjectNode kept(JsonNode user) {
        ObjectNode body = Output.object();
        body.set("tags", user.path("tags"));
        if (!user.path("password_hash").asText().isEmpty()) {
            body.set("password_hash", user.path("password_hash"));
            body.set("hashing_algorithm", user.path("hashing_algorithm"));
        }
        return body;
    }

    @Command(
            name = "list",
            header = "All users.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally users list", "  tally users list --without-permissions"})
    static final class Lister extends ApiCommand {
        @Mixin
        private ListOptions list;

        @Option(names = "--without-permissions", description = "Only who may enter no virtual host.")
        private boolean without;

        @Override
        protected void run() {
            ApiPath path = ApiPath.of(without ? "users/without-permissions" : "users");
            out().table(
                            api().get(list.on(path, out().isJson(), null)),
                            new TablePrinter()
                                    .text("NAME", "name")
                                    .text("TAGS", "tags")
                                    .text(
                                            "PASSWORD",
                                            row -> row.path("password_hash")
                                                            .asText()
                                                            .isEmpty()
                                                    ? "none"
                                                    : "set")
                                    .text("LIMITS", "limits"));
        }
    }

    @Command(
            name = "add",
            header = "Adds a user, who may do nothing yet (see: tally permissions set).",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally users add shop",
                "  pwgen 20 1 | tally users add ops --tags administrator --password-stdin",
                "  tally users add probe --no-password --tags monitoring"
            })
    static final class Adder extends ApiCommand {
        @Parameters(paramLabel = "USER", description = "The name.")
        private String name;

        @Option(
                names = "--tags",
                paramLabel = "A,B",
                split = ",",
                description = "administrator, monitoring, policymaker, management, or others (default: none).")
        private List<String> tags = List.of();

        @Option(names = "--no-password", description = "Nobody can log in as this user with a password.")
        private boolean none;

        @Mixin
        private NewPassword password;

        @Override
        protected void run() {
            ApiAnswer there = api().look(asTheClusterHas(name));
            if (there.status() != NOT_FOUND) {
                there.orThrow();
                throw Failure.refused(
                        "the user '" + name + "' is there already: see tally users password, tally users tags");
            }
            ObjectNode body = Output.object();
            tags.forEach(body.putArray("tags")::add);
            if (!none) {
                body.put("password", password.of(name, options().surroundings()));
            }
            api().put(path(name), body);
            out().done("user '" + name + "' added");
        }
    }

    @Command(
            name = "delete",
            header = "Deletes a user; connections of this user are closed.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally users delete shop"})
    static final class Deleter extends ApiCommand {
        @Parameters(paramLabel = "USER", description = "The name.")
        private String name;

        @Override
        protected void run() {
            api().delete(path(name));
            out().done("user '" + name + "' deleted");
        }
    }

    @Command(
            name = "password",
            header = "Gives a user another password; tags stay.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally users password shop", "  TALLY_NEW_PASSWORD=... tally users password shop"})
    static final class PasswordSetter extends ApiCommand {
        @Parameters(paramLabel = "USER", description = "The name.")
        private String name;

        @Mixin
        private NewPassword password;

        @Override
        protected void run() {
            ObjectNode body = Output.object();
            body.set("tags", api().get(asTheClusterHas(name)).path("tags"));
            body.put("password", password.of(name, options().surroundings()));
            api().put(path(name), body);
            out().done("the password of '" + name + "' is another one now");
        }
    }

    @Command(
            name = "tags",
            header = "Gives a user other tags: these, and no others. The password stays.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally users tags shop monitoring", "  tally users tags shop              none any more"})
    static final class TagSetter extends ApiCommand {
        @Parameters(index = "0", paramLabel = "USER", description = "The name.")
        private String name;

        @Parameters(index = "1..*", arity = "0..*", paramLabel = "TAG", description = "All tags from now on.")
        private List<String> tags = List.of();

        @Override
        protected void run() {
            ObjectNode body = kept(api().get(asTheClusterHas(name)));
            tags.forEach(body.putArray("tags")::add);
            api().put(path(name), body);
            out().done("user '" + name + "' has "
                    + (tags.isEmpty() ? "no tags" : "the tags " + String.join(", ", tags)));
        }
    }
}
