package io.tallymq.node.deploy;

import com.rabbitmq.client.ConnectionFactory;
import io.tallymq.node.FreePorts;
import io.tallymq.node.Main;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A cluster of one node, in a process of its own, started through a shell that can limit it first. */
final class NodeProcess implements AutoCloseable {
    private static final Duration MOST = Duration.ofMinutes(2);
    private static final long LOOK_MILLIS = 20;
    private static final Pattern PORTS = Pattern.compile("serves AMQP on port (\\d+) and HTTP on port (\\d+)");

    private final Path output;
    private final Process process;
    private final int raftPort;
    private final int linkPort;

    /**
     * @param directory for data and output
     * @param before shell commands that limit the process, "" for none
     * @param settings key=value
     */
    NodeProcess(Path directory, String before, String... settings) throws IOException {
        output = Files.createTempFile(directory, "node", ".log");
        List<Integer> ports = FreePorts.take(2);
        raftPort = ports.get(0);
        linkPort = ports.get(1);
        // Surefire hides the class path in the manifest of a jar and names it in this property.
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of("bash", "-c", before + "\nexec \"$@\"", "node"));
        command.addAll(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                path,
                Main.class.getName()));
        List<String> all = new ArrayList<>(List.of(
                "node.name=n1",
                "cluster.peers=n1@127.0.0.1:" + raftPort + ":" + linkPort,
                "data.dir=" + directory.resolve("data"),
                "amqp.host=127.0.0.1",
                "amqp.port=0",
                "http.host=127.0.0.1",
                "http.port=0",
                "metrics.port=-1"));
        all.addAll(List.of(settings));
        for (String setting : all) {
            command.addAll(List.of("--set", setting));
        }
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /** All it has printed. */
    String output() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until its clients can connect. */
    NodeProcess awaitStart() throws InterruptedException {
        await("the start", () -> PORTS.matcher(output()).find());
        await("the leader", () -> output().contains("This node leads the cluster"));
        return this;
    }

    /** Looks until it is so. */
    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + MOST.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited for " + what + " in vain:\n" + output());
            }
            if (process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS) && !condition.getAsBoolean()) {
                throw new AssertionError("ended with " + process.exitValue() + " before " + what + ":\n" + output());
            }
        }
    }

    /** Waits for its end. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(MOST.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end:\n" + output());
        }
        return process.exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int raftPort() {
        return raftPort;
    }

    int linkPort() {
        return linkPort;
    }

    int amqpPort() {
        return port(1);
    }

    int httpPort() {
        return port(2);
    }

    private int port(int group) {
        Matcher ports = PORTS.matcher(output());
        if (!ports.find()) {
            throw new AssertionError("not started:\n" + output());
        }
        return Integer.parseInt(ports.group(group));
    }

    ConnectionFactory factory() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(amqpPort());
        factory.setAutomaticRecoveryEnabled(false);
        return factory;
    }

    /** As SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
