package io.tallymq.node.proof;

import io.tallymq.node.proof.load.NodeAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A cluster of real processes, with directories {@code node1}, {@code node2} and so on, each with configuration, log, pid and
 * data. Ends only processes it has started. Closing it kills what still runs; so does the end of this JVM. One thread.
 */
final class ProofCluster implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(240);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(40);
    private static final long POLL_MILLIS = 50;

    private final Path directory;
    private final List<NodeAddress> nodes;
    private final Launcher launcher;
    private final List<String> settings;
    private final Map<Integer, Process> processes = new HashMap<>();
    private final Map<Integer, NodeApi> apis = new HashMap<>();
    private final Thread reaper = new Thread(this::killAllNow);

    /** @param settings more lines for every node's configuration file */
    ProofCluster(Path directory, List<NodeAddress> nodes, Launcher launcher, List<String> settings) {
        this.directory = directory.toAbsolutePath();
        this.nodes = nodes;
        this.launcher = launcher;
        this.settings = settings;
        nodes.forEach(node -> apis.put(node.number(), new NodeApi(node)));
        Runtime.getRuntime().addShutdownHook(reaper);
    }

    List<NodeAddress> nodes() {
        return nodes;
    }

    NodeAddress node(int number) {
        return nodes.get(number - 1);
    }

    NodeApi api(int number) {
        return apis.get(number);
    }

    Path log(int number) {
        return home(number).resolve("log");
    }

    /** The node's data directory. */
    Path data(int number) {
        return data(directory, number);
    }

    long pid(int number) {
        return process(number).pid();
    }

    /** Where it is below the directory of a cluster. */
    static Path data(Path directory, int number) {
        return directory.toAbsolutePath().resolve("node" + number).resolve("data");
    }

    private Path home(int number) {
        return directory.resolve("node" + number);
    }

    private synchronized Process process(int number) {
        return processes.get(number);
    }

    // ---- start

    /** Starts all nodes and waits until each one serves. */
    void startAll() throws IOException, InterruptedException {
        for (NodeAddress node : nodes) {
            start(node.number());
        }
        for (NodeAddress node : nodes) {
            awaitServing(node.number());
        }
    }

    /** Starts one node, without waiting for anything. */
    void start(int number) throws IOException {
        Path home = Files.createDirectories(home(number));
        Path config = home.resolve("tallymq.conf");
        Files.write(config, configuration(number));
        ProcessBuilder builder = new ProcessBuilder(launcher.command(node(number), config))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(number).toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("TALLYMQ_"));
        builder.environment().putAll(launcher.environment(node(number)));
        Process process = builder.start();
        process.getOutputStream().close();
        synchronized (this) {
            processes.put(number, process);
        }
        Files.writeString(home.resolve("pid"), process.pid() + "\n");
    }

    private List<String> configuration(int number) {
        NodeAddress node = node(number);
        List<String> lines = new ArrayList<>(List.of(
                "node.name = " + node.name(),
                "cluster.name = proof",
                "cluster.peers = "
                        + String.join(",", nodes.stream().map(NodeAddress::peer).toList()),
                "cluster.secret = only-for-this-proof",
                "data.dir = " + data(number),
                "amqp.host = " + node.host(),
                "amqp.port = " + node.amqpPort(),
                "http.host = " + node.host(),
                "http.port = " + node.httpPort(),
                "metrics.port = -1"));
        if (settings.stream().noneMatch(line -> line.startsWith("tls.nodes"))) {
            lines.add("tls.nodes = off"); // the lab's network is its own, and what is proved is not who may be in it
        }
        lines.addAll(settings);
        return lines;
    }

    void awaitServing(int number) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!api(number).serves()) {
            if (!process(number).isAlive()) {
                throw new ProofException("node " + number + " ended with exit code "
                        + process(number).exitValue() + "; the end of its log:\n" + endOfLog(number));
            }
            if (System.nanoTime() > deadline) {
                throw new ProofException("node " + number + " does not serve after " + START_TIMEOUT.toSeconds()
                        + " s; the end of its log:\n" + endOfLog(number));
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    String endOfLog(int number) throws IOException {
        List<String> lines = Files.readAllLines(log(number));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    // ---- faults

    boolean running(int number) {
        Process process = process(number);
        return process != null && process.isAlive();
    }

    /** kill -9, and waits until the process is gone. */
    void kill(List<Integer> numbers) throws InterruptedException {
        numbers.forEach(number -> process(number).destroyForcibly());
        for (int number : numbers) {
            if (!process(number).waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                throw new ProofException("node " + number + " survived kill -9");
            }
        }
    }

    /** Waits for a node to end by itself; whether it did. */
    boolean endsWithin(int number, Duration timeout) throws InterruptedException {
        return process(number).waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Waits for a node to end by itself. Returns its exit code. */
    int awaitEnd(int number, Duration timeout) throws IOException, InterruptedException {
        if (!endsWithin(number, timeout)) {
            throw new ProofException("node " + number + " has to end, and runs after " + timeout.toSeconds()
                    + " s; the end of its log:\n" + endOfLog(number));
        }
        return process(number).exitValue();
    }

    /** SIGTERM; kills what is not gone in time and says so. */
    void stop(int number) throws InterruptedException {
        stop(List.of(number));
    }

    /** SIGTERM to all of these at once. */
    void stop(List<Integer> numbers) throws InterruptedException {
        numbers.forEach(number -> process(number).destroy());
        for (int number : numbers) {
            if (!process(number).waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process(number).destroyForcibly();
                throw new ProofException("node " + number + " did not stop within " + STOP_TIMEOUT.toSeconds() + " s");
            }
        }
    }

    /** SIGSTOP. */
    void pause(int number) throws IOException, InterruptedException {
        signal("STOP", number);
    }

    /** SIGCONT. */
    void resume(int number) throws IOException, InterruptedException {
        signal("CONT", number);
    }

    private void signal(String signal, int number) throws IOException, InterruptedException {
        Commands.run(List.of("kill", "-" + signal, Long.toString(pid(number))));
    }

    // ---- questions

    /** The number of the leader that most of {@code asked} name; waits for it. */
    int awaitLeader(List<Integer> asked) throws InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline) {
            Map<String, Integer> votes = new HashMap<>();
            for (int number : asked) {
                Optional<String> leader = api(number).leader();
                leader.ifPresent(name -> votes.merge(name, 1, Integer::sum));
            }
            for (NodeAddress node : nodes) {
                if (votes.getOrDefault(node.name(), 0) * 2 > asked.size() && running(node.number())) {
                    return node.number();
                }
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        throw new ProofException("nodes " + asked + " name no leader within " + START_TIMEOUT.toSeconds() + " s");
    }

    List<Integer> numbers() {
        return nodes.stream().map(NodeAddress::number).toList();
    }

    // ---- end

    private synchronized void killAllNow() {
        processes.values().forEach(Process::destroyForcibly);
    }

    @Override
    public void close() {
        killAllNow();
        try {
            Runtime.getRuntime().removeShutdownHook(reaper);
        } catch (IllegalStateException e) {
            return; // The JVM is on its way out: the hook runs anyway.
        }
    }
}
