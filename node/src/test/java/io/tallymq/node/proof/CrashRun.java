package io.tallymq.node.proof;

import io.tallymq.node.proof.history.Feature;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.lanes.Lanes;
import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.HeldMessages;
import io.tallymq.node.proof.load.Load;
import io.tallymq.node.proof.load.ResumeMeter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One kind of fault, round after round, under one load; then the drain and the judgement. A run is bounded in time: whatever
 * waits gives up and counts as a violation, or ends the run with a {@link ProofException}. One thread.
 */
final class CrashRun {
    private static final Duration RESUME_TIMEOUT = Duration.ofSeconds(60);
    /** Processes that start all at once, on a busy machine. */
    private static final Duration RESTART_TIMEOUT = Duration.ofSeconds(240);

    private static final Duration PAUSE = Duration.ofSeconds(10);
    /** Longer than the time after which the cluster gives a silent node up. */
    private static final Duration CUT = Duration.ofSeconds(14);

    /** In every n-th round the killed nodes stay away until the cluster has given them up. */
    private static final int LONG_ABSENCE_EVERY = 4;

    private static final Duration LONG_ABSENCE = Duration.ofSeconds(12);

    /** How far clocks are set: less than a time-out, and more than any. */
    private static final List<Duration> CLOCK_STEPS =
            List.of(Duration.ofSeconds(2), Duration.ofSeconds(90), Duration.ofHours(1), Duration.ofDays(3));

    private static final double FASTER = 1.25;
    private static final double SLOWER = 0.8;

    /**
     * How to run.
     *
     * @param rate of the load, messages per second
     * @param features that have a load of their own, which takes a part of the rate
     * @param warmUp time under load before the first fault
     * @param means of those kinds that need some
     * @param route how the load's clients reach the nodes
     */
    record Options(
            Path directory,
            int rounds,
            int rate,
            Set<Feature> features,
            Duration warmUp,
            long seed,
            Means means,
            Clients.Route route) {}

    /**
     * What faults are made with.
     *
     * @param network for cuts, else null
     * @param clocks for those kinds that set them, else null
     * @param disks for those kinds that fill them, else null
     */
    record Means(Network network, FakeClocks clocks, ProofDisks disks) {
        /** Signals are enough. */
        static final Means NONE = new Means(null, null, null);
    }

    private final ProofCluster cluster;
    private final Options options;
    private final Random random;
    /** Up to then disconnects were looked at; a time of {@link System#nanoTime}. */
    private long checkedUntil = System.nanoTime();

    /** All nodes of the cluster serve. */
    CrashRun(ProofCluster cluster, Options options) {
        this.cluster = cluster;
        this.options = options;
        this.random = new Random(options.seed);
    }

    /**
     * @param kinds one after the other in each round
     * @param name of the run: begins the names of its histories and queues
     */
    RunReport run(List<FaultKind> kinds, String name) throws IOException, InterruptedException, TimeoutException {
        RunReport report = new RunReport(
                String.join(", ", kinds.stream().map(kind -> kind.text).toList()));
        Clients clients = new Clients(cluster.nodes(), options.route);
        Clients control = new Clients(cluster.nodes(), Clients.DIRECT);
        ResumeMeter meter = new ResumeMeter();
        var all = new Load.Settings(name, options.directory, options.rate, options.seed);
        var rest = new Load.Settings(name, options.directory, Lanes.rest(options.rate, options.features), options.seed);
        try (Load load = new Load(rest, cluster.nodes(), clients, control, meter);
                Lanes lanes = new Lanes(options.features, all, cluster.nodes(), clients, control)) {
            load.start();
            lanes.start();
            Thread.sleep(options.warmUp.toMillis());
            for (int i = 1; i <= options.rounds; i++) {
                for (FaultKind kind : kinds) {
                    report.round();
                    round(kind, i, new Scene(load, lanes, clients, control, meter, report));
                }
            }
            lanes.stopPublishing();
            load.finish();
            lanes.finish();
            load.problems().forEach(report::violation);
            lanes.problems().forEach(report::violation);
            report.verdicts(load.verdicts());
            report.features(lanes.verdicts());
            report.digests(Digests.compare(cluster));
        }
        return report;
    }

    private record Scene(
            Load load, Lanes lanes, Clients clients, Clients control, ResumeMeter meter, RunReport report) {}

