package io.tallymq.tally.command;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.base.ListOptions;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tally consumers}. */
@Command(
        name = "consumers",
        header = "Who consumes what.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally consumers", "  tally consumers -v /shop --json | jq '.[].consumer_tag'"})
public final class ConsumersCommand extends ApiCommand {
    @Mixin
    private ListOptions list;

    @Override
    protected void run() {
        ApiPath path = ApiPath.of("consumers");
        if (options().namesVhost()) {
            path.name(vhost());
        }
        out().table(
                        api().get(list.on(path, out().isJson(), null)),
                        new TablePrinter()
                                .text(
                                        "VHOST",
                                        row -> row.path("queue").path("vhost").asText())
                                .text(
                                        "QUEUE",
                                        row -> row.path("queue").path("name").asText())
                                .text("TAG", "consumer_tag")
                                .text("ACTIVITY", "activity_status")
                                .text("ACK", "ack_required")
                                .number("PREFETCH", "prefetch_count")
                                .number("UNACKED", "messages_unacknowledged")
                                .text("NODE", row -> row.path("channel_details")
                                        .path("node")
                                        .asText())
                                .text("CHANNEL", row -> row.path("channel_details")
                                        .path("name")
                                        .asText()));
    }
}
