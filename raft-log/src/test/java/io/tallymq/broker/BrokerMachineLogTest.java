package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.logs.FeatureOp;
import io.tallymq.broker.logs.FeatureRun;
import io.tallymq.broker.logs.LogRun;
import io.tallymq.broker.logs.Logs;
import io.tallymq.broker.logs.Op;
import io.tallymq.store.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Random logs against the machine. A log that fails is cut down to the shortest one that still fails and printed with its
 * seed. More and longer logs: {@code -Dtallymq.logs=2000 -Dtallymq.log.length=2000 -Dtallymq.seed=1}.
 */
class BrokerMachineLogTest {
    private static final int LOGS = Integer.getInteger("tallymq.logs", 60);
    private static final int LENGTH = Integer.getInteger("tallymq.log.length", 400);
    private static final long SEED = Long.getLong("tallymq.seed", 20_261_122L);
    /** Low enough for the random logs to reach them. */
    private static final StateLimits LIMITED = FewThings.of(3, 6, 3, 8, 6, 4, 5).with(StateLimit.UPLOADS, 3, 2);

    private static final WorkLimits WORK = new WorkLimits(5, 1, 1, 1, 2);
    static final MachineLimits SMALL = new MachineLimits(2, 5, 3, 200, 60, 5, WORK, 1, 20, LIMITED);
    private static final MachineLimits FEATURES_SMALL = new MachineLimits(
            2,
            5,
            3,
            200,
            60,
            5,
            new WorkLimits(5, 1, 6, 6, 2),
            1,
            20,
            FewThings.of(8, 20, 18, 12, 6, 5, 8).with(StateLimit.DEAD_LETTERS, 5, 2));
    private static final MachineLimits SMALL_BUT_RESIDENT =
            new MachineLimits(1_000, 100_000, 3, 200, 60, 5, WORK, 1, 20, LIMITED);

    @Test
    void conservationOrderAndCredit() {
        forAll(LENGTH, ops -> new LogRun(new MemoryStore(0), false).run(ops));
    }

    @Test
    void sameLogSameStateRepliesAndEffects() {
        forAll(LENGTH, ops -> {
            LogRun one = new LogRun(new MemoryStore(), false);
            LogRun other = new LogRun(new MemoryStore(0), true);
            one.run(ops);
            other.run(ops);
            assertEquals(one.transcript(), other.transcript());
            assertEquals(one.machine().digest(), other.machine().digest());
        });
    }

    @Test
    void restoredAtEveryIndexItGoesOnTheSame() {
        forAll(LENGTH / 4, ops -> {
            LogRun straight = new LogRun(new MemoryStore(0), true);
            straight.run(ops);
            LogRun restarted = new LogRun(new MemoryStore(0), true);
            for (Op op : ops) {
                restarted.step(op);
                restarted.restart();
            }
            restarted.commit();
            assertEquals(straight.transcript(), restarted.transcript());
            assertEquals(straight.machine().digest(), restarted.machine().digest());
        });
    }

    /** Consumers with a filter come to all their bounds. */
    @Test
    void whoFiltersIsStoppedInEveryWay() {
        Map<Reply.Stop, Integer> stops = new TreeMap<>();
        forAll(LENGTH, ops -> {
            LogRun run = new LogRun(new MemoryStore(0), false, SMALL);
            run.run(ops);
            run.stops().forEach((why, n) -> stops.merge(why, n, Integer::sum));
        });
        assertTrue(LOGS < 60 || stops.size() == Reply.Stop.values().length, stops.toString());
    }

    /** Two chunks in memory, three messages a chunk: backlogs reach the store and come back from it. */
    @Test
    void withBacklogsBeyondMemory() {
        forAll(LENGTH, ops -> {
            LogRun one = new LogRun(new MemoryStore(0), false, SMALL);
            LogRun other = new LogRun(new MemoryStore(0), true, SMALL_BUT_RESIDENT);
            one.run(ops);
            other.run(ops);
            assertEquals(one.transcript(), other.transcript());
            assertEquals(one.machine().digest(), other.machine().digest());
        });
    }

    @Test
    void withBacklogsBeyondMemoryRestoredAtEveryIndex() {
        forAll(LENGTH / 4, ops -> {
            LogRun straight = new LogRun(new MemoryStore(0), true, SMALL);
            straight.run(ops);
            LogRun restarted = new LogRun(new MemoryStore(0), true, SMALL);
            for (Op op : ops) {
                restarted.step(op);
                restarted.restart();
            }
            restarted.commit();
            assertEquals(straight.transcript(), restarted.transcript());
            assertEquals(straight.machine().digest(), restarted.machine().digest());
        });
    }

