package io.tallymq.tally.local;

import io.tallymq.tally.base.ApiCommand;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.output.Output;
import io.tallymq.tally.output.Plain;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tally local logs}. */
@Command(
        name = "logs",
        header = "The last lines of the nodes' logs.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally local logs", "  tally local logs 2 --lines 100 --follow"})
final class LocalLogs extends ApiCommand {
    private static final long LOOK_MILLIS = 300;
    private static final int MOST_AT_ONCE = 1 << 20;

    @Mixin
    private LocalDirectory directory;

    @Parameters(arity = "0..1", paramLabel = "I", description = "Of this node only.")
    private Integer only;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            description = "So many of each (default: ${DEFAULT-VALUE}).")
    private int lines = 10;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with what is written, until Ctrl-C.")
    private boolean follow;

    @Override
    protected void run() throws IOException, InterruptedException {
        Surroundings surroundings = options().surroundings();
        List<LocalNode> nodes = directory.nodes(surroundings).stream()
                .filter(node -> only == null || only == node.number())
                .toList();
        if (nodes.isEmpty()) {
            throw usage("there is no node " + only);
        }
        Map<LocalNode, Long> read = new LinkedHashMap<>();
        for (LocalNode node : nodes) {
            read.put(node, Files.exists(node.log()) ? Files.size(node.log()) : 0);
            node.lastLines(lines).forEach(line -> print(node, line));
        }
        while (follow) {
            for (LocalNode node : nodes) {
                read.put(node, goOn(node, read.get(node)));
            }
            out().sent();
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private void print(LocalNode node, String line) {
        if (out().isJson()) {
            out().jsonLine(Output.object().put("node", node.name()).put("line", line));
            return;
        }
        out().stream().println(node.name() + "  " + Plain.text(line));
    }

    /** Whole lines only; where the next one begins. */
    private long goOn(LocalNode node, long from) throws IOException {
        if (!Files.exists(node.log())) {
            return 0;
        }
        try (RandomAccessFile file = new RandomAccessFile(node.log().toFile(), "r")) {
            long begin = Math.min(from, file.length());
            byte[] bytes = new byte[(int) Math.min(MOST_AT_ONCE, file.length() - begin)];
            file.seek(begin);
            file.readFully(bytes);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            int end = text.lastIndexOf('\n') + 1;
            new String(bytes, 0, end, StandardCharsets.UTF_8).lines().forEach(line -> print(node, line));
            return begin + end;
        }
    }
}
