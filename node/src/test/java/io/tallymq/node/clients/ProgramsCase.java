package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.Connection;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/**
 * The programs below deploy that use other people's libraries and tools, as they are, against a cluster of three. Each prints what held and what did
 * not. One that finds its library missing is skipped; .ci/run installs what it can.
 */
abstract class ProgramsCase {
    static final Path DEPLOY = Path.of("..", "deploy");
    static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final long WAIT_MILLIS = 180_000;

    @TempDir
    static Path dir;

    static ThreeNodes cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ThreeNodes(dir);
    }

    @AfterAll
    static void stop() {
        cluster.close();
        assertNull(cluster.fatal());
    }

    static String client(String directory, String program) {
        return DEPLOY.resolve("clients").resolve(directory).resolve(program).toString();
    }

    /** The command of a program for Node.js, if that is there and the program's packages are. */
    static List<String> node(String directory) throws InterruptedException {
        return node(directory, "check.js");
    }

    static List<String> node(String directory, String program) throws InterruptedException {
        assumeTrue(succeeds("node", "--version"), "there is no node");
        Path packages = Path.of(client(directory, "node_modules"));
        assumeTrue(Files.isDirectory(packages), "there is no " + packages + ": npm ci beside it");
        return List.of("node", client(directory, program));
    }

    /** The command of a Java program in one file, with RabbitMQ's client. */
    static List<String> java(String directory, String program) throws URISyntaxException {
        List<String> jars = new ArrayList<>();
        for (Class<?> from : List.of(Connection.class, Logger.class)) {
            jars.add(Path.of(from.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classPath = String.join(File.pathSeparator, jars);
        return List.of(java, "-XX:TieredStopAtLevel=1", "-cp", classPath, client(directory, program));
    }

    /** A python3 that has the module, or null. */
    static String python(String module) throws InterruptedException {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (succeeds(python, "-c", "import " + module)) {
                return python;
            }
        }
        return null;
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // no such program
        }
    }

    /** Runs the program with the URIs of so many nodes, and returns its lines that begin with PASS. */
    static List<String> run(List<String> program, int nodes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        for (int node = 0; node < nodes; node++) {
            command.addAll(List.of("--uri", cluster.uri(node)));
        }
        Path output = Files.createTempFile(dir, "program", ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            assertTrue(ended, () -> "it does not end: " + read(output));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String printed = read(output);
        assertEquals(0, process.exitValue(), printed);
        List<String> lines = printed.lines().toList();
        assumeFalse(lines.stream().anyMatch(line -> line.startsWith("SKIP")), printed);
        assertFalse(lines.stream().anyMatch(line -> line.startsWith("FAIL")), printed);
        return lines.stream().filter(line -> line.startsWith("PASS")).toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
