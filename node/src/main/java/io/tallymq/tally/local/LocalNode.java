package io.tallymq.tally.local;

import io.tallymq.tally.context.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A node's directory: pid, log, tallymq.conf, data. */
final class LocalNode {
    /** What makes up this cluster comes from its directory; a variable left over must not turn a node into another. */
    private static final List<String> NOT_INHERITED = List.of(
            "TALLYMQ_CONFIG",
            "TALLYMQ_NODE_NAME",
            "TALLYMQ_CLUSTER_NAME",
            "TALLYMQ_CLUSTER_PEERS",
            "TALLYMQ_CLUSTER_BIND_HOST",
            "TALLYMQ_CLUSTER_SECRET",
            "TALLYMQ_DATA_DIR",
            "TALLYMQ_AMQP_PORT",
            "TALLYMQ_HTTP_PORT",
            "TALLYMQ_HTTP_ENABLED",
            LocalLock.HELD);

    private final Path home;
    private final int number;

    LocalNode(Path directory, int number) {
        this.home = directory.resolve("node" + number);
        this.number = number;
    }

    int number() {
        return number;
    }

    String name() {
        return "node" + number;
    }

    Path log() {
        return home.resolve("log");
    }

    private Path pidFile() {
        return home.resolve("pid");
    }

    private Path config() {
        return home.resolve("tallymq.conf");
    }

    /** Its process, if it is alive. A number that another program has got meanwhile does not count. */
    Optional<ProcessHandle> process() {
        try {
            long pid = Long.parseLong(Files.readString(pidFile()).strip());
            return ProcessHandle.of(pid).filter(p -> p.isAlive() && isOurs(p));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** One of which nobody can tell is not: it would be stopped, whatever it is. */
    private boolean isOurs(ProcessHandle process) {
        Path arguments = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try { // Java's own look ends behind the first 4 KiB, which the class path may take
            return Files.readString(arguments, StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ')
                    .contains(new String(
                            config().toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return isOurs(process.info()); // there is no /proc, or nobody may look, or it has ended meanwhile
        }
    }

    private boolean isOurs(ProcessHandle.Info info) {
        return info.arguments()
                .map(all -> Arrays.asList(all).contains(config().toString()))
                .orElse(info.commandLine().orElse("").contains(config().toString()));
    }

    void forgetPid() throws IOException {
        if (process().isEmpty()) {
            Files.deleteIfExists(pidFile());
        }
    }

    /**
     * Starts it.
     *
     * @param launcher deploy/tallymq
     */
    Process start(Path launcher, LocalSettings settings) {
        try {
            LocalDirectory.makePrivate(home); // the node makes data itself
            LocalSettings.writePrivate(
                    config(),
                    List.of(
                            "# Written by deploy/local-cluster at each start: changes are lost, use the environment instead.",
                            "node.name = n" + number,
                            "cluster.name = " + settings.clusterName(),
                            "cluster.peers = " + settings.peers(),
                            "cluster.secret = " + settings.clusterSecret(),
                            "data.dir = " + home.resolve("data"),
                            "amqp.host = 127.0.0.1",
                            "amqp.port = " + (settings.amqpPort() + number - 1),
                            "http.host = 127.0.0.1",
                            "http.port = " + (settings.httpPort() + number - 1),
                            "metrics.port = -1"));
            // A terminal's Ctrl-C reaches all its processes: the nodes are stopped by who looks after them.
            ProcessBuilder builder = new ProcessBuilder(
                            "sh",
                            "-c",
                            "umask 077; trap '' INT HUP; exec \"$@\"",
                            "sh",
                            launcher.toString(),
                            "--config",
                            config().toString())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            builder.environment().keySet().removeAll(NOT_INHERITED);
            Process process = builder.start();
            Files.writeString(pidFile(), process.pid() + "\n");
            return process;
        } catch (IOException e) {
            throw Failure.usage(name() + " can not be started: " + e.getMessage());
        }
    }

    /** The last lines of its log. */
    List<String> lastLines(int count) {
        try {
            List<String> lines = Files.readAllLines(log(), StandardCharsets.UTF_8);
            return lines.subList(Math.max(0, lines.size() - count), lines.size());
        } catch (IOException e) {
            return List.of();
        }
    }
}
