package io.tallymq.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a cluster of this machine is refused to be started: one sentence and exit code 2, before anything is started. */
class LocalStartTest {
    @TempDir
    Path dir;

    private static void refused(String sentence, String... args) {
        String[] all = new String[args.length + 2];
        all[0] = "local";
        all[1] = "start";
        System.arraycopy(args, 0, all, 2, args.length);
        Typed.Said said =
                Typed.nowhere().with("TALLY_AS", "local-cluster").run(all).refused(2, sentence);
        assertEquals(1, said.err().lines().count(), said::toString);
        assertTrue(said.err().startsWith("local-cluster: "), said::toString);
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
    void badArguments() {
        refused("--nodes is 'many': it has to be a number, 1 to 9", "--nodes", "many");
        refused("--nodes is '10': it has to be 1 to 9", "--nodes=10");
        refused("overlap", "--dir", dir.resolve("new").toString(), "--amqp-port", "7000", "--http-port", "7002");
    }

    @Test
    void aDirectoryOfSomethingElse() throws IOException {
        Files.writeString(dir.resolve("precious"), "data");
        refused("is not empty and holds no cluster of this script", "--dir", dir.toString());
        assertEquals(List.of("precious"), List.of(dir.toFile().list()));
        refused("can not be made or written", "--dir", dir.resolve("precious").toString());
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
        refused(
                "with --only the ports are those of the running cluster",
                "--dir",
                dir.toString(),
                "--only=1",
                "--amqp-port=9");
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
            Typed.Said status = Typed.nowhere().run("local", "status", "--dir", dir.toString());
            assertTrue(status.out().contains("running, not serving"), status::toString);
            assertEquals(1, status.code(), status::toString);
            Typed.nowhere().run("local", "stop", "--dir", dir.toString()).ok();
            process.onExit().join();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Whose first user has another password by now: what is told without a login counts. */
    @Test
    void aFirstUserWhoMayNotAskAnyMore() throws Exception {
        HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        http.createContext("/api/health/checks/confirm-path", exchange -> {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        http.createContext("/api/health/checks/ready-to-serve-clients", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        http.start();
        Path env = cluster(4).resolve("cluster.env");
        Files.writeString(
                env,
                Files.readString(env)
                        .replace("HTTP_PORT=1", "HTTP_PORT=" + http.getAddress().getPort()));
        Path config = Files.createDirectories(dir.resolve("node1")).resolve("tallymq.conf");
        Process process = new ProcessBuilder("bash", "-c", "read -r line", config.toString()).start();
        try {
            Files.writeString(config.resolveSibling("pid"), process.pid() + "\n");
            String said = Typed.nowhere()
                    .run("local", "status", "--dir", dir.toString())
                    .ok()
                    .out();
            assertTrue(said.contains("serving"), said);
        } finally {
            process.destroyForcibly();
            http.stop(0);
        }
    }

    @Test
    void twoAtOnce() throws IOException {
        cluster(4);
        try (FileChannel lock =
                        FileChannel.open(dir.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock all = lock.lock()) {
            assertTrue(all.isValid());
            refused("another tally local start of " + dir + " is under way", "--dir", dir.toString());
            refused("another tally local start of " + dir + " is under way", "--dir", dir.toString(), "--only=1");
        }
        try (FileChannel lock = FileChannel.open(dir.resolve("lock"), StandardOpenOption.WRITE);
                FileLock second = lock.lock(2, 1, false)) {
            assertTrue(second.isValid());
            refused("another tally local start of " + dir + " is under way", "--dir", dir.toString());
            refused("--amqp-port and --http-port out", "--dir", dir.toString(), "--only=1", "--amqp-port=9");
        }
    }

    @Test
    void aNodeThatThereIsNotIsNotStopped() throws IOException {
        String cluster = cluster(4).toString();
        Typed.nowhere().run("local", "stop", "--dir", cluster, "--only", "9").refused(2, "there is no node 9");
    }

    @Test
    void scriptsGetJson() throws IOException {
        Path log = Files.createDirectories(cluster(4).resolve("node1")).resolve("log");
        Files.writeString(log, "a line\n");
        assertEquals(
                "{\"node\":\"node1\",\"line\":\"a line\"}\n",
                Typed.nowhere()
                        .run("local", "logs", "--dir", dir.toString(), "--json")
                        .ok()
                        .out());
    }

    @Test
    void whereThereIsNoCluster() {
        Typed.nowhere().run("local", "status", "--dir", dir.toString()).refused(2, "there is no cluster in");
        Typed.nowhere().run("local", "stop", "--dir", dir.toString()).refused(2, "there is no cluster in");
    }
}
