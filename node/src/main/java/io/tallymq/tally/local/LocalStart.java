package io.tallymq.tally.local;

import io.tallymq.tally.base.GlobalOptions;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tally local start}. */
@Command(
        name = "start",
        header = "Starts a cluster and stays; Ctrl-C or SIGTERM stops all nodes.",
        description = {
            "Prints a line that begins with \"ready\" when it serves. Started again with the same directory it goes on with"
                    + " the same data. Exit codes: 0 stopped as told, 1 the cluster failed, 2 it could not start as asked."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  tally local start", "  tally local start --detach", "  tally local start --only 2"})
final class LocalStart implements Callable<Integer> {
    private static final int MOST_NODES = 9;
    private static final int LAST_PORT = 65_527;
    private static final long LOOK_MILLIS = 200;

    @Spec
    private CommandSpec spec;

    @Mixin
    private LocalDirectory directory;

    @Option(names = "--nodes", paramLabel = "N", description = "1 to 9 (default: 3, or what DIR was made with).")
    private String nodes;

    @Option(
            names = "--amqp-port",
            paramLabel = "P",
            description = "The first of N ports for AMQP (default: 5672, or what DIR was made with).")
    private String amqpPort;

    @Option(
            names = "--http-port",
            paramLabel = "H",
            description = "The first of N ports for HTTP (default: 15672, or what DIR was made with).")
    private String httpPort;

    @Option(
            names = "--only",
            paramLabel = "I",
            description =
                    "Start node I of DIR alone, because it is missing. Who started the others looks after it, too.")
    private String only;

    @Option(names = "--detach", description = "Return when it serves; tally local stop stops it.")
    private boolean detach;

    @Override
    public Integer call() throws Exception {
        GlobalOptions options = (GlobalOptions) spec.root().userObject();
        Surroundings surroundings = options.surroundings();
        LocalVoice voice = new LocalVoice(surroundings, options.output().isJson());
        LocalWish wish = new LocalWish(
                LocalWish.number("--nodes", nodes, 1, MOST_NODES),
                LocalWish.number("--amqp-port", amqpPort, 1, LAST_PORT),
                LocalWish.number("--http-port", httpPort, 1, LAST_PORT),
                LocalWish.number("--only", only, 1, MOST_NODES));
        Path path = directory.made(surroundings);
        LocalPlan.requireUsable(path, wish);
        int one = wish.only() == null ? 0 : wish.only();
        try (LocalLock lock =
                surroundings.variable(LocalLock.HELD) == null ? LocalLock.of(path, one) : LocalLock.ofParent()) {
            LocalPlan plan = LocalPlan.of(path, wish);
            return detach ? detached(plan, surroundings, voice) : new LocalWatch(plan, surroundings, voice).run(lock);
        }
    }

    /** The same in another process, which is not ended with this one. */
    private int detached(LocalPlan plan, Surroundings surroundings, LocalVoice voice)
            throws IOException, InterruptedException {
        if (plan.isOfAll()) {
            plan.settings().write(plan.directory()); // else the log would make it a directory of something else
        }
        Path log = plan.directory().resolve(plan.isOfAll() ? "local.log" : "local-" + plan.only() + ".log");
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "umask 077; trap '' INT HUP; exec \"$@\"",
                "sh",
                LocalDirectory.programs(surroundings).resolve("tally").toString(),
                "local",
                "start",
                "--dir",
                plan.directory().toString()));
        add(command, "--nodes", nodes);
        add(command, "--amqp-port", amqpPort);
        add(command, "--http-port", httpPort);
        add(command, "--only", only);
        if (voice.isJson()) {
            command.add("--json");
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(LocalLock.HELD, "1"); // this process has it until that one serves
        Process process = builder.redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        while (process.isAlive()) {
            for (String line : Files.readAllLines(log)) {
                if (line.startsWith(voice.ready())) {
                    surroundings.out().println(line);
                    voice.hint("Stop it with: tally local stop --dir " + plan.directory());
                    return 0;
                }
            }
            Thread.sleep(LOOK_MILLIS);
        }
        throw Failure.refused("it did not start:\n" + Files.readString(log).strip());
    }

    private static void add(List<String> command, String option, String value) {
        if (value != null) {
            command.add(option);
            command.add(value);
        }
    }
}
