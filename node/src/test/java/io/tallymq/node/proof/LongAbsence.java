package io.tallymq.node.proof;

import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A node that is away until the others have cut off what it lacks comes back while the log goes on growing: it needs a copy of the
 * store, and has to be quicker than the log is cut. One thread.
 */
final class LongAbsence {
    /** Until the others have cut their logs. */
    private static final Duration CUT_TIMEOUT = Duration.ofMinutes(10);

    /** From its start until it confirms. */
    private static final Duration CATCH_UP_LIMIT = Duration.ofSeconds(60);

    /** Copies that one return may take: the first may have been overtaken once. */
    private static final int COPIES = 2;

    private static final long FILL_BYTES_PER_SECOND = 16L << 20;
    private static final long POLL_MILLIS = 200;
    private static final String FETCHED = "Fetched a checkpoint";

    private final ProofCluster cluster;
    private final RunReport report;

    LongAbsence(ProofCluster cluster, RunReport report) {
        this.cluster = cluster;
        this.report = report;
    }

    /** @param victim is dead already */
    void comesBack(int victim) throws IOException, InterruptedException {
        List<Integer> others =
                cluster.numbers().stream().filter(n -> n != victim).toList();
        long lacks = cluster.api(others.get(0)).committed();
        Clients clients = new Clients(cluster.nodes(), Clients.DIRECT);
        try (Filler filler = new Filler(clients, cluster.nodes().size(), "filler", FILL_BYTES_PER_SECOND, true)) {
            awaitCut(others, lacks);
            long fetchedBefore = fetched(victim);
            long begun = System.nanoTime();
            cluster.start(victim);
            cluster.awaitServing(victim);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            long copies = fetched(victim) - fetchedBefore;
            System.out.printf(
                    Locale.ROOT,
                    "  back and confirming %.1f s after its start, with %d copies of the store%n",
                    took.toMillis() / 1e3,
                    copies);
            if (copies == 0) {
                report.violation("node " + victim + " needed no copy of the store: it was not away long enough");
            }
            if (copies > COPIES) {
                report.violation("node " + victim + " took " + copies + " copies of the store");
            }
            if (took.compareTo(CATCH_UP_LIMIT) > 0) {
                report.violation("node " + victim + " took " + took.toSeconds() + " s to catch up; the limit is "
                        + CATCH_UP_LIMIT.toSeconds() + " s");
            }
        }
    }

    private void awaitCut(List<Integer> others, long lacks) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + CUT_TIMEOUT.toNanos();
        for (int node : others) {
            while (RaftFiles.kept(cluster.data(node)).first() <= lacks + 1) {
                if (System.nanoTime() > deadline) {
                    throw new ProofException("node " + node + " still keeps entry "
                            + RaftFiles.kept(cluster.data(node)).first() + " after " + CUT_TIMEOUT.toMinutes()
                            + " minutes; it had to cut its log above " + lacks);
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
    }

    private long fetched(int node) throws IOException {
        return Files.readAllLines(cluster.log(node)).stream()
                .filter(line -> line.contains(FETCHED))
                .count();
    }
}
