package io.tallymq.raft.log;

import io.tallymq.disk.Directories;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.log.state.ReplicatedState;
import io.tallymq.raft.log.state.ReplicatedState.Position;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Three nodes in this JVM, one thread that submits on the leader. Not a test: run {@code main} with a directory, entry
 * bytes, entries in flight, seconds of warm-up and of measurement.
 */
public final class LogBench {
    private LogBench() {}

    /** Applies nothing, remembers when. */
    private static final class Clock implements ReplicatedState {
        private final ConcurrentHashMap<Long, Long> appliedAt = new ConcurrentHashMap<>();
        private volatile Position applied = Position.NONE;
        private volatile boolean measuring;

        @Override
        public void apply(long term, long index, byte[] bytes, int off, int len) {
            applied = new Position(term, index);
            if (measuring) {
                appliedAt.put(index, System.nanoTime());
            }
        }

        @Override
        public void advance(long term, long index) {
            applied = new Position(term, index);
        }

        @Override
        public void tell() {
            // nobody listens
        }

        @Override
        public void flush() {
            // nothing is gathered
        }

        @Override
        public boolean isAwaited() {
            return true;
        }

        @Override
        public Position applied() {
            return applied;
        }

        @Override
        public Position durable() {
            return applied;
        }

        @Override
        public void forceDurable() {
            // always is
        }

        @Override
        public Path checkpoint(Path parent) {
            throw new AssertionError("nothing here asks for this");
        }

        @Override
        public Position install(Path checkpointDir) {
            throw new AssertionError("nothing here asks for this");
        }

        @Override
        public void leaderChanged(String leaderNodeIdOrNull, long term) {
            // asked for instead
        }
    }

    public static void main(String[] args) throws Exception {
        Path base = Files.createTempDirectory(Path.of(args[0]), "bench");
        int warmUp = Integer.parseInt(args[1]);
        int seconds = Integer.parseInt(args[2]);
        try (TestCluster ports = new TestCluster(base, RaftTuning.DEFAULTS)) {
            List<Clock> clocks = new ArrayList<>();
            List<RaftNode> nodes = new ArrayList<>();
            for (String id : List.of("n0", "n1", "n2")) {
                Clock clock = new Clock();
                RaftNode node = new RaftNode(ports.config(id), clock, new TestCluster.Batches(), (reason, cause) -> {
                    System.out.println("FATAL " + reason);
                    Runtime.getRuntime().halt(1);
                });
                node.start();
                clocks.add(clock);
                nodes.add(node);
            }
            TestCluster.await("a leader", () -> nodes.stream().anyMatch(RaftNode::isLeader));
            RaftNode leader =
                    nodes.stream().filter(RaftNode::isLeader).findFirst().orElseThrow();
            for (int a = 3; a + 1 < args.length; a += 2) {
                int bytes = Integer.parseInt(args[a]);
                int inFlight = Integer.parseInt(args[a + 1]);
                run(leader, bytes, inFlight, Duration.ofSeconds(warmUp), clocks, null);
                run(leader, bytes, inFlight, Duration.ofSeconds(seconds), clocks, leader);
            }
            nodes.forEach(RaftNode::close);
        } finally {
            Directories.delete(base);
        }
    }

    private static void run(
            RaftNode node, int bytes, int inFlight, Duration time, List<Clock> clocks, RaftNode leaderOrNull)
            throws Exception {
        clocks.forEach(c -> c.measuring = leaderOrNull != null);
        byte[] entry = new byte[bytes];
        new Random(5).nextBytes(entry);
        Semaphore permits = new Semaphore(inFlight);
        ConcurrentHashMap<Long, Long> submittedAt = new ConcurrentHashMap<>();
        AtomicLong done = new AtomicLong();
        long switches = contextSwitches();
        long cpu = cpuNanos();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        while (System.nanoTime() < end) {
            permits.acquire();
            long at = System.nanoTime();
            node.submit(entry, 0, bytes).whenComplete((position, e) -> {
                if (e != null) {
                    System.out.println("failed " + e);
                } else {
                    submittedAt.put(position.index(), at);
                    done.incrementAndGet();
                }
                permits.release();
            });
        }
        permits.acquire(inFlight);
        double elapsed = (System.nanoTime() - start) / 1e9;
        double cpuMicros = (cpuNanos() - cpu) / 1e3;
        double switchesPerEntry = (contextSwitches() - switches) / (double) done.get();
        if (leaderOrNull == null) {
            return;
        }
        long last = node.appliedIndex();
        TestCluster.await("the followers", () -> clocks.stream().allMatch(c -> c.applied.index() >= last));
        StringBuilder lags = new StringBuilder();
        for (Clock clock : clocks) {
            lags.append(percentiles(submittedAt, clock)).append("  ");
            clock.appliedAt.clear();
        }
        System.out.printf(
                "%d B x %d: %.0f entries/s %.1f MB/s, cpu %.0f us/entry %.1f us/KiB, %.1f waits/entry, load %.1f, p50/p99 ms per node: %s%n",
                bytes,
                inFlight,
                done.get() / elapsed,
                done.get() / elapsed * bytes / 1e6,
                cpuMicros / done.get(),
                cpuMicros / done.get() / bytes * 1024,
                switchesPerEntry,
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                lags);
    }

    private static String percentiles(ConcurrentHashMap<Long, Long> submitted, Clock clock) {
        long[] nanos = submitted.entrySet().stream()
                .filter(e -> clock.appliedAt.containsKey(e.getKey()))
                .mapToLong(e -> clock.appliedAt.get(e.getKey()) - e.getValue())
                .toArray();
        Arrays.sort(nanos);
        if (nanos.length == 0) {
            return "-";
        }
        return String.format("%.2f/%.1f", nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 99 / 100] / 1e6);
    }

    /** How often a thread of this process had to wait. */
    private static long contextSwitches() throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                sum += contextSwitches(task);
            }
        }
        return sum;
    }

    private static long contextSwitches(Path task) {
        try {
            for (String line : Files.readAllLines(task.resolve("status"))) {
                if (line.startsWith("voluntary_ctxt_switches:")) {
                    return Long.parseLong(line.substring(line.indexOf(':') + 1).trim());
                }
            }
        } catch (IOException e) {
            return 0; // the thread has ended
        }
        return 0;
    }

    /** Of Java's own threads: compiler and collector, which cost most in the first minutes, are left out. */
    private static long cpuNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (long id : threads.getAllThreadIds()) {
            sum += Math.max(0, threads.getThreadCpuTime(id));
        }
        return sum;
    }
}
