package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.api.Assumptions;
import org.slf4j.Logger;

/** The programs below deploy/clients: how each is run, if what it needs is there; else the test is skipped. .ci/run installs what it can. */
public final class Programs {
    static final Path DEPLOY = Path.of("..", "deploy");
    static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final long WAIT_MILLIS = 270_000;

    private Programs() {}

    static String client(String directory, String program) {
        return DEPLOY.resolve("clients").resolve(directory).resolve(program).toString();
    }

    /** The command of a program for Node.js. */
    public static List<String> node(String directory, String program) throws InterruptedException {
        assumeTrue(succeeds("node", "--version"), "there is no node");
        Path packages = Path.of(client(directory, "node_modules"));
        assumeTrue(Files.isDirectory(packages), "there is no " + packages + ": npm ci beside it");
        return List.of("node", client(directory, program));
    }

    /** The command of a Java program in one file, with RabbitMQ's client. */
    public static List<String> java(String directory, String program) throws URISyntaxException {
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

    /** The command of this part of Spring's program. */
    public static List<String> spring(String part) {
        Path built = Path.of(client("spring", "target"), "built");
        assumeTrue(Files.exists(built), "Spring's program is not built: deploy/clients/spring/check --build");
        return List.of(client("spring", "check"), "--only", part);
    }

    /** The command of a Python program that wants this module. */
    public static List<String> python(String module, String directory, String program) throws InterruptedException {
        return List.of(interpreter(module), client(directory, program));
    }

    private static String interpreter(String module) throws InterruptedException {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (succeeds(python, "-c", "import " + module)) {
                return python;
            }
        }
        return Assumptions.abort("there is no python3 with " + module);
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

    /** AMQP's tutorial programs for publisher confirms, in Python. */
    public static List<String> pikaTutorial() throws InterruptedException {
        return List.of(
                "env",
                "PYTHON=" + interpreter("pika"),
                DEPLOY.resolve("pika-tutorial").resolve("run-all").toString());
    }

    /** Runs it, and returns its lines that begin with PASS. It must not print FAIL, and end well. The directory takes what it prints. */
    public static List<String> run(List<String> command, Path directory) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "program", ".out");
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
