package io.tallymq.broker.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SeqRangesTest {
    @Test
    void agreesWithASortedSet() {
        for (long seed = 0; seed < 300; seed++) {
            Random r = new Random(seed);
            SeqRanges ranges = new SeqRanges();
            TreeSet<Long> set = new TreeSet<>();
            for (int i = 0; i < 200; i++) {
                long from = r.nextInt(120);
                long to = from + r.nextInt(12);
                if (r.nextInt(3) > 0 && set.subSet(from, true, to, true).isEmpty()) {
                    ranges.add(from, to);
                    for (long n = from; n <= to; n++) {
                        set.add(n);
                    }
                } else {
                    TreeSet<Long> expected = new TreeSet<>(set.subSet(from, true, to, true));
                    TreeSet<Long> removed = new TreeSet<>();
                    ranges.remove(from, to, (a, b) -> addAll(removed, a, b));
                    assertEquals(expected, removed, "seed " + seed);
                    set.removeAll(expected);
                }
                assertSame(set, ranges, seed);
            }
            ByteWriter w = new ByteWriter();
            ranges.write(w);
            SeqRanges read = new SeqRanges();
            read.read(new ByteReader(w.array(), 0, w.size()));
            assertSame(set, read, seed);
        }
    }

    @Test
    void neighboursBecomeOneRange() {
        SeqRanges r = new SeqRanges();
        r.add(1, 3);
        r.add(7, 9);
        r.add(4, 6);
        assertEquals(1, r.ranges());
        assertEquals(9, r.count());
        assertTrue(r.contains(5));
        assertFalse(r.contains(10));
    }

    private static void assertSame(TreeSet<Long> set, SeqRanges ranges, long seed) {
        TreeSet<Long> all = new TreeSet<>();
        ranges.forEach((a, b) -> addAll(all, a, b));
        assertEquals(set, all, "seed " + seed);
        assertEquals(set.size(), ranges.count());
        if (!set.isEmpty()) {
            assertEquals(set.first(), ranges.lowest());
        }
    }

    private static void addAll(TreeSet<Long> to, long first, long last) {
        for (long n = first; n <= last; n++) {
            to.add(n);
        }
    }
}