    private void round(FaultKind kind, int number, Scene scene) throws IOException, InterruptedException {
        List<Integer> all = cluster.numbers();
        int leader = cluster.awaitLeader(all);
        TimeUnit.MILLISECONDS.sleep(1_000 + random.nextInt(1_500));
        List<Integer> victims =
                switch (kind) {
                    case KILL_LEADER, PAUSE_LEADER, CUT_LEADER, CUT_LEADER_FROM_NODES -> List.of(leader);
                    case KILL_FOLLOWER, OUTLIVED -> List.of(follower(leader));
                    case CLOCK_RESTART, CLOCK_SPEED, DISK_FILLS, DISK_TAKEN, DISK_USED_UP ->
                        List.of(number % 2 == 0 ? leader : follower(leader));
                    case CLOCK_STEP -> List.of();
                    case KILL_ALL, RESTART_ALL -> all;
                };
        Set<Integer> struck = new HashSet<>(kind.disconnects() ? victims : List.of());
        String what = kind.name() + " " + victims + " leader " + leader + " round " + number;
        scene.lanes.fault(what);
        boolean dies = kind == FaultKind.KILL_LEADER || kind == FaultKind.KILL_FOLLOWER;
        HeldMessages held = dies ? hold(scene, kind, number, victims.get(0)) : null;
        long fault = scene.load.fault(what);
        struck.addAll(strike(kind, number, victims, fault, held, scene));
        for (int node : all) {
            cluster.awaitServing(node);
        }
        String over = HistoryEvent.Fault.OVER + ", round " + number;
        scene.load.fault(over);
        scene.lanes.fault(over);
        scene.report.digests(Digests.compare(cluster));
        scene.clients
                .lostSince(checkedUntil, struck)
                .forEach(lost -> scene.report.violation("a client of a surviving node was disconnected: " + lost));
        checkedUntil = System.nanoTime();
    }

    private HeldMessages hold(Scene scene, FaultKind kind, int number, int victim)
            throws IOException, InterruptedException {
        try {
            String queue = "held-" + kind + "-" + number + "-" + options.seed;
            List<Integer> survivors = List.copyOf(allBut(List.of(victim)));
            return HeldMessages.hold(scene.control, queue, victim, survivors.get(random.nextInt(survivors.size())));
        } catch (TimeoutException e) {
            scene.report.violation("nobody could hold messages before the fault: " + e.getMessage());
            return null;
        }
    }

    private static void comeAgain(HeldMessages held, long fault, int number, Scene scene) throws InterruptedException {
        if (held == null) {
            return;
        }
        try (held) {
            HeldMessages.Again again = held.await(fault);
            scene.report.heldCameAgain(again);
            System.out.printf(
                    Locale.ROOT,
                    "  round %d: what its client held came again after %.3f s, all of it after %.3f s%n",
                    number,
                    again.first().toNanos() / 1e9,
                    again.all().toNanos() / 1e9);
        } catch (IOException e) {
            scene.report.violation(e.getMessage());
        }
    }

    private int follower(int leader) {
        List<Integer> followers =
                cluster.numbers().stream().filter(n -> n != leader).toList();
        return followers.get(random.nextInt(followers.size()));
    }

    /** Returns the nodes that it struck besides the victims. */
    private Set<Integer> strike(
            FaultKind kind, int number, List<Integer> victims, long fault, HeldMessages held, Scene scene)
            throws IOException, InterruptedException {
        scene.meter.arm(fault, allBut(victims));
        switch (kind) {
            case KILL_LEADER, KILL_FOLLOWER -> {
                cluster.kill(victims);
                scene.lanes.away(victims);
                scene.meter.inForce();
                resumed(scene, number, RESUME_TIMEOUT);
                comeAgain(held, fault, number, scene);
                absence(number);
                scene.lanes.back(victims);
                start(victims);
            }
            case KILL_ALL, RESTART_ALL -> {
                if (kind == FaultKind.KILL_ALL) {
                    cluster.kill(victims);
                } else {
                    cluster.stop(victims);
                }
                scene.meter.arm(System.nanoTime(), new TreeSet<>(victims));
                scene.meter.inForce();
                start(victims);
                resumed(scene, number, RESTART_TIMEOUT);
            }
            case PAUSE_LEADER -> {
                cluster.pause(victims.get(0));
                scene.meter.inForce();
                resumed(scene, number, RESUME_TIMEOUT);
                sleepUntil(fault, PAUSE);
                cluster.resume(victims.get(0));
            }
            case CUT_LEADER, CUT_LEADER_FROM_NODES -> {
                options.means.network.cut(victims.get(0), kind == FaultKind.CUT_LEADER);
                scene.lanes.away(victims);
                scene.meter.inForce();
                resumed(scene, number, RESUME_TIMEOUT);
                sleepUntil(fault, CUT);
                scene.lanes.back(victims);
                options.means.network.heal();
            }
            case OUTLIVED -> {
                cluster.kill(victims);
                scene.lanes.away(victims);
                scene.meter.inForce();
                resumed(scene, number, RESUME_TIMEOUT);
                scene.lanes.back(victims);
                new LongAbsence(cluster, scene.report).comesBack(victims.get(0));
            }
            case CLOCK_RESTART -> setAndRestart(victims.get(0), number, scene);
            case CLOCK_STEP -> stepClocks(number, scene);
            case DISK_FILLS, DISK_TAKEN -> {
                LowDisk low = lowDisk(scene);
                if (kind == FaultKind.DISK_FILLS) {
                    low.fills(victims.get(0));
                } else {
                    low.taken(victims.get(0));
                }
                scene.meter.arm(System.nanoTime(), allBut(List.of()));
                scene.meter.inForce();
                resumed(scene, number, RESUME_TIMEOUT);
            }
            case DISK_USED_UP -> {
                LowDisk low = lowDisk(scene);
                boolean ended = low.usedUp(victims.get(0));
                if (!ended) {
                    low.goesOn(victims.get(0));
                }
                scene.meter.arm(System.nanoTime(), allBut(ended ? victims : List.of()));
                scene.meter.inForce();
                resumed(scene, number, RESUME_TIMEOUT);
                if (ended) {
                    low.startsAgain(victims.get(0));
                }
            }
            case CLOCK_SPEED -> {
                return Set.of(changeSpeed(victims.get(0), number, scene));
            }
        }
        return Set.of();
    }

