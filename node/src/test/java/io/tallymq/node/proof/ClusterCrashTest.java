package io.tallymq.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.NodeAddress;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
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
        assumeTrue(hasPika(), "there is no python3 with pika: pip install pika, or apt-get install python3-pika");
        List<String> command = new ArrayList<>(List.of(programs().toString(), "--uri=" + uri(1)));
        command.add("--uri=" + uri(2));
        command.add("--uri=" + uri(3));
        String printed = Commands.run(command);
        assertEquals(
                4 * NODES,
                printed.lines().filter(line -> line.startsWith("PASS")).count(),
                printed);
    }

    private String uri(int node) {
        return "amqp://guest:guest@127.0.0.1:" + cluster.node(node).amqpPort() + "/%2F";
    }

    /** The tests run in the module's directory or in the one above. */
    private static Path programs() {
        Path here = Path.of("deploy", "pika-tutorial", "run-all");
        return Files.exists(here)
                ? here.toAbsolutePath()
                : Path.of("..").resolve(here).toAbsolutePath();
    }

    private static boolean hasPika() throws IOException, InterruptedException {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            try {
                Process process = new ProcessBuilder(python, "-c", "import pika")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.to(new File("/dev/null")))
                        .start();
                if (process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0) {
                    return true;
                }
            } catch (IOException e) {
                continue; // No such program.
            }
        }
        return false;
    }
}
