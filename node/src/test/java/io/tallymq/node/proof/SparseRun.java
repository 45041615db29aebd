package io.tallymq.node.proof;

import com.rabbitmq.client.Connection;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryChecker;
import io.tallymq.node.proof.history.HistoryEvent.Drained;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.Order;
import io.tallymq.node.proof.history.Verdict;
import io.tallymq.node.proof.load.Clients;
import io.tallymq.node.proof.load.LoadConsumer;
import io.tallymq.node.proof.load.LoadPublisher;
import io.tallymq.node.proof.load.PlainLetters;
import io.tallymq.node.proof.load.ResumeMeter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Small messages, one at a time, each an entry of the log or two, for a long time: memory and log must not grow with the number of
 * entries, and a start afterwards must not take longer. One publisher and one consumer on each node. One thread.
 */
final class SparseRun {
    private static final String QUEUE = "sparse";
    private static final int PREFETCH = 10;

    /** Measurements over the time of the run; the first one comes after the first part of it. */
    private static final int MEASUREMENTS = 6;

    private static final long ALLOWED_GROWTH_MIB = 32;
    private static final long ALLOWED_LOG_MIB = 256;
    private static final Duration ALLOWED_START = Duration.ofSeconds(10);
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(90);
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration JOIN = Duration.ofSeconds(90);

    /**
     * What to run.
     *
     * @param directory of the history
     * @param rate of all publishers together, messages per second at most
     */
    record Plan(Path directory, Duration time, int rate, long seed) {}

    private final ProofCluster cluster;
    private final Plan plan;
    private final Clients clients;
    private final RunReport report = new RunReport(QUEUE);
    private final List<LoadPublisher> publishers = new ArrayList<>();
    private final List<LoadConsumer> consumers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** All nodes of the cluster serve. */
    SparseRun(ProofCluster cluster, Plan plan) {
        this.cluster = cluster;
        this.plan = plan;
        this.clients = new Clients(cluster.nodes(), Clients.DIRECT);
    }

    RunReport run() throws IOException, InterruptedException, TimeoutException {
        declare();
        try (HistoryLog history = new HistoryLog(plan.directory.resolve(QUEUE + ".history"))) {
            start(history);
            load();
            finish(history);
            report.digests(Digests.compare(cluster));
            restart();
            Verdict verdict = judge(history);
            System.out.println("  " + verdict);
        }
        return report;
    }

    private void declare() throws IOException, TimeoutException {
        Connection connection = clients.connect(1, "declare");
        try {
            connection.createChannel().queueDeclare(QUEUE, true, false, false, Map.of());
        } finally {
            Clients.close(connection);
        }
    }

    private void start(HistoryLog history) {
        ResumeMeter unused = new ResumeMeter();
        int rate = Math.max(1, plan.rate / cluster.nodes().size());
        for (int node : cluster.numbers()) {
            var consume = new LoadConsumer.Plan(node, "c" + node, QUEUE, PREFETCH, 0);
            consumers.add(new LoadConsumer(consume, clients, history, plan.seed * 100 + node));
            var letters = new PlainLetters("", QUEUE, false);
            var publish = new LoadPublisher.Plan(node, "p" + node, 1, rate, Body.Mix.TINY, letters);
            publishers.add(new LoadPublisher(publish, clients, history, unused, plan.seed * 10_000 + node));
        }
        consumers.forEach(this::run);
        publishers.forEach(this::run);
    }

    private void run(Runnable what) {
        Thread thread = new Thread(what, QUEUE + threads.size());
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    private void load() throws IOException, InterruptedException {
        List<long[]> heaps = new ArrayList<>();
        long begun = System.nanoTime();
        for (int i = 1; i <= MEASUREMENTS; i++) {
            long due = begun + plan.time.toNanos() / MEASUREMENTS * i;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            heaps.add(measure(Duration.ofNanos(System.nanoTime() - begun)));
        }
        for (int i = 0; i < cluster.nodes().size(); i++) {
            long first = heaps.get(0)[i];
            long last = heaps.get(heaps.size() - 1)[i];
            if (last - first > ALLOWED_GROWTH_MIB) {
                report.violation("node " + (i + 1) + ": the heap in use grew from " + first + " to " + last + " MiB");
            }
        }
    }

    private long[] measure(Duration after) throws IOException, InterruptedException {
        long[] heaps = new long[cluster.nodes().size()];
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "  %6.1f min, entry %d: heap after GC (resident), log in MiB:",
                after.toSeconds() / 60.0,
                cluster.api(1).committed()));
        for (int i = 0; i < heaps.length; i++) {
            int node = i + 1;
            long pid = cluster.pid(node);
            heaps[i] = JvmMemory.heapAfterGc(pid);
            RaftFiles.Kept kept = RaftFiles.kept(cluster.data(node));
            long log = kept.bytes() >> 20;
            text.append(String.format(
                    Locale.ROOT,
                    " node %d: %d (%d), %d from entry %d",
                    node,
                    heaps[i],
                    JvmMemory.resident(pid),
                    log,
                    kept.first()));
            if (log > ALLOWED_LOG_MIB) {
                report.violation("node " + node + " keeps " + log + " MiB of log");
            }
        }
        System.out.println(text);
        return heaps;
    }

    private void finish(HistoryLog history) throws IOException, InterruptedException, TimeoutException {
        publishers.forEach(LoadPublisher::stop);
        long deadline = System.nanoTime() + DRAIN_LIMIT.toNanos();
        while (!consumers.stream().allMatch(c -> System.nanoTime() - c.lastDelivery() > QUIET.toNanos())) {
            if (System.nanoTime() > deadline) {
                report.violation("messages still come " + DRAIN_LIMIT.toSeconds() + " s after the last publish");
                break;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        consumers.forEach(LoadConsumer::stop);
        for (Thread thread : threads) {
            thread.join(JOIN.toMillis());
        }
        for (LoadPublisher p : publishers) {
            if (p.problem() != null || p.hanging() > 0) {
                report.violation(p.name() + ": " + p.problem() + ", " + p.hanging() + " publishes without an answer");
            }
        }
        for (int node : cluster.numbers()) {
            Connection connection = clients.connect(node, "depth");
            try {
                long depth = connection.createChannel().messageCount(QUEUE);
                history.add(t -> new Drained(t, QUEUE, depth));
            } finally {
                Clients.close(connection);
            }
        }
    }

    /** One node, then all at once: how long until they confirm. */
    private void restart() throws IOException, InterruptedException {
        started("one node", List.of(cluster.nodes().size()));
        started("all nodes", cluster.numbers());
    }

    private void started(String what, List<Integer> numbers) throws IOException, InterruptedException {
        cluster.kill(numbers);
        long begun = System.nanoTime();
        for (int node : numbers) {
            cluster.start(node);
        }
        for (int node : numbers) {
            cluster.awaitServing(node);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        System.out.printf(Locale.ROOT, "  %s started in %.1f s%n", what, took.toMillis() / 1e3);
        if (took.compareTo(ALLOWED_START.multipliedBy(numbers.size())) > 0) {
            report.violation(what + " took " + took.toSeconds() + " s to start");
        }
    }

    private Verdict judge(HistoryLog history) {
        history.close();
        Verdict verdict = HistoryChecker.check(history.file(), Order.PER_PUBLISHER);
        report.verdicts(Map.of(QUEUE, verdict));
        return verdict;
    }
}
