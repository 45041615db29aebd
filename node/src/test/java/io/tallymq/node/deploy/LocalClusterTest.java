package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tallymq.tally.TallyMain;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/local-cluster} does itself, and what it becomes; when it refuses to start is LocalStartTest's. */
class LocalClusterTest {
    @TempDir
    Path dir;

    private static void refused(String sentence, String... args) {
        Script script = Script.run(Map.of(), "local-cluster", args);
        assertEquals(2, script.exitCode(), script.output());
        assertEquals(1, script.output().lines().count(), script.output());
        assertTrue(script.output().contains(sentence), script.output());
    }

    @Test
    void helpNamesEveryOption() {
        Script script = Script.run(Map.of(), "local-cluster", "--help");
        assertEquals(0, script.exitCode(), script.output());
        for (String option : List.of("--dir", "--nodes", "--amqp-port", "--http-port", "--only", "Exit codes")) {
            assertTrue(script.output().contains(option), option);
        }
    }

    @Test
    void nothingIsBuiltForAnOptionThatThereIsNot() {
        refused("local-cluster: '--bogus' is not an option", "--bogus");
        refused("local-cluster: --dir needs a value", "--dir");
    }

    @Test
    void whatTheCommandLineRefusesIsSaidInItsName() throws Exception {
        RunningScript script = new RunningScript(installed().toString(), "--nodes=many");
        script.await("local-cluster: --nodes is 'many': it has to be a number, 1 to 9");
        assertEquals(2, script.exitCode(), script::output);
    }

    /** The script beside the command line of these tests and a node that only answers; no sources, so nothing is built. */
    private Path installed() throws IOException {
        Path deploy = Files.createDirectories(dir.resolve("installed").resolve("deploy"));
        Path script = Files.copy(
                Path.of("..", "deploy", "local-cluster"),
                deploy.resolve("local-cluster"),
                StandardCopyOption.COPY_ATTRIBUTES);
        program(deploy.resolve("tallymq"), FakeNode.class, deploy);
        program(deploy.resolve("tally"), TallyMain.class, deploy);
        return script;
    }

    private static void program(Path path, Class<?> main, Path home) throws IOException {
        Files.writeString(
                path,
                "#!/bin/sh\nexport TALLY_HOME='" + home + "'\nexec "
                        + Path.of(System.getProperty("java.home"), "bin", "java") + " -XX:TieredStopAtLevel=1 -cp '"
                        + System.getProperty("java.class.path") + "' " + main.getName() + " \"$@\"\n");
        assertTrue(path.toFile().setExecutable(true));
    }

    private static long pid(Path cluster, int node) throws IOException {
        return Long.parseLong(
                Files.readString(cluster.resolve("node" + node).resolve("pid")).strip());
    }

    private static void terminate(long pid) {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        process.destroy();
        process.onExit().join();
    }

    /** The first of two free ports side by side, beyond another pair. */
    private static int twoPorts(int above) throws IOException {
        for (int port = above + 2; port < 32_000; port++) {
            try (ServerSocket first = new ServerSocket(port);
                    ServerSocket second = new ServerSocket(port + 1)) {
                return first.getLocalPort();
            } catch (BindException e) {
                continue; // one of the two is somebody's
            }
        }
        throw new AssertionError("no two free ports side by side");
    }

    /** For scripts each line is an object; nobody else gets into what is made. */
    @Test
    void startedForAScript() throws Exception {
        installed();
        Path cluster = dir.resolve("cluster");
        int amqp = twoPorts(15_000);
        int http = twoPorts(amqp);
        String tally = dir.resolve("installed/deploy/tally").toString();
        try (RunningScript start = new RunningScript(
                tally,
                "local",
                "start",
                "--json",
                "--dir=" + cluster,
                "--nodes=1",
                "--amqp-port=" + amqp,
                "--http-port=" + http)) {
            start.await("{\"ready\":true,");
            assertEquals(0, start.stop(), start::output);
            for (String line : start.output().lines().toList()) {
                new ObjectMapper().readTree(line);
            }
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cluster)));
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cluster.resolve("node1"))));
    }

    @Test
    void afterARollingRestartWithOnlyTheFirstScriptLooksAfterAllNodes() throws Exception {
        String script = installed().toString();
        Path cluster = dir.resolve("cluster");
        int amqp = twoPorts(15_000);
        int http = twoPorts(amqp);
        List<RunningScript> scripts = new ArrayList<>();
        try {
            RunningScript first = new RunningScript(
                    script, "--dir=" + cluster, "--nodes=2", "--amqp-port=" + amqp, "--http-port=" + http);
            scripts.add(first);
            first.await("ready: node1, node2");
            for (int node = 1; node <= 2; node++) {
                terminate(pid(cluster, node));
                first.await("node" + node + " was stopped from outside");
                RunningScript only = new RunningScript(script, "--dir=" + cluster, "--only=" + node);
                scripts.add(only);
                only.await("ready: node" + node);
                first.await("node" + node + " is back (process " + pid(cluster, node) + ")");
            }
            List<Long> back = List.of(pid(cluster, 1), pid(cluster, 2));
            assertTrue(first.isAlive(), first::output);
            assertTrue(back.stream().allMatch(pid -> ProcessHandle.of(pid).isPresent()), first::output);
            assertEquals(0, first.stop(), first::output);
            assertTrue(back.stream().noneMatch(pid -> ProcessHandle.of(pid).isPresent()), first::output);
        } finally {
            scripts.forEach(RunningScript::close);
        }
    }
}
