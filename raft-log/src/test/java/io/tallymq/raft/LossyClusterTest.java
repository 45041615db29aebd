package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to three nodes, nothing confirmed is lost and nothing is done twice; and what would miss that is missed. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class LossyClusterTest {
    /** Runs so many seeds in place of a few: {@code -Dtallymq.seeds=100}. The fourth, on RocksDB, is run by {@link #aSeedIsARun} anyway. */
    private static final int SEEDS = Integer.getInteger("tallymq.seeds", 2);
    /** The first one. */
    private static final int FROM = Integer.getInteger("tallymq.seed", 1);

    /** Seeds that this divides run on RocksDB, the others on stores in memory. */
    private static final int ON_DISK = 4;

    private static final int MOST_WITHOUT = 40;

    @TempDir
    Path temp;

    private int runs;

    private LossyCluster.Outcome run(long seed, Set<Fix> without) throws IOException {
        return run(seed, without, LossyFaults.Kind.ALL);
    }

    private LossyCluster.Outcome run(long seed, Set<Fix> without, LossyFaults.Kind kind) throws IOException {
        if (seed % ON_DISK != 0) {
            return new LossyCluster(seed, without, LossyCluster.inMemory(), kind).run();
        }
        Path home = temp.resolve("run" + runs++);
        try {
            return new LossyCluster(seed, without, node -> new RocksLossyStores(home, node), kind).run();
        } finally {
            RocksLossyStores.remove(home);
        }
    }

    @Test
    void nothingIsLostOrDoneTwice() throws IOException {
        Map<String, Integer> faults = new TreeMap<>();
        for (long seed = FROM; seed < FROM + SEEDS; seed++) {
            try {
                LossyCluster.Outcome outcome = run(seed, Set.of());
                assertTrue(outcome.confirmed() > 0 && outcome.handed() > 0, "nothing went on");
                outcome.faults().forEach((what, n) -> faults.merge(what, n, Integer::sum));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        System.out.printf(
                "seeds %d to %d: clean, %d of them on RocksDB; %s%n",
                FROM, FROM + SEEDS - 1, (FROM + SEEDS - 1) / ON_DISK - (FROM - 1) / ON_DISK, faults);
    }

    @Test
    void aSeedIsARun() throws IOException {
        assertEquals(run(3, Set.of()), run(3, Set.of()));
        assertEquals(run(ON_DISK, Set.of()), run(ON_DISK, Set.of()));
    }

    /** Some seed has to show the fault, and to be clean with the fix in. */
    private void isMissed(Set<Fix> without, Predicate<String> fault) throws IOException {
        isMissed(1, LossyFaults.Kind.ALL, without, fault);
    }

    private void isMissed(long from, LossyFaults.Kind kind, Set<Fix> without, Predicate<String> fault)
            throws IOException {
        for (long seed = from; seed < from + MOST_WITHOUT; seed++) {
            try {
                run(seed, without, kind);
            } catch (AssertionError | RuntimeException e) {
                if (fault.test(String.valueOf(e.getMessage()))) {
                    assertTrue(run(seed, Set.of(), kind).confirmed() > 0);
                    return;
                }
            }
        }
        throw new AssertionError("nothing was missed without " + without);
    }

    /** Of the many starts that die early, one has to send something before the next one sends as much, and before that is replayed. */
    @Test
    void aStartThatTakesWhatAnEarlierOneSentForItsOwnIsFound() throws IOException {
        isMissed(
                9, // the first that shows it: those before take a minute
                LossyFaults.Kind.EARLY_KILLS,
                EnumSet.of(Fix.UNIQUE_STARTS),
                f -> f.contains("was confirmed and never came out"));
    }

    @Test
    void aTaskThatAsksAClosedStoreIsFound() throws IOException {
        isMissed(EnumSet.of(Fix.ABSENT_STORE), f -> f.contains("tasks of"));
    }

    @Test
    void aReporterThatHasEndedIsFound() throws IOException {
        isMissed(EnumSet.of(Fix.ABSENT_STORE, Fix.GUARDED_TASKS), f -> f.contains("was never told"));
    }

    /** Needs a leader that is cut off until it has just decided, and back before the others have decided the same of it. */
    @Test
    void aDecisionOfALeaderWithoutAMajorityIsFound() throws IOException {
        isMissed(
                1,
                LossyFaults.Kind.LEADERS_CUT_OFF,
                EnumSet.of(Fix.DECIDED_IN_TERM),
                f -> f.contains("was taken for lost"));
    }
}