    /** A crash between any two slices of a run of publishes changes nothing. */
    @Test
    void restoredWithinEntriesItGoesOnTheSame() {
        int[] interruptions = new int[1];
        forAll(LENGTH / 4, ops -> {
            LogRun straight = new LogRun(new MemoryStore(0), true, SMALL);
            straight.run(ops);
            LogRun interrupted = new LogRun(new MemoryStore(0), true, SMALL);
            interrupted.restartWithinEntries();
            interrupted.run(ops);
            assertEquals(straight.transcript(), interrupted.transcript());
            assertEquals(straight.machine().digest(), interrupted.machine().digest());
            interruptions[0] += interrupted.interruptions();
        });
        assertTrue(interruptions[0] > LOGS / 2, interruptions[0] + " crashes within an entry in all logs");
    }

    /** What is taken out by later entries is taken out in the end, also when the node restarts in between. */
    @Test
    void nothingIsLeftInTheStoreWhenAllIsRemoved() {
        forAll(LENGTH / 2, ops -> {
            LogRun run = new LogRun(new MemoryStore(0), false, SMALL);
            run.run(ops);
            run.removeAll();
        });
    }

    /** All that the broker can do, mixed: each message is in one place, and what is left in the end can be had. */
    @Test
    void withAllFeaturesEachMessageIsInOnePlace() {
        forAllFeatures(15, LENGTH, (limits, ops) -> {
            FeatureRun run = new FeatureRun(limits, true, true);
            run.run(ops);
            run.fetchAll();
        });
    }

    @Test
    void withAllFeaturesSameLogSameStateRepliesAndEffects() {
        forAllFeatures(8, LENGTH, (limits, ops) -> {
            FeatureRun one = new FeatureRun(limits, false, false);
            FeatureRun other = new FeatureRun(limits.withResidentInAll(100_000), true, false);
            one.run(ops);
            other.run(ops);
            Logs.assertSame(one.transcript(), other.transcript());
        });
    }

    @Test
    void withAllFeaturesRestoredAtEveryIndexItGoesOnTheSame() {
        forAllFeatures(8, LENGTH / 2, (limits, ops) -> {
            FeatureRun straight = new FeatureRun(limits, true, false);
            straight.run(ops);
            FeatureRun restarted = new FeatureRun(limits, true, false);
            for (FeatureOp op : ops) {
                restarted.step(op);
                restarted.restart();
            }
            restarted.end();
            Logs.assertSame(straight.transcript(), restarted.transcript());
        });
    }

    @Test
    void withAllFeaturesRestoredWithinEntriesItGoesOnTheSame() {
        int[] interruptions = new int[1];
        forAllFeatures(8, LENGTH / 2, (limits, ops) -> {
            FeatureRun straight = new FeatureRun(limits, true, false);
            straight.run(ops);
            FeatureRun interrupted = new FeatureRun(limits, true, false);
            interrupted.restartWithinEntries();
            interrupted.run(ops);
            Logs.assertSame(straight.transcript(), interrupted.transcript());
            interruptions[0] += interrupted.interruptions();
        });
        assertTrue(interruptions[0] > 0, interruptions[0] + " crashes within an entry in all logs");
    }

    @Test
    void withAllFeaturesNothingIsLeftInTheStoreWhenAllIsRemoved() {
        forAllFeatures(8, LENGTH / 2, (limits, ops) -> {
            FeatureRun run = new FeatureRun(limits, false, false);
            run.run(ops);
            run.removeAll();
        });
    }

    @Test
    void withAllFeaturesAVirtualHostGoesWithAllThatIsInIt() {
        forAllFeatures(12, LENGTH / 4, (limits, ops) -> {
            FeatureRun run = new FeatureRun(limits, true, false);
            int last = Math.max(0, ops.size() - 4);
            run.run(ops.subList(0, last));
            run.removeVhost(ops.subList(last, ops.size()));
        });
    }

    private static void forAll(int length, Consumer<List<Op>> property) {
        Logs.forAll(SEED, LOGS, seed -> Op.random(seed, length), (seed, ops) -> property.accept(ops));
    }

    /**
     * Logs of all that the broker can do; every other one with limits that little reaches.
     *
     * @param logs unless it is said how many
     */
    private static void forAllFeatures(int logs, int length, BiConsumer<MachineLimits, List<FeatureOp>> property) {
        Logs.forAll(
                SEED,
                Integer.getInteger("tallymq.logs", logs),
                seed -> FeatureOp.random(seed, length),
                (seed, ops) -> property.accept(seed % 2 == 0 ? FEATURES_SMALL : MachineLimits.FORMAT_1, ops));
    }
}
