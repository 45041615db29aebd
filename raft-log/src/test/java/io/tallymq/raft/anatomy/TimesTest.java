package io.tallymq.raft.anatomy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.raft.anatomy.Times.Recent;
import io.tallymq.raft.anatomy.Times.Total;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Buckets, percentiles and windows, with the test's own clock. */
class TimesTest {
    private static final long MILLI = 1_000_000;
    private long now = 1;
    private final Times times = new Times(() -> now);

    @Test
    void eachTimeIsInTheBucketWithItsBounds() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            long nanos = random.nextLong(1L << random.nextInt(1, 36));
            int bucket = Times.bucket(nanos);
            assertTrue(nanos < Times.bound(bucket), nanos + " in " + bucket);
            assertTrue(bucket == 0 || nanos >= Times.bound(bucket - 1), nanos + " in " + bucket);
        }
        assertEquals(Times.bucket(1L << 36), Times.bucket(Long.MAX_VALUE));
    }

    @Test
    void percentilesAreNearAndNeverAboveTheLargest() {
        for (int i = 1; i <= 100; i++) {
            times.add(i * MILLI);
        }
        Recent recent = times.recent();
        assertEquals(100, recent.count());
        assertEquals(50_500_000, recent.mean());
        assertEquals(100 * MILLI, recent.max());
        near(50 * MILLI, recent.p50());
        near(90 * MILLI, recent.p90());
        near(99 * MILLI, recent.p99());
        assertEquals(
                100, recent.buckets().stream().mapToLong(Times.Bucket::count).sum());
        assertEquals(1, recent.buckets().get(0).count());
        near(MILLI, recent.buckets().get(0).below());
    }

    private static void near(long wanted, long found) {
        assertTrue(found >= wanted && found <= wanted + wanted / 4, found + " for " + wanted);
    }

    @Test
    void whatIsOlderThanTwoWindowsIsForgottenButInTheTotal() {
        times.add(MILLI);
        now += Times.WINDOW_NANOS;
        times.add(3 * MILLI);
        assertEquals(2, times.recent().count());
        now += Times.WINDOW_NANOS;
        assertEquals(1, times.recent().count());
        times.add(5 * MILLI);
        assertEquals(2, times.recent().count());
        assertEquals(5 * MILLI, times.recent().max());
        now += 2 * Times.WINDOW_NANOS;
        assertEquals(new Recent(0, 0, 0, 0, 0, 0, List.of()), times.recent());
        assertEquals(3, times.total().count());
        assertEquals(9 * MILLI, times.total().sumNanos());
    }

    @Test
    void theTotalsBoundsAreDoublings() {
        times.add(-1);
        times.add(1023);
        times.add(1024);
        times.add(4096);
        times.add(Long.MAX_VALUE);
        Total total = times.total();
        assertEquals(1024, total.bounds()[0]);
        assertEquals(2, total.below()[0]);
        assertEquals(3, total.below()[1]);
        assertEquals(3, total.below()[2]);
        assertEquals(4, total.below()[3]);
        assertEquals(4, total.below()[total.below().length - 1]);
        assertEquals(5, total.count());
    }
}
