package io.tallymq.broker.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.TreeMap;
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

    /** What is stored of it is what it is, whatever changed, and of many ranges some is written only. */
    @Test
    void whatIsStoredInBlocksIsTheSame() {
        for (long seed = 0; seed < 30; seed++) {
            Random r = new Random(seed);
            TreeMap<Long, byte[]> stored = new TreeMap<>();
            int[] writes = {0};
            SeqRanges.Blocks into = new SeqRanges.Blocks() {
                @Override
                public void put(long name, byte[] block) {
                    stored.put(name, block);
                    writes[0]++;
                }

                @Override
                public void delete(long name) {
                    assertNotNull(stored.remove(name));
                }
            };
            SeqRanges ranges = new SeqRanges();
            TreeSet<Long> set = new TreeSet<>();
            for (int i = 0; i < 400; i++) {
                for (int k = r.nextInt(60); k >= 0; k--) {
                    change(r, ranges, set);
                }
                boolean many = ranges.areMany();
                writes[0] = 0;
                if (many || r.nextBoolean()) {
                    ranges.writeChanges(into);
                } else {
                    ranges.deleteBlocks(into);
                    assertFalse(ranges.haveBlocks());
                    assertTrue(stored.isEmpty());
                    continue;
                }
                ranges.writeChanges(into);
                SeqRanges read = new SeqRanges();
                stored.forEach((name, b) -> read.readBlock(name, new ByteReader(b)));
                assertSame(set, read, seed);
                if (r.nextInt(5) == 0) {
                    ranges = read;
                }
                int before = writes[0];
                change(r, ranges, set);
                ranges.writeChanges(into);
                assertTrue(writes[0] - before <= 4, "a change writes what it is about");
            }
        }
    }

    private static void change(Random r, SeqRanges ranges, TreeSet<Long> set) {
        long from = 2L * r.nextInt(3_000);
        long to = from + (r.nextInt(50) == 0 ? r.nextInt(3_000) : 0);
        if (set.subSet(from, true, to, true).isEmpty() && r.nextInt(5) > 0) {
            ranges.add(from, to);
            for (long n = from; n <= to; n++) {
                set.add(n);
            }
        } else {
            ranges.remove(from, to, (a, b) -> {});
            set.subSet(from, true, to, true).clear();
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
