package io.tallymq.node.proof;

import io.tallymq.node.Main;
import io.tallymq.node.proof.load.NodeAddress;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How a node's process is started. The command must become the JVM itself, so that signals to it reach the node. */
interface Launcher {
    List<String> command(NodeAddress node, Path config);

    /** What the environment of the process needs besides what is inherited. */
    default Map<String, String> environment(NodeAddress node) {
        return Map.of();
    }

    /**
     * The launcher of a built source tree or of an installation.
     *
     * @param javaOptions for every node's JVM, separated by blanks
     */
    static Launcher script(Path tallymq, String javaOptions) {
        return new Launcher() {
            @Override
            public List<String> command(NodeAddress node, Path config) {
                return List.of(tallymq.toString(), "--config", config.toString());
            }

            @Override
            public Map<String, String> environment(NodeAddress node) {
                return Map.of("TALLYMQ_JAVA_OPTS", javaOptions);
            }
        };
    }

    /** Each node in a network namespace of its own: {@code prefix} and the node's number. */
    static Launcher inNamespaces(Launcher inner, String prefix) {
        return new Launcher() {
            @Override
            public List<String> command(NodeAddress node, Path config) {
                List<String> command = new ArrayList<>();
                command.add("nsenter");
                command.add("--net=/run/netns/" + prefix + node.number());
                command.addAll(inner.command(node, config));
                return command;
            }

            @Override
            public Map<String, String> environment(NodeAddress node) {
                return inner.environment(node);
            }
        };
    }

    /** The class path of this JVM: for tests, which run before there are jars. */
    static Launcher classPath(List<String> javaOptions) {
        // Surefire hides the class path in the manifest of a jar and names it in this property.
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", path, Main.class.getName()));
        return (node, config) -> {
            List<String> full = new ArrayList<>(command);
            full.addAll(List.of("--config", config.toString()));
            return full;
        };
    }
}
