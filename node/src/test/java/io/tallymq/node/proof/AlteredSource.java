package io.tallymq.node.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * One line of what names and receipts are made of, exchanged: the product's source with the other line is compiled, and the nodes are given its classes by
 * {@link TwinAgent}.
 *
 * @param source a file of the broker, without its end: its room and its name
 */
record AlteredSource(String source, String line, String instead) {
    private static final String PACKAGE = "io/tallymq/broker/";

    /**
     * The option for a node's JVM that makes it this one.
     *
     * @param root of the source tree, which is built
     * @param run a directory for what is made
     */
    String agent(Path root, Path run) throws IOException {
        Path directory = Files.createDirectories(run.toAbsolutePath().resolve("twin"));
        Path classes = compile(changed(root), root, directory);
        Path jar = AgentJar.write(directory.resolve("agent.jar"), TwinAgent.class, List.of("TwinAgent.class"));
        return "-javaagent:" + jar + "=" + classes;
    }

    /** The source with the other line. */
    private String changed(Path root) throws IOException {
        String text = Files.readString(root.resolve("raft-log/src/main/java").resolve(PACKAGE + source + ".java"));
        int at = text.indexOf(line);
        if (at < 0 || text.indexOf(line, at + 1) >= 0) {
            throw new ProofException(
                    source + ".java has no line, or several, '" + line + "': this proof needs another one");
        }
        return text.replace(line, instead);
    }

    private Path compile(String text, Path root, Path directory) throws IOException {
        String name = source.substring(source.lastIndexOf('/') + 1);
        Path file = Files.writeString(directory.resolve(name + ".java"), text);
        Path classes = Files.createDirectories(directory.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new ProofException("nodes with another line need a JDK: this Java has no compiler");
        }
        int failed = compiler.run(
                null,
                null,
                null,
                "--release",
                "17",
                "-proc:none",
                "-g",
                "-cp",
                root.resolve("raft-log/target/classes").toAbsolutePath() + ":" + System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                file.toString());
        if (failed != 0) {
            throw new ProofException(file + " does not compile, see above");
        }
        return classes;
    }
}
