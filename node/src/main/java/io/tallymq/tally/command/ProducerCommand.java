package io.tallymq.tally.command;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.Output;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tally producer}. */
@Command(
        name = "producer",
        header = "Those that name what they publish: show, fence.",
        sortOptions = false,
        subcommands = {ProducerCommand.Shower.class, ProducerCommand.Fencer.class},
        footerHeading = "%nExamples:%n",
        footer = {"  tally producer show payments-1/3", "  tally producer fence payments-1/3 --json | jq .epoch"})
public final class ProducerCommand extends CommandGroup {
    private abstract static class OfProducer extends ApiCommand {
        @Parameters(paramLabel = "PRODUCER", description = "Its x-producer-id.")
        private String producer;

        final ApiPath path() {
            return ApiPath.of("producers").name(vhost()).name(producer);
        }
    }

    @Command(
            name = "show",
            header = "Its epoch, its last number, and what is missing below that.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  tally producer show payments-1/3",
                "  tally producer show payments-1/3 -v shop --json | jq .last"
            })
    static final class Shower extends OfProducer {
        @Override
        protected void run() {
            out().fields(api().get(path()));
        }
    }

    @Command(
            name = "fence",
            header = "Takes its place: who published as it before may not any more.",
            description = {
                "",
                "Its connections are closed. The epoch that is told is the one to publish with from now on"
                        + " (x-producer-epoch): what states a lower one is refused."
            },
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally producer fence payments-1/3", "  tally producer fence payments-1/3 --json | jq .epoch"})
    static final class Fencer extends OfProducer {
        @Override
        protected void run() {
            out().fields(api().post(path().words("fence"), Output.object()).json());
        }
    }
}
