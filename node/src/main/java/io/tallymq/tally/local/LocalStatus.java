package io.tallymq.tally.local;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.output.TablePrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tally local status}. */
@Command(
        name = "status",
        header = "Which nodes of a cluster of this machine run and serve.",
        description = "Exit code 1 if not all of them serve.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally local status", "  tally local status --dir /tmp/c --json"})
final class LocalStatus extends ApiCommand {
    @Mixin
    private LocalDirectory directory;

    @Override
    protected void run() {
        Surroundings surroundings = options().surroundings();
        LocalSettings settings = directory.settings(surroundings);
        LocalHealth health = new LocalHealth(surroundings);
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        boolean all = true;
        for (LocalNode node : directory.nodes(surroundings)) {
            ObjectNode row = rows.addObject()
                    .put("name", node.name())
                    .put("amqp_port", settings.amqpPort() + node.number() - 1)
                    .put("http_port", settings.httpPort() + node.number() - 1)
                    .put("log", node.log().toString());
            node.process().ifPresent(process -> row.put("pid", process.pid()));
            boolean serves = row.has("pid") && health.serves(settings, node.number());
            row.put("state", serves ? "serving" : row.has("pid") ? "running, not serving" : "stopped");
            all &= serves;
        }
        out().table(
                        rows,
                        new TablePrinter()
                                .text("NODE", "name")
                                .number("PROCESS", "pid")
                                .text("STATE", "state")
                                .number("AMQP", "amqp_port")
                                .number("HTTP", "http_port")
                                .text("LOG", "log"));
        if (!all) {
            throw Failure.refused("not all nodes serve");
        }
    }
}
