package io.tallymq.tally.command;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tally channels}. */
@Command(
        name = "channels",
        header = "The open channels.",
        description =
                "Those of all nodes that tell within a second; of the others those that consume or hold messages.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally channels", "  tally channels -v /shop --json"})
public final class ChannelsCommand extends ApiCommand {
    @Mixin
    private ListOptions list;

    @Override
    protected void run() {
        ApiPath path =
                options().namesVhost() ? ApiPath.of("vhosts").name(vhost()).words("channels") : ApiPath.of("channels");
        out().table(
                        api().get(list.on(path, out().isJson(), null)),
                        new TablePrinter()
                                .text("NAME", "name")
                                .text("NODE", "node")
                                .text("USER", "user")
                                .text("VHOST", "vhost")
                                .number("CONSUMERS", "consumer_count"));
    }
}
