package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When {@code deploy/local-cluster} refuses to start: one sentence and exit code 2, before anything is built or started. */
class LocalClusterTest {
    @TempDir
    Path dir;

    private static void refused(String sentence, String... args) {
        Script script = Script.run(Map.of(), "local-cluster", args);
        assertEquals(2, script.exitCode(), script.output());
        assertEquals(1, script.output().lines().count(), script.output());
        assertTrue(script.output().contains(sentence), script.output());
    }

    private Path cluster(int amqpPort) throws IOException {
        Files.write(
                dir.resolve("cluster.env"),
                List.of(
                        "FORMAT=1",
                        "NODES=1",
                        "AMQP_PORT=" + amqpPort,
                        "HTTP_PORT=1",
                        "RAFT_PORT=2",
                        "LINK_PORT=3",
                        "CLUSTER_NAME=test",
                        "CLUSTER_SECRET=0123456789abcdef"));
        return dir;
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
    void badArguments() {
        refused("'--bogus' is not an option", "--bogus");
        refused("--nodes is 'many': it has to be a number, 1 to 9", "--nodes", "many");
        refused("--nodes is '10': it has to be 1 to 9", "--nodes=10");
        refused("--dir needs a value", "--dir");
        refused("overlap", "--dir", dir.resolve("new").toString(), "--amqp-port", "7000", "--http-port", "7002");
    }

    @Test
    void aDirectoryOfSomethingElse() throws IOException {
        Files.writeString(dir.resolve("precious"), "data");
        refused("is not empty and holds no cluster of this script", "--dir", dir.toString());
        assertEquals(List.of("precious"), List.of(dir.toFile().list()));
    }

    @Test
    void aClusterOfAnotherSizeOrVersion() throws IOException {
        refused("holds a cluster of 1 nodes, not 3", "--dir", cluster(4).toString(), "--nodes", "3");
        Files.writeString(dir.resolve("cluster.env"), "FORMAT=2\n");
        refused("has format 2", "--dir", dir.toString());
        Files.writeString(dir.resolve("cluster.env"), "FORMAT=1\nNODES=3\n");
        refused("has no AMQP_PORT: the file is damaged", "--dir", dir.toString());
    }

    @Test
    void onlyNeedsACluster() throws IOException {
        Path absent = dir.resolve("absent");
        refused("there is no cluster in", "--dir", absent.toString(), "--only", "1");
        assertFalse(Files.exists(absent));
        refused("has 1 nodes", "--dir", cluster(4).toString(), "--only", "2");
    }

    @Test
    void aTakenPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String port = String.valueOf(socket.getLocalPort());
            refused(
                    "port " + port + ", needed by node1 for AMQP, is taken",
                    "--dir",
                    cluster(socket.getLocalPort()).toString());
        }
    }

    @Test
    void aNodeThatRuns() throws IOException {
        Path config = Files.createDirectories(cluster(4).resolve("node1")).resolve("tallymq.conf");
        Process process = new ProcessBuilder("bash", "-c", "read -r line", config.toString()).start();
        try {
            Files.writeString(config.resolveSibling("pid"), process.pid() + "\n");
            refused("node1 of " + dir + " is already running (process " + process.pid() + ")", "--dir", dir.toString());
        } finally {
            process.destroyForcibly();
        }
    }

    /** The script beside a node that only answers; no sources, so nothing is built. */
    private Path installed() throws IOException {
        Path deploy = Files.createDirectories(dir.resolve("installed").resolve("deploy"));
        Path script = Files.copy(
                Path.of("..", "deploy", "local-cluster"),
                deploy.resolve("local-cluster"),
                StandardCopyOption.COPY_ATTRIBUTES);
        Path node = Files.writeString(
                deploy.resolve("tallymq"),
                "#!/bin/sh\nexec " + Path.of(System.getProperty("java.home"), "bin", "java") + " -cp '"
                        + System.getProperty("java.class.path") + "' " + FakeNode.class.getName() + " \"$@\"\n");
        assertTrue(node.toFile().setExecutable(true));
        return script;
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
