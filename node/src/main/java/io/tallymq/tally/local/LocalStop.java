package io.tallymq.tally.local;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.output.Amounts;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tally local stop}. */
@Command(
        name = "stop",
        header = "Stops a cluster of this machine, or one node of it. The data stays.",
        description = "Who started it, and stays for it, ends as well.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally local stop", "  tally local stop --only 2"})
final class LocalStop extends ApiCommand {
    @Mixin
    private LocalDirectory directory;

    @Option(names = "--only", paramLabel = "I", description = "Only this node.")
    private Integer only;

    @Override
    protected void run() throws InterruptedException {
        Surroundings surroundings = options().surroundings();
        List<LocalNode> nodes = directory.nodes(surroundings);
        if (only != null && (only < 1 || only > nodes.size())) {
            throw usage("there is no node " + only);
        }
        List<ProcessHandle> running = new ArrayList<>();
        for (LocalNode node : nodes) {
            if (only == null || only == node.number()) {
                node.process().ifPresent(running::add);
            }
        }
        LocalProcesses.end(running, new LocalVoice(surroundings, out().isJson()));
        out().done(running.isEmpty() ? "nothing was running" : Amounts.count(running.size(), "node") + " stopped");
    }
}
