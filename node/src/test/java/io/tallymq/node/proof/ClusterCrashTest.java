package io.tallymq.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.tallymq.node.clients.Programs;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.NodeAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Three nodes as processes: under load on all of them one leader and then all nodes are killed; nothing confirmed may be missing,
 * in disorder or silently doubled afterwards. The long version is deploy/prove. Its twin, the same judge convicting a broker
 * that confirms too early, is deploy/prove twin; that each rule convicts is in {@link HistoryCheckerTest}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ClusterCrashTest {
    private static final int NODES = 3;
    private static final int RATE = 600;
    /** Checks of a recipe for receipts. */
    private static final int PROVED = 5;

    private static final int PROVED_BY_SPRING = 3;
    /** What has state of its own, and what is all or nothing. */
    private static final Set<Feature> FEATURES = Set.of(Feature.NAMES, Feature.TX);

    private static final List<String> JAVA_OPTIONS = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

    private Path directory;
    private ProofCluster cluster;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        ((Logger) LoggerFactory.getLogger("com.rabbitmq.client"))
                .setLevel(Level.OFF); // its connections are meant to break
        Launcher launcher = Launcher.classPath(JAVA_OPTIONS);
        List<String> settings =
                List.of("disk.free-limit = 0B", "store.memtable-size = 8MiB", "store.block-cache = 8MiB");
        cluster = new ProofCluster(directory, NodeAddress.loopback(NODES), launcher, settings);
        cluster.startAll();
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void crashesLoseNothingConfirmed() throws Exception {
        var options = new CrashRun.Options(
                directory, 1, RATE, FEATURES, Duration.ofSeconds(2), 1, CrashRun.Means.NONE, Clients.DIRECT);
        RunReport report =
                new CrashRun(cluster, options).run(List.of(FaultKind.KILL_LEADER, FaultKind.KILL_ALL), "crash");
        assertEquals(List.of(), report.violations());
        assertTrue(report.verdicts().values().stream().allMatch(v -> v.count("confirmed") > 0));
    }

    /** AMQP's tutorial programs for publisher confirms, in Python, unchanged for every node. */
    @Test
    void tutorialProgramsPass() throws Exception {
        List<String> passed = Programs.run(withUris(Programs.pikaTutorial(), 1), directory);
        assertEquals(4 * NODES, passed.size(), passed::toString);
    }

    /** The recipes of docs/receipts.md, with a leader that is killed half-way: what had no answer is published again by its name, and is there once. */
    @Test
    void pikasRecipe() throws Exception {
        killsAmid(Programs.python("pika", "receipts", "pika_receipts.py"), PROVED);
    }

    @Test
    void amqplibsRecipe() throws Exception {
        killsAmid(Programs.node("amqplib", "receipts.js"), PROVED);
    }

    /** Some of its connections are closed over HTTP, too. */
    @Test
    void javasRecipe() throws Exception {
        List<String> program = new ArrayList<>(Programs.java("receipts", "JavaReceipts.java"));
        int stays = 1 + cluster.awaitLeader(cluster.numbers()) % NODES;
        program.addAll(List.of(
                "--url", "http://guest:guest@127.0.0.1:" + cluster.node(stays).httpPort()));
        killsAmid(program, PROVED);
    }

    @Test
    void springsRecipe() throws Exception {
        killsAmid(Programs.spring("receipts"), PROVED_BY_SPRING);
    }

    private void killsAmid(List<String> program, int proved) throws Exception {
        int leader = cluster.awaitLeader(cluster.numbers());
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("--kill", Long.toString(cluster.pid(leader))));
        try {
            List<String> passed = Programs.run(withUris(command, leader), directory);
            assertEquals(proved, passed.size(), passed::toString);
            assertTrue(cluster.endsWithin(leader, Duration.ZERO), "the leader lives");
        } finally {
            if (!cluster.running(leader)) {
                cluster.start(leader);
                cluster.awaitServing(leader);
            }
        }
    }

    /** With the nodes' URIs, from this node on. */
    private List<String> withUris(List<String> program, int first) {
        List<String> command = new ArrayList<>(program);
        for (int i = 0; i < NODES; i++) {
            int port = cluster.node(1 + (first - 1 + i) % NODES).amqpPort();
            command.addAll(List.of("--uri", "amqp://guest:guest@127.0.0.1:" + port + "/%2F"));
        }
        return command;
    }
}
