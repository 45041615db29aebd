package io.tallymq.node.proof;

import io.tallymq.node.proof.load.NodeAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A clock of its own for each node's process, by {@link ClockAgent}: the operating system's stays as it is. A node is told by a
 * file, so its clock can be set while it runs. One thread.
 */
final class FakeClocks {
    /** A running node has seen a clock that was set before this. */
    static final Duration SEEN = Duration.ofSeconds(2);

    private static final List<String> AGENT =
            List.of("ClockAgent.class", "ClockAgent$Constants.class", "NodeTime.class");

    private final Path directory;
    private final Path jar;

    /** @param directory of the run */
    FakeClocks(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory.resolve("clocks"));
        jar = AgentJar.write(this.directory.resolve("agent.jar"), ClockAgent.class, AGENT);
    }

    /** Starts every node with its own clock, which is right until it is set. */
    Launcher script(Path tallymq) {
        Launcher plain = Launcher.script(tallymq, "");
        return new Launcher() {
            @Override
            public List<String> command(NodeAddress node, Path config) {
                return plain.command(node, config);
            }

            @Override
            public Map<String, String> environment(NodeAddress node) {
                Map<String, String> environment = new HashMap<>(plain.environment(node));
                environment.put("TALLYMQ_JAVA_OPTS", "-javaagent:" + jar + "=" + file(node.number()));
                return environment;
            }
        };
    }

    private Path file(int node) {
        Path file = directory.resolve("node" + node);
        if (!Files.exists(file)) {
            write(file, 1, Duration.ZERO);
        }
        return file;
    }

    /** The wall clock is off by so much; intervals stay right, as where an administrator sets the time. */
    void offset(int node, Duration by) {
        write(file(node), 1, by);
    }

    /** The node's time passes {@code speed} times as fast as that of the others, intervals included. Before it starts. */
    void speed(int node, double speed) {
        write(file(node), speed, Duration.ZERO);
    }

    private static void write(Path file, double speed, Duration offset) {
        try {
            String text = String.format(Locale.ROOT, "%.3f %d%n", speed, offset.toMillis());
            Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("the clock " + file + " can not be set", e);
        }
    }
}
