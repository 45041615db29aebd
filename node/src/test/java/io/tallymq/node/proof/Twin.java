package io.tallymq.node.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * A broker that differs from this one in one line, and must be convicted: the product's source with that line exchanged is compiled, and the nodes
 * are given its classes by {@link TwinAgent}.
 */
enum Twin {
    /** As brokers do that know only each producer's last number: what was overtaken and never stored is confirmed. */
    LAST(
            "what is not above the last number came before",
            "SeqWindow",
            "return seq <= last && !isBelow(seq) && (bits[word(seq)] & bit(seq)) != 0;",
            "return seq <= last;",
            List.of(FaultKind.KILL_LEADER)),
    /** What a node knows is gone when it starts with its store, or with a copy of another one's. */
    WINDOW(
            "which numbers are decided is left out of the snapshot",
            "Producer",
            "p.window.read(r);",
            "new SeqWindow().read(r);",
            List.of(FaultKind.RESTART_ALL));

    private static final String PACKAGE = "io/tallymq/broker/receipts/";

    final String text;
    final List<FaultKind> faults;
    private final String source;
    private final String line;
    private final String instead;

    Twin(String text, String source, String line, String instead, List<FaultKind> faults) {
        this.text = text;
        this.source = source;
        this.line = line;
        this.instead = instead;
        this.faults = faults;
    }

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
    String changed(Path root) throws IOException {
        String text = Files.readString(root.resolve("raft-log/src/main/java").resolve(PACKAGE + source + ".java"));
        int at = text.indexOf(line);
        if (at < 0 || text.indexOf(line, at + 1) >= 0) {
            throw new ProofException(
                    source + ".java has no line, or several, '" + line + "': this twin needs another one");
        }
        return text.replace(line, instead);
    }

    private Path compile(String text, Path root, Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve(source + ".java"), text);
        Path classes = Files.createDirectories(directory.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new ProofException("a twin needs a JDK: this Java has no compiler");
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
            throw new ProofException("the twin's " + file + " does not compile, see above");
        }
        return classes;
    }
}
