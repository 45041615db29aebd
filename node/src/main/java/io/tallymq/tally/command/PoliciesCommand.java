package io.tallymq.tally.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.base.TypedPairs;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.TablePrinter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally policies}. */
@Command(
        name = "policies",
        header = "Policies of queues and exchanges: list, set, delete.",
        sortOptions = false,
        subcommands = {PoliciesCommand.Lister.class, PoliciesCommand.Setter.class, PoliciesCommand.Deleter.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  tally policies set short '^tmp' message-ttl=60000 --apply-to queues",
            "  tally policies list --operator"
        })
public final class PoliciesCommand extends CommandGroup {
    /** Of either kind. */
    abstract static class Of extends ApiCommand {
        @Option(names = "--operator", description = "Operator policies, which bound what others may set.")
        private boolean operator;

        final ApiPath path() {
            return ApiPath.of(operator ? "operator-policies" : "policies");
        }

        final String kind() {
            return operator ? "operator policy" : "policy";
        }
    }

    @Command(
            name = "list",
            header = "All policies, or those of a virtual host.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally policies list", "  tally policies list --operator -v /"})
    static final class Lister extends Of {
        @Override
        protected void run() {
            out().table(
                            api().get(options().namesVhost() ? path().name(vhost()) : path()),
                            new TablePrinter()
                                    .text("VHOST", "vhost")
                                    .text("NAME", "name")
                                    .text("PATTERN", "pattern")
                                    .text("APPLIES TO", "apply-to")
                                    .number("PRIORITY", "priority")
                                    .text("DEFINITION", "definition"));
        }
    }

    @Command(
            name = "set",
            header = "Makes a policy, or puts another in its place.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally policies set limits '^orders' max-length=100000 overflow=reject-publish --priority 5",
                "  tally policies set bound '.*' max-length=1000000 --operator --apply-to queues"
            })
    static final class Setter extends Of {
        @Parameters(index = "0", paramLabel = "NAME", description = "The name.")
        private String name;

        @Parameters(index = "1", paramLabel = "PATTERN", description = "Of the names of queues and exchanges.")
        private String pattern;

        @Parameters(
                index = "2..*",
                arity = "1..*",
                paramLabel = "KEY=VALUE",
                description = "What it sets; the value as JSON, or as a text.")
        private Map<String, String> definition;

        @Option(
                names = "--apply-to",
                paramLabel = "KIND",
                description = "queues, exchanges, all, quorum_queues, ... (default: ${DEFAULT-VALUE}).")
        private String applyTo = "all";

        @Option(names = "--priority", paramLabel = "N", description = "The highest that fits applies (default: 0).")
        private long priority;

        @Override
        protected void run() {
            ObjectNode body = Output.object()
                    .put("pattern", pattern)
                    .put("apply-to", applyTo)
                    .put("priority", priority);
            body.set("definition", TypedPairs.of(definition));
            api().put(path().name(vhost()).name(name), body);
            out().done(kind() + " '" + name + "' in " + vhost() + " is set");
        }
    }

    @Command(
            name = "delete",
            header = "Deletes a policy.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally policies delete limits"})
    static final class Deleter extends Of {
        @Parameters(paramLabel = "NAME", description = "The name.")
        private String name;

        @Override
        protected void run() {
            api().delete(path().name(vhost()).name(name));
            out().done(kind() + " '" + name + "' in " + vhost() + " deleted");
        }
    }
}
