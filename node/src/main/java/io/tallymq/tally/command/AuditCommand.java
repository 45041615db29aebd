package io.tallymq.tally.command;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tally audit}. */
@Command(
        name = "audit",
        header = "What administrators changed, the newest first.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally audit", "  tally audit --filter shop"})
public final class AuditCommand extends ApiCommand {
    @Mixin
    private ListOptions list;

    @Override
    protected void run() {
        out().table(
                        api().get(list.on(ApiPath.of("audit"), out().isJson(), null)),
                        new TablePrinter()
                                .number("NUMBER", "number")
                                .text("TIME", "time")
                                .text("BY", "by")
                                .text("FROM", "from")
                                .text("WHAT", "what")
                                .text("SUBJECT", "subject"));
    }
}
