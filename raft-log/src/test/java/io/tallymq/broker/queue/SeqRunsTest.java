package io.tallymq.broker.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tallymq.broker.lane.Attempts;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.QueueRecords;
import io.tallymq.broker.store.SeqRuns;
import io.tallymq.store.MemoryStore;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class SeqRunsTest {
    private static final int NUMBERS = 40;
    private static final IntUnaryOperator[] WAYS = {Attempts::failed, Attempts::returned, Attempts::released};

    @Test
    void runsSayTheSameAsARecordPerMessage() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            SeqRuns runs = new SeqRuns(Keys.ATTEMPTS);
            TreeMap<Long, Integer> model = new TreeMap<>();
            MemoryStore store = new MemoryStore(0);
            for (int step = 0; step < 60; step++) {
                long from = random.nextInt(NUMBERS);
                long to = from + random.nextInt(NUMBERS / 4);
                if (random.nextInt(4) == 0) {
                    runs.forget(from, to);
                    model.subMap(from, true, to, true).clear();
                } else {
                    IntUnaryOperator how = WAYS[random.nextInt(WAYS.length)];
                    runs.change(from, to, how);
                    for (long n = from; n <= to; n++) {
                        model.put(n, how.applyAsInt(model.getOrDefault(n, Attempts.NONE)));
                    }
                }
                runs.writeDirty(store, 1);
                store.commit(new MessageStore.Applied(1, step, 1, 1));
                SeqRuns restored = new SeqRuns(Keys.ATTEMPTS);
                restored.restore(new QueueRecords(store), 1);
                for (long n = 0; n < 2 * NUMBERS; n++) {
                    assertEquals(model.getOrDefault(n, Attempts.NONE), runs.at(n), "seed " + seed + ", number " + n);
                    assertEquals(runs.at(n), restored.at(n), "seed " + seed + ", number " + n + " restored");
                }
            }
        }
    }

    /** 4 million messages of one consumer that goes took 4 million records, and the heap of all nodes with them. */
    @Test
    void whatGoesBackTogetherIsOneRun() {
        SeqRuns runs = new SeqRuns(Keys.ATTEMPTS);
        for (int chunk = 0; chunk < 4_000; chunk++) {
            runs.change(chunk * 1_000L, chunk * 1_000L + 999, Attempts::failed);
        }
        int[] n = {0};
        runs.forEach((first, last) -> n[0]++);
        assertEquals(1, n[0]);
        assertEquals(3_999_999, runs.endOfRun(0));
        runs.forget(0, Long.MAX_VALUE);
        assertEquals(Attempts.NONE, runs.at(17));
    }
}
