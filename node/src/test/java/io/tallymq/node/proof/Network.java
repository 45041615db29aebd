package io.tallymq.node.proof;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The network between nodes in namespaces, as made by the script prove-net. */
final class Network {
    /** Where prove-net puts the nodes: this and the node's number. */
    static final String ADDRESS_PREFIX = "10.97.0.";

    static final String NAMESPACE_PREFIX = "tallyprove";

    private final Path script;

    Network(Path script) {
        this.script = script;
    }

    /** No packet of this node reaches another one any more, nor the other way round; nobody is told. */
    void cut(int node, boolean fromClientsToo) throws IOException, InterruptedException {
        run(fromClientsToo ? "isolate-all" : "isolate", Integer.toString(node));
    }

    void heal() throws IOException, InterruptedException {
        run("heal");
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        Commands.run(command);
    }
}
