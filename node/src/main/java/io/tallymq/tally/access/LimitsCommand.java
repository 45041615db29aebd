package io.tallymq.tally.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tally limits}. */
@Command(
        name = "limits",
        header = "How many connections, queues and channels there may be: list, set, clear.",
        sortOptions = false,
        subcommands = {LimitsCommand.Lister.class, LimitsCommand.Setter.class, LimitsCommand.Clearer.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally limits set vhost /shop max-queues 100",
            "  tally limits set user shop max-connections 20",
            "  tally limits list"
        })
public final class LimitsCommand extends CommandGroup {
    /** Who has limits. */
    enum Owner {
        vhost,
        user
    }

    private static ApiPath path(Owner owner) {
        return ApiPath.of(owner + "-limits");
    }

    @Command(
            name = "list",
            header = "All limits there are, of virtual hosts and of users.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally limits list"})
    static final class Lister extends ApiCommand {
        @Override
        protected void run() {
            ArrayNode rows = JsonNodeFactory.instance.arrayNode();
            for (Owner owner : Owner.values()) {
                for (JsonNode of : api().get(path(owner))) {
                    of.path("value").properties().forEach(limit -> rows.addObject()
                            .put("of", owner.name())
                            .put("name", of.path(owner.name()).asText())
                            .put("limit", limit.getKey())
                            .set("value", limit.getValue()));
                }
            }
            out().table(
                            rows,
                            new TablePrinter()
                                    .text("OF", "of")
                                    .text("NAME", "name")
                                    .text("LIMIT", "limit")
                                    .number("VALUE", "value"));
        }
    }

    @Command(
            name = "set",
            header = "Sets a limit of a virtual host or a user.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally limits set vhost / max-connections 1000", "  tally limits set user shop max-channels 50"
            })
    static final class Setter extends ApiCommand {
        @Parameters(index = "0", paramLabel = "OF", description = "${COMPLETION-CANDIDATES}")
        private Owner owner;

        @Parameters(index = "1", paramLabel = "NAME", description = "Of the virtual host or user.")
        private String name;

        @Parameters(
                index = "2",
                paramLabel = "LIMIT",
                description =
                        "max-connections or max-queues; of users max-connections, or max-channels on each node for itself.")
        private String limit;

        @Parameters(index = "3", paramLabel = "VALUE", description = "So many at most.")
        private long value;

        @Override
        protected void run() {
            api().put(path(owner).name(name).name(limit), Output.object().put("value", value));
            out().done(limit + " of " + owner + " '" + name + "' is " + value);
        }
    }

    @Command(
            name = "clear",
            header = "Takes a limit away, or all of a virtual host or user.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally limits clear vhost / max-connections", "  tally limits clear user shop"})
    static final class Clearer extends ApiCommand {
        @Parameters(index = "0", paramLabel = "OF", description = "${COMPLETION-CANDIDATES}")
        private Owner owner;

        @Parameters(index = "1", paramLabel = "NAME", description = "Of the virtual host or user.")
        private String name;

        @Parameters(index = "2", arity = "0..1", paramLabel = "LIMIT", description = "Only this one.")
        private String limit;

        @Override
        protected void run() {
            ApiPath path = path(owner).name(name);
            api().delete(limit == null ? path : path.name(limit));
            out().done((limit == null ? "all limits" : limit) + " of " + owner + " '" + name + "' cleared");
        }
    }
}
