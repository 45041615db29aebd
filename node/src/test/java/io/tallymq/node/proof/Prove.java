package io.tallymq.node.proof;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryChecker;
import io.tallymq.node.proof.history.Order;
import io.tallymq.node.proof.history.Rule;
import io.tallymq.node.proof.history.Verdict;
import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.NodeAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command behind deploy/prove. Exit codes: 0 clean, 1 violations, 2 it could not run. */
@Command(
        name = "prove",
        mixinStandardHelpOptions = true,
        description = "Proves on real clusters what TallyMQ promises. See docs/proofs.md.",
        subcommands = CommandLine.HelpCommand.class)
public final class Prove {
    /** What receipts tell of, each with a load of its own. */
    private static final String RECEIPTS = Stream.of(
                    Feature.RECEIPTS, Feature.IDS, Feature.REPORTS, Feature.COPIES, Feature.WINDOWS, Feature.RETENTION)
            .map(FeatureNames::name)
            .collect(Collectors.joining(","));

    private static final int NODES = 3;
    private static final int CLEAN = 0;
    private static final int VIOLATED = 1;
    private static final int BROKEN = 2;
    /** Publishing must go on this soon, in the median, after kill -9 of a node. */
    private static final Duration KILL_LIMIT = Duration.ofMillis(500);
    /** What consumers of a node held that dies is others' so soon behind the first confirm, in the median. */
    private static final Duration HELD_LIMIT = Duration.ofMillis(500);
    /** Publishing must go on this soon, every time, after a silent cut or a stop. */
    private static final Duration CUT_LIMIT = Duration.ofSeconds(3);
    /** Checkpoints, and the ends of what the log reaches back to, within seconds. */
    private static final List<String> SHORT_LOGS = List.of("raft.snapshot-bytes = 16MiB", "raft.segment-size = 4MiB");

    private final Path root;

    private Prove(Path root) {
        this.root = root;
    }