    private LowDisk lowDisk(Scene scene) {
        return new LowDisk(cluster, options.means.disks, scene.clients, scene.report);
    }

    private Set<Integer> allBut(List<Integer> victims) {
        Set<Integer> survivors = new TreeSet<>(cluster.numbers());
        survivors.removeAll(victims);
        return survivors;
    }

    /** Killed again as soon as it serves, so that two starts may begin from the same durable state. */
    private void setAndRestart(int node, int number, Scene scene) throws IOException, InterruptedException {
        Duration by = CLOCK_STEPS.get(random.nextInt(CLOCK_STEPS.size()));
        for (Duration offset : List.of(by.negated(), by.multipliedBy(-2), by)) {
            scene.meter.arm(System.nanoTime(), allBut(List.of(node)));
            cluster.kill(List.of(node));
            scene.meter.inForce();
            resumed(scene, number, RESUME_TIMEOUT);
            options.means.clocks.offset(node, offset);
            cluster.start(node);
            cluster.awaitServing(node);
        }
    }

    /** Nobody may notice. */
    private void stepClocks(int number, Scene scene) throws InterruptedException {
        Duration by = CLOCK_STEPS.get(random.nextInt(CLOCK_STEPS.size()));
        int leader = cluster.awaitLeader(cluster.numbers());
        int follower = follower(leader);
        for (Duration offset : List.of(by, by.negated(), Duration.ZERO)) {
            options.means.clocks.offset(leader, offset);
            options.means.clocks.offset(follower, offset.negated());
            TimeUnit.NANOSECONDS.sleep(FakeClocks.SEEN.toNanos());
            scene.meter.arm(System.nanoTime(), allBut(List.of()));
            scene.meter.inForce();
            resumed(scene, number, RESUME_TIMEOUT);
        }
    }

    /** Leases and time-outs of nodes whose seconds differ: the leader, whoever that is by then, stops for a while. Returns it. */
    private int changeSpeed(int node, int number, Scene scene) throws IOException, InterruptedException {
        options.means.clocks.speed(node, random.nextBoolean() ? FASTER : SLOWER);
        cluster.kill(List.of(node));
        cluster.start(node);
        cluster.awaitServing(node);
        int leader = cluster.awaitLeader(cluster.numbers());
        long fault = System.nanoTime();
        scene.meter.arm(fault, allBut(List.of(leader)));
        cluster.pause(leader);
        scene.meter.inForce();
        resumed(scene, number, RESUME_TIMEOUT);
        sleepUntil(fault, PAUSE);
        cluster.resume(leader);
        cluster.awaitServing(leader);
        options.means.clocks.offset(node, Duration.ZERO);
        cluster.kill(List.of(node));
        cluster.start(node);
        return leader;
    }

    private void start(List<Integer> victims) throws IOException {
        for (int victim : victims) {
            cluster.start(victim);
        }
    }

    private void resumed(Scene scene, int number, Duration timeout) throws InterruptedException {
        Optional<ResumeMeter.Resumed> resumed = scene.meter.await(timeout);
        if (resumed.isEmpty()) {
            scene.report.violation("no confirm on every surviving node within " + timeout.toSeconds()
                    + " s; confirmed again on " + scene.meter.seen().keySet());
            return;
        }
        scene.report.resumed(resumed.get());
        System.out.printf(
                Locale.ROOT,
                "  round %d: confirms again after %.3f s, on every surviving node after %.3f s%n",
                number,
                resumed.get().first().toNanos() / 1e9,
                resumed.get().every().toNanos() / 1e9);
    }

    private void absence(int number) throws InterruptedException {
        Duration time = number % LONG_ABSENCE_EVERY == 0 ? LONG_ABSENCE : Duration.ofMillis(random.nextInt(3_000));
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    private static void sleepUntil(long from, Duration after) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(from + after.toNanos() - System.nanoTime());
    }
}
