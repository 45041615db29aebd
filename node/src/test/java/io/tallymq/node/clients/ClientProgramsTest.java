package io.tallymq.node.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs below deploy that use other people's libraries and tools, as they are, against a cluster of three. Each prints what held and what did
 * not. One that finds its library missing is skipped; .ci/run installs what it can.
 */
class ClientProgramsTest {
    private static final Path DEPLOY = Path.of("..", "deploy");
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final long WAIT_MILLIS = 180_000;

    @TempDir
    static Path dir;

    private static ThreeNodes cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ThreeNodes(dir);
    }

    @AfterAll
    static void stop() {
        cluster.close();
        assertNull(cluster.fatal());
    }

    /** The publisher-confirms programs for pika, each against all three nodes. */
    @Test
    void pikaPublisherConfirms() throws Exception {
        assumeTrue(python("pika") != null, "there is no python3 with pika");
        List<String> passed =
                run(List.of(DEPLOY.resolve("pika-tutorial").resolve("run-all").toString()), cluster.size());
        assertEquals(4 * cluster.size(), passed.size(), passed::toString);
    }

    @Test
    void pikaIsToldWhatIsRefused() throws Exception {
        String python = python("pika");
        assumeTrue(python != null, "there is no python3 with pika");
        List<String> passed = run(List.of(python, client("pika", "check.py")), cluster.size());
        assertEquals(12 * cluster.size(), passed.size(), passed::toString);
    }

    /** What had no answer is published again by its name, and is there once. */
    @Test
    void pikaReceipts() throws Exception {
        String python = python("pika");
        assumeTrue(python != null, "there is no python3 with pika");
        cluster.awaitLevel();
        List<String> program = List.of(python, client("receipts", "pika_receipts.py"), "--messages", "3000");
        List<String> passed = run(program, cluster.size());
        assertEquals(5, passed.size(), passed::toString);
    }

    @Test
    void amqplib() throws Exception {
        List<String> passed = run(node("amqplib"), cluster.size());
        assertEquals(4 * cluster.size(), passed.size(), passed::toString);
    }

    @Test
    void amqpConnectionManager() throws Exception {
        List<String> passed = run(node("amqp-connection-manager"), 2);
        assertEquals(9, passed.size(), passed::toString);
    }

    @Test
    void rascal() throws Exception {
        List<String> passed = run(node("rascal"), cluster.size());
        assertEquals(17, passed.size(), passed::toString);
    }

    @Test
    void commandLineTools() throws Exception {
        List<String> passed = run(List.of(client("amqp-tools", "check")), 1);
        assertEquals(12, passed.size(), passed::toString);
    }

    @Test
    void kombu() throws Exception {
        String python = python("kombu");
        assumeTrue(python != null, "there is no python3 with kombu");
        List<String> passed = run(List.of(python, client("kombu", "check.py")), 1);
        assertEquals(7, passed.size(), passed::toString);
    }

    @Test
    void celery() throws Exception {
        String python = python("celery");
        assumeTrue(python != null, "there is no python3 with celery");
        List<String> passed = run(List.of(python, client("celery", "check.py")), 1);
        assertEquals(16, passed.size(), passed::toString);
    }

    @Test
    void rabbitmqadmin() throws Exception {
        String python = python("pika");
        assumeTrue(python != null, "there is no python3 with pika");
        List<String> passed = run(withUrls(python, client("rabbitmqadmin", "check.py")), cluster.size());
        assertTrue(passed.size() >= 100 * cluster.size(), () -> passed.size() + " passed");
    }

    /** What KEDA and Flower ask. */
    @Test
    void monitors() throws Exception {
        String python = python("pika");
        assumeTrue(python != null, "there is no python3 with pika");
        List<String> passed = run(withUrls(python, client("monitors", "check.py")), cluster.size());
        assertEquals(8 * cluster.size(), passed.size(), passed::toString);
    }

    /** The command with each node's API. */
    private static List<String> withUrls(String... program) {
        List<String> command = new ArrayList<>(List.of(program));
        for (int node = 0; node < cluster.size(); node++) {
            command.addAll(List.of("--url", cluster.url(node)));
        }
        return command;
    }

    /** What more there is to the page is seen by deploy/prove-page. */
    @Test
    void page() throws Exception {
        assumeTrue(Files.isExecutable(CHROMIUM), () -> "there is no " + CHROMIUM);
        List<String> program = new ArrayList<>(node("page"));
        program.addAll(List.of("--brief", "yes", "--url", cluster.url(0), "--chromium", CHROMIUM.toString()));
        program.addAll(List.of("--out", dir.resolve("pictures").toString()));
        List<String> passed = run(program, 0);
        assertTrue(passed.size() >= 12, passed::toString);
    }

    private static String client(String directory, String program) {
        return DEPLOY.resolve("clients").resolve(directory).resolve(program).toString();
    }

    /** The command of a program for Node.js, if that is there and the program's packages are. */
    private static List<String> node(String directory) throws InterruptedException {
        assumeTrue(succeeds("node", "--version"), "there is no node");
        Path packages = Path.of(client(directory, "node_modules"));
        assumeTrue(Files.isDirectory(packages), "there is no " + packages + ": npm ci beside it");
        return List.of("node", client(directory, "check.js"));
    }

    /** A python3 that has the module, or null. */
    private static String python(String module) throws InterruptedException {
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
    private static List<String> run(List<String> program, int nodes) throws IOException, InterruptedException {
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
