package io.tallymq.tally.command;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally receipt}. */
@Command(
        name = "receipt",
        header = "What became of a publish that has a name or an id: show, void.",
        sortOptions = false,
        subcommands = {ReceiptCommand.Shower.class, ReceiptCommand.Voider.class},
        footerHeading = "%nExamples:%n",
        footer = {"  tally receipt show payments-1/3 17", "  tally receipt void --exchange orders --id order-4711"})
public final class ReceiptCommand extends CommandGroup {
    /** About one publish. */
    abstract static class OfPublish extends ApiCommand {
        @Parameters(index = "0", arity = "0..1", paramLabel = "PRODUCER", description = "Its x-producer-id.")
        private String producer;

        @Parameters(index = "1", arity = "0..1", paramLabel = "SEQ", description = "Its x-publish-seq.")
        private Long seq;

        @Option(
                names = "--exchange",
                paramLabel = "NAME",
                description = "In place of these: the exchange, whose policy has dedup-id.")
        private String exchange;

        @Option(names = "--id", paramLabel = "ID", description = "And the id there.")
        private String id;

        /** @param more what follows the name in the path; null for nothing */
        final ApiPath path(String more) {
            boolean byName = producer != null && seq != null;
            boolean byId = exchange != null && id != null;
            boolean half = (producer != null) != (seq != null) || (exchange != null) != (id != null);
            if (half || byName == byId) {
                throw usage("PRODUCER and SEQ, or --exchange and --id");
            }
            ApiPath path = ApiPath.of("receipts").name(vhost());
            if (byName) {
                path.name(producer).name(Long.toString(seq));
            }
            if (more != null) {
                path.words(more);
            }
            return byName ? path : path.with("exchange", exchange).with("id", id);
        }
    }

    @Command(
            name = "show",
            header = "Tells what became of it, knowing of all that was confirmed before.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally receipt show payments-1/3 17 --wait 5s",
                "  tally receipt show --exchange orders --id order-4711 --json | jq -r .outcome"
            })
    static final class Shower extends OfPublish {
        @Option(
                names = "--wait",
                paramLabel = "TIME",
                description = "Waits until the outcome is final, such as 5s or 500ms; 20s at most.")
        private String wait;

        @Override
        protected void run() {
            out().fields(api().get(path(null).with("wait", wait)));
        }
    }

    @Command(
            name = "void",
            header = "It never comes, if it has not come; else its receipt is told.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally receipt void payments-1/3 18", "  tally receipt void --exchange orders --id order-4712"})
    static final class Voider extends OfPublish {
        @Override
        protected void run() {
            out().fields(api().put(path("void"), Output.object()).json());
        }
    }
}
