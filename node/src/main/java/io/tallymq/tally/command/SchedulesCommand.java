package io.tallymq.tally.command;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.CommandGroup;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.http.ExchangeNames;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tally schedules}. */
@Command(
        name = "schedules",
        header = "Messages whose time is still to come: list, cancel.",
        sortOptions = false,
        subcommands = {SchedulesCommand.Lister.class, SchedulesCommand.Canceller.class},
        footerHeading = "%nExamples:%n",
        footer = {"  tally schedules list", "  tally schedules cancel reminder-7"})
public final class SchedulesCommand extends CommandGroup {
    @Command(
            name = "list",
            header = "All that wait, in the order of their times.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally schedules list -v / --filter reminder"})
    static final class Lister extends ApiCommand {
        @Mixin
        private ListOptions list;

        @Override
        protected void run() {
            ApiPath path = ApiPath.of("schedules");
            if (options().namesVhost()) {
                path.name(vhost());
            }
            out().table(
                            api().get(list.on(path, out().isJson(), null)),
                            new TablePrinter()
                                    .text("VHOST", "vhost")
                                    .text("KEY", "key")
                                    .text("DELIVER AT", "deliver_at_time")
                                    .text(
                                            "EXCHANGE",
                                            row -> ExchangeNames.shown(
                                                    row.path("exchange").asText()))
                                    .text("ROUTING KEY", "routing_key")
                                    .number("BYTES", "payload_bytes"));
        }
    }

    @Command(
            name = "cancel",
            header = "Calls one off, by its key in the list.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  tally schedules cancel reminder-7"})
    static final class Canceller extends ApiCommand {
        @Parameters(paramLabel = "KEY", description = "The id that its publisher gave, or what the list shows.")
        private String key;

        @Override
        protected void run() {
            api().delete(ApiPath.of("schedules").name(vhost()).name(key));
            out().done("the message '" + key + "' in " + vhost() + " is called off");
        }
    }
}
