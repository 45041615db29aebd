package io.tallymq.tally;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.node.FreePorts;
import io.tallymq.node.Node;
import io.tallymq.node.config.ConfigCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** A node in this JVM that all tests of the command line share: each makes names of its own. */
final class TallyNode implements AutoCloseable {
    /** Gives it to who has it as a parameter; it lives as long as the tests of this JVM. */
    static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == TallyNode.class;
        }

        @Override
        public TallyNode resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(Shared.class))
                    .computeIfAbsent("node", key -> TallyNode.started(), TallyNode.class);
        }
    }

    private final Path directory;
    private final Node node;

    private TallyNode(Path directory, Node node) {
        this.directory = directory;
        this.node = node;
    }

    private static TallyNode started() {
        try {
            Path directory = Files.createTempDirectory("tally");
            List<Integer> ports = FreePorts.take(2);
            List<String> args = new ArrayList<>();
            for (String assignment : List.of(
                    "node.name=n1",
                    "cluster.name=tally",
                    "cluster.peers=n1@127.0.0.1:" + ports.get(0) + ":" + ports.get(1),
                    "data.dir=" + directory.resolve("data"),
                    "amqp.host=127.0.0.1",
                    "amqp.port=0",
                    "http.host=127.0.0.1",
                    "http.port=0",
                    "metrics.port=-1",
                    "raft.segment-size=4MiB",
                    "store.memtable-size=4MiB",
                    "disk.free-limit=0")) {
                args.add("--set");
                args.add(assignment);
            }
            var command = new ConfigCommand(Map.of(), System.out, System.err);
            var run = (ConfigCommand.Run) command.read(args.toArray(String[]::new));
            TallyNode started = new TallyNode(directory, new Node(run.config(), (reason, cause) -> {}));
            started.node.start();
            String level = "\"level\" : " + BrokerMachine.LEVELS.max();
            while (!Typed.at(started).run("status", "--json").out().contains(level)) {
                Thread.onSpinWait();
            }
            // Until it is founded its configured user may do everything, permissions or not.
            while (!Typed.at(started).run("users", "list", "--json").out().contains("guest")) {
                Thread.onSpinWait();
            }
            return started;
        } catch (Exception e) {
            throw new AssertionError("the node does not start", e);
        }
    }

    String address() {
        return "http://127.0.0.1:" + node.httpPort();
    }

    int amqpPort() {
        return node.amqpPort();
    }

    @Override
    public void close() throws Exception {
        node.close();
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }
}