    public static void main(String[] args) {
        // Its connections are meant to break, and what breaks unexpectedly is in the report.
        ((Logger) LoggerFactory.getLogger("com.rabbitmq.client")).setLevel(Level.OFF);
        CommandLine line = new CommandLine(new Prove(Path.of(System.getProperty("tallymq.root", "."))));
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            System.err.println("prove: " + e);
            if (!(e instanceof ProofException)) {
                e.printStackTrace();
            }
            return BROKEN;
        });
        System.exit(line.execute(args));
    }

    /** What all runs have in common. */
    static final class Common {
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "tells this")
        boolean help;

        @Option(names = "--rounds", defaultValue = "10", description = "rounds per kind of fault (default: 10)")
        int rounds;

        @Option(names = "--rate", defaultValue = "1200", description = "messages per second at most (default: 1200)")
        int rate;

        @Option(names = "--warm-up", defaultValue = "20", description = "seconds of load before faults (default: 20)")
        int warmUp;

        @Option(names = "--seed", description = "for victims, pauses and bodies (default: of the clock)")
        long seed = System.currentTimeMillis() % 1_000_000;

        @Option(
                names = "--dir",
                description = "for data, logs and histories; must not exist (default: below node/target)")
        Path directory;

        @Option(
                names = "--features",
                description = "features that have a load of their own in kills, cut and checkpoint: all, none, or some"
                        + " of ${COMPLETION-CANDIDATES} (default: all for kills, else none)",
                completionCandidates = FeatureNames.class)
        String features;

        Set<Feature> features(String unlessGiven) {
            return FeatureNames.parse(features == null ? unlessGiven : features);
        }

        @Option(names = "--set", description = "key=value, one more line for every node's configuration")
        List<String> settings = new ArrayList<>();
    }

    @Command(name = "kills", description = "kill -9 of the leader, of a follower, of all nodes; SIGSTOP of the leader")
    int kills(
            @CommandLine.Mixin Common common,
            @Option(names = "--only", description = "only these: ${COMPLETION-CANDIDATES}") List<FaultKind> only)
            throws IOException, InterruptedException, TimeoutException {
        List<FaultKind> kinds = only != null
                ? only
                : List.of(FaultKind.KILL_LEADER, FaultKind.KILL_FOLLOWER, FaultKind.KILL_ALL, FaultKind.PAUSE_LEADER);
        Stage stage = stage(common, "kills", CrashRun.Means.NONE);
        return faults(kinds, common, common.features(FeatureNames.ALL), stage);
    }

    @Command(
            name = "checkpoint",
            description = "kill -9 of a follower, which stays away until the others' logs no longer reach back to it")
    int checkpoint(@CommandLine.Mixin Common common) throws IOException, InterruptedException, TimeoutException {
        common.settings.addAll(SHORT_LOGS);
        Stage stage = stage(common, "checkpoint", CrashRun.Means.NONE);
        return faults(List.of(FaultKind.OUTLIVED), common, common.features(FeatureNames.NONE), stage);
    }

    @Command(
            name = "clock",
            description = "nodes' clocks set back and forth over restarts and while they run; a node whose time passes"
                    + " faster or slower")
    int clock(
            @CommandLine.Mixin Common common,
            @Option(names = "--only", description = "only these: ${COMPLETION-CANDIDATES}") List<FaultKind> only)
            throws IOException, InterruptedException, TimeoutException {
        Path directory = directory(common, "clock");
        FakeClocks clocks = new FakeClocks(directory);
        Launcher launcher = clocks.script(root.resolve("deploy/tallymq"));
        List<FaultKind> kinds =
                only != null ? only : List.of(FaultKind.CLOCK_RESTART, FaultKind.CLOCK_STEP, FaultKind.CLOCK_SPEED);
        CrashRun.Means means = new CrashRun.Means(null, clocks, null);
        return faults(
                kinds, common, Set.of(), new Stage("clock", directory, NodeAddress.loopback(NODES), launcher, means));
    }

    @Command(
            name = "sparse",
            description = "small messages one at a time, for an hour: heap flat, log bounded, a quick start afterwards")
    int sparse(
            @CommandLine.Mixin Common common,
            @Option(names = "--minutes", defaultValue = "60", description = "of load (default: 60)") int minutes)
            throws IOException, InterruptedException, TimeoutException {
        Stage stage = stage(common, "sparse", CrashRun.Means.NONE);
        System.out.println(
                "== sparse: " + minutes + " minutes at " + common.rate + " messages per second at most, seed "
                        + common.seed + "; data, logs and history in " + stage.directory);
        try (ProofCluster cluster = new ProofCluster(stage.directory, stage.nodes, stage.launcher, common.settings)) {
            cluster.startAll();
            var plan = new SparseRun.Plan(stage.directory, Duration.ofMinutes(minutes), common.rate, common.seed);
            RunReport report = new SparseRun(cluster, plan).run();
            System.out.println(
                    "sparse: " + (report.clean() ? "clean" : report.violations().size() + " VIOLATIONS"));
            return report.clean() ? CLEAN : VIOLATED;
        }
    }

    @Command(name = "cut", description = "silent cuts of the leader; run by deploy/prove inside the clients' namespace")
    int cut(@CommandLine.Mixin Common common) throws IOException, InterruptedException, TimeoutException {
        Launcher launcher =
                Launcher.inNamespaces(Launcher.script(root.resolve("deploy/tallymq"), ""), Network.NAMESPACE_PREFIX);
        common.settings.add("auth.loopback-users = none");
        List<FaultKind> kinds = List.of(FaultKind.CUT_LEADER, FaultKind.CUT_LEADER_FROM_NODES);
        List<NodeAddress> nodes = NodeAddress.hosts(Network.ADDRESS_PREFIX, NODES);
        CrashRun.Means means = new CrashRun.Means(new Network(root.resolve("deploy/prove-net")), null, null);
        Stage stage = new Stage("cut", directory(common, "cut"), nodes, launcher, means);
        return faults(kinds, common, common.features(FeatureNames.NONE), stage);
    }

    @Command(
            name = "receipts",
            description =
                    "receipts through kill -9, cuts, restarts of all and copies of the store, while producers publish"
                            + " again, make void and take each other's place; publishes with ids; reports; confirms by all nodes;"
                            + " ids and producers that are forgotten after seconds")
    int receipts(
            @CommandLine.Mixin Common common,
            @Option(names = "--only", description = "only these: ${COMPLETION-CANDIDATES}") List<FaultKind> only,
            @Option(names = "--cuts", description = "with cuts; given by deploy/prove inside the clients' namespace")
                    boolean cuts,
            @Option(
                            names = "--twin",
                            description = "a broker that keeps less than it has to, which must be convicted:"
                                    + " ${COMPLETION-CANDIDATES}")
                    Twin twin)
            throws IOException, InterruptedException, TimeoutException {
        common.settings.addAll(SHORT_LOGS);
        List<FaultKind> kinds = new ArrayList<>(List.of(
                FaultKind.KILL_LEADER,
                FaultKind.KILL_FOLLOWER,
                FaultKind.KILL_ALL,
                FaultKind.RESTART_ALL,
                FaultKind.OUTLIVED));
        if (cuts) {
            kinds.addAll(List.of(FaultKind.CUT_LEADER, FaultKind.CUT_LEADER_FROM_NODES));
            common.settings.add("auth.loopback-users = none");
        }
        Path directory = directory(common, "receipts");
        Set<Feature> features = common.features(twin == null ? RECEIPTS : FeatureNames.name(twin.feature));
        if (twin != null) {
            Stage stage = receipts("receipts", directory, cuts, twin.agent(root, directory));
            return convicts(twin, reports(only != null ? only : twin.faults, common, features, stage));
        }
        boolean forgets = features.remove(Feature.RETENTION);
        int worst = CLEAN;
        if (!features.isEmpty()) {
            Stage stage = receipts("receipts", directory, cuts, "");
            worst = faults(only != null ? only : kinds, common, features, stage);
        }
        if (forgets) {
            Path own = Files.createDirectories(directory.resolve("retention"));
            Stage stage = receipts("receipts, producers forgotten", own, cuts, ShortRetention.agent(root, own));
            kinds.removeAll(List.of(FaultKind.KILL_FOLLOWER, FaultKind.CUT_LEADER_FROM_NODES));
            worst = Math.max(worst, faults(only != null ? only : kinds, common, Set.of(Feature.RETENTION), stage));
        }
        return worst;
    }

    /** @param option of the nodes' JVMs */
    private Stage receipts(String name, Path directory, boolean cuts, String option) {
        Launcher launcher = Launcher.script(root.resolve("deploy/tallymq"), option);
        return cuts
                ? new Stage(
                        name,
                        directory,
                        NodeAddress.hosts(Network.ADDRESS_PREFIX, NODES),
                        Launcher.inNamespaces(launcher, Network.NAMESPACE_PREFIX),
                        new CrashRun.Means(new Network(root.resolve("deploy/prove-net")), null, null))
                : new Stage(name, directory, NodeAddress.loopback(NODES), launcher, CrashRun.Means.NONE);
    }

    private static int convicts(Twin twin, List<RunReport> reports) {
        boolean convicted = reports.stream()
                .anyMatch(report ->
                        !report.verdicts().get(FeatureNames.name(twin.feature)).valid());
        System.out.println(
                "receipts, twin '" + twin.text + "': " + (convicted ? "convicted, as it must be" : "NOT convicted"));
        return convicted ? CLEAN : VIOLATED;
    }

    @Command(
            name = "full",
            description = "the disk of a node runs low, or full, and gets room again; run by deploy/prove in a mount"
                    + " namespace")
    int full(
            @CommandLine.Mixin Common common,
            @Option(names = "--only", description = "only these: ${COMPLETION-CANDIDATES}") List<FaultKind> only)
            throws IOException, InterruptedException, TimeoutException {
        common.settings.addAll(0, LowDisk.SETTINGS);
        Path directory = directory(common, "full");
        List<NodeAddress> nodes = NodeAddress.loopback(NODES);
        CrashRun.Means means = new CrashRun.Means(null, null, new ProofDisks(directory, nodes));
        Launcher launcher = Launcher.script(root.resolve("deploy/tallymq"), "");
        List<FaultKind> kinds =
                only != null ? only : List.of(FaultKind.DISK_FILLS, FaultKind.DISK_TAKEN, FaultKind.DISK_USED_UP);
        return faults(kinds, common, Set.of(), new Stage("full", directory, nodes, launcher, means));
    }

    @Command(
            name = "twin",
            description = "the clients talk to proxies that confirm before they hand on: must be convicted")
    int twin(@CommandLine.Mixin Common common) throws IOException, InterruptedException, TimeoutException {
        Path directory = directory(common, "twin");
        List<LyingProxy> proxies = new ArrayList<>();
        try (ProofCluster cluster = cluster(directory, common, NodeAddress.loopback(NODES))) {
            cluster.startAll();
            cluster.nodes().forEach(node -> proxies.add(LyingProxy.before(node)));
            RunReport report = new CrashRun(
                            cluster,
                            options(common, Set.of(), directory, CrashRun.Means.NONE, LyingProxy.route(proxies)))
                    .run(List.of(FaultKind.KILL_LEADER), "twin");
            boolean convicted = report.verdicts().values().stream()
                    .anyMatch(v -> v.violations().containsKey(Rule.LOST));
            System.out.println(
                    convicted
                            ? "twin: the proxies that confirm too early were convicted, as they must be"
                            : "twin: NOT convicted: the proof can not see a lost message");
            return convicted ? CLEAN : VIOLATED;
        } finally {
            for (LyingProxy proxy : proxies) {
                proxy.close();
            }
        }
    }

    @Command(name = "memory", description = "a backlog far above the heap, then the drain in order")
    int memory(
            @CommandLine.Mixin Common common,
            @Option(names = "--messages", description = "of 1 KiB (default: 5000000, or what half the free disk holds)")
                    Long messages)
            throws IOException, InterruptedException, TimeoutException {
        Path directory = directory(common, "memory");
        long bytesPerMessage = NODES * 3 * 1024L; // its share of log, store and of what compaction writes anew
        long free = Files.getFileStore(directory).getUsableSpace();
        long count = messages != null ? messages : Math.min(5_000_000, free / 2 / bytesPerMessage);
        System.out.println("== memory: " + count + " messages of 1 KiB, -Xmx512m; data in " + directory);
        Launcher launcher = Launcher.script(root.resolve("deploy/tallymq"), "-Xmx512m");
        List<NodeAddress> nodes = NodeAddress.loopback(NODES);
        try (ProofCluster cluster = new ProofCluster(directory, nodes, launcher, common.settings)) {
            cluster.startAll();
            List<String> violations = new MemoryRun(cluster).run(count);
            violations.forEach(v -> System.out.println("  VIOLATION " + v));
            System.out.println("memory: " + (violations.isEmpty() ? "clean" : violations.size() + " VIOLATIONS"));
            return violations.isEmpty() ? CLEAN : VIOLATED;
        }
    }

    @Command(name = "check", description = "judges a history file")
    int check(
            @Parameters(paramLabel = "FILE") Path file,
            @Option(names = "--single-consumer", description = "check the real-time order too") boolean single,
            @Option(names = "--feature", description = "whose load it was: ${COMPLETION-CANDIDATES}") Feature feature) {
        Verdict verdict = feature != null
                ? HistoryChecker.check(file, feature)
                : HistoryChecker.check(file, single ? Order.REAL_TIME : Order.PER_PUBLISHER);
        System.out.println(verdict);
        return verdict.valid() ? CLEAN : VIOLATED;
    }

    // ----

    /** Where a run takes place, and with what. */
    private record Stage(
            String name, Path directory, List<NodeAddress> nodes, Launcher launcher, CrashRun.Means means) {}

    private Stage stage(Common common, String name, CrashRun.Means means) throws IOException {
        Launcher launcher = Launcher.script(root.resolve("deploy/tallymq"), "");
        return new Stage(name, directory(common, name), NodeAddress.loopback(NODES), launcher, means);
    }

    private static int faults(List<FaultKind> kinds, Common common, Set<Feature> features, Stage stage)
            throws IOException, InterruptedException, TimeoutException {
        return reports(kinds, common, features, stage).stream().allMatch(RunReport::clean) ? CLEAN : VIOLATED;
    }

    private static List<RunReport> reports(List<FaultKind> kinds, Common common, Set<Feature> features, Stage stage)
            throws IOException, InterruptedException, TimeoutException {
        System.out.println(
                "== " + stage.name + ": seed " + common.seed + "; data, logs and histories in " + stage.directory);
        List<RunReport> reports = new ArrayList<>();
        try (ProofCluster cluster = new ProofCluster(stage.directory, stage.nodes, stage.launcher, common.settings)) {
            cluster.startAll();
            for (FaultKind kind : kinds) {
                System.out.println("-- " + kind.text);
                CrashRun run =
                        new CrashRun(cluster, options(common, features, stage.directory, stage.means, Clients.DIRECT));
                RunReport report = run.run(List.of(kind), kind.name());
                limits(kind, report);
                reports.add(report);
            }
        }
        System.out.println(RunReport.header());
        reports.forEach(report -> System.out.println(report.row()));
        return reports;
    }

    private static void limits(FaultKind kind, RunReport report) {
        switch (kind) {
            case KILL_LEADER, KILL_FOLLOWER, OUTLIVED, CLOCK_RESTART -> {
                if (report.median().compareTo(KILL_LIMIT) > 0) {
                    report.violation(
                            "publishing went on after " + report.median().toMillis()
                                    + " ms in the median; the limit is " + KILL_LIMIT.toMillis() + " ms");
                }
                if (report.medianOfHeld().compareTo(report.median().plus(HELD_LIMIT)) > 0) {
                    report.violation("what a dead node's client held came again after "
                            + report.medianOfHeld().toMillis() + " ms in the median; the limit is "
                            + HELD_LIMIT.toMillis() + " ms behind the first confirm");
                }
            }
            case PAUSE_LEADER, CUT_LEADER, CUT_LEADER_FROM_NODES, CLOCK_STEP, CLOCK_SPEED -> {
                if (report.slowest().compareTo(CUT_LIMIT) > 0) {
                    report.violation("publishing went on after "
                            + report.slowest().toMillis() + " ms once; the limit is " + CUT_LIMIT.toMillis() + " ms");
                }
            }
            case KILL_ALL, RESTART_ALL, DISK_FILLS, DISK_TAKEN, DISK_USED_UP -> {}
        }
    }

    private ProofCluster cluster(Path directory, Common common, List<NodeAddress> nodes) {
        Launcher launcher = Launcher.script(root.resolve("deploy/tallymq"), "");
        return new ProofCluster(directory, nodes, launcher, common.settings);
    }

    private static CrashRun.Options options(
            Common common, Set<Feature> features, Path directory, CrashRun.Means means, Clients.Route route) {
        Duration warmUp = Duration.ofSeconds(common.warmUp);
        return new CrashRun.Options(directory, common.rounds, common.rate, features, warmUp, common.seed, means, route);
    }

    private Path directory(Common common, String name) throws IOException {
        Path directory = common.directory;
        if (directory == null) {
            Path base = Files.createDirectories(root.resolve("node/target/proof"));
            return Files.createTempDirectory(base, name + "-").toRealPath();
        }
        if (Files.exists(directory)) {
            throw new ProofException(directory + " exists already: give another with --dir");
        }
        return Files.createDirectories(directory).toRealPath();
    }
}
