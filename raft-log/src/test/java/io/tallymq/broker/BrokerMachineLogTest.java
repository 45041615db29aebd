package io.tallymq.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.limits.WorkLimits;
import io.tallymq.broker.logs.LogRun;
import io.tallymq.broker.logs.Op;
import io.tallymq.store.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Random logs against the machine. A log that fails is cut down to the shortest one that still fails and printed with its
 * seed. More and longer logs: {@code -Dtallymq.logs=2000 -Dtallymq.log.length=2000 -Dtallymq.seed=1}.
 */
class BrokerMachineLogTest {
    private static final int LOGS = Integer.getInteger("tallymq.logs", 150);
    private static final int LENGTH = Integer.getInteger("tallymq.log.length", 400);
    private static final long SEED = Long.getLong("tallymq.seed", 20_261_122L);
    /** Low enough for the random logs to reach them. */
    private static final StateLimits LIMITED = new StateLimits(3, 6, 3, 8, 6, 4, 5);

    private static final WorkLimits WORK = new WorkLimits(5, 1, 1, 1, 2);
    static final MachineLimits SMALL = new MachineLimits(2, 5, 3, 200, 60, 5, WORK, 1, 20, LIMITED);
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
        assertTrue(LOGS < 100 || stops.size() == Reply.Stop.values().length, stops.toString());
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

    private static void forAll(int length, Consumer<List<Op>> property) {
        for (int i = 0; i < LOGS; i++) {
            List<Op> ops = Op.random(SEED + i, length);
            Throwable failure = failure(property, ops);
            if (failure != null) {
                List<Op> small = shrink(property, ops);
                Throwable why = failure(property, small);
                fail("seed " + (SEED + i) + ", shrunk to " + small.size() + " steps: " + small, why);
            }
        }
    }

    private static Throwable failure(Consumer<List<Op>> property, List<Op> ops) {
        try {
            property.accept(ops);
            return null;
        } catch (RuntimeException | AssertionError e) {
            return e;
        }
    }

    /** Leaves out ever smaller pieces as long as the log still fails. */
    private static List<Op> shrink(Consumer<List<Op>> property, List<Op> failing) {
        List<Op> ops = new ArrayList<>(failing);
        for (int size = ops.size() / 2; size > 0; size /= 2) {
            for (int at = 0; at + size <= ops.size(); ) {
                List<Op> less = new ArrayList<>(ops.subList(0, at));
                less.addAll(ops.subList(at + size, ops.size()));
                if (failure(property, less) != null) {
                    ops = less;
                } else {
                    at += size;
                }
            }
        }
        return ops;
    }
}
