package io.tallymq.amqp.settle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 1.8.3.13 basic.ack: which tags are outstanding, and what they stand for. */
class UnackedTagsTest {
    private final TagBudget budget = new TagBudget();
    private final UnackedTags tags = new UnackedTags(budget);
    private final List<String> settled = new ArrayList<>();
    private final SettleBatch.Sink sink =
            (holder, first, last) -> settled.add(holder.number() + ":" + first + "-" + last);

    @Test
    void ackOfOneTagSettlesItsMessageOnce() {
        tags.add(new Holding(7), 1, 100, 3);
        assertTrue(tags.settle(2, sink));
        assertFalse(tags.settle(2, sink), "a double ack");
        assertFalse(tags.settle(4, sink), "a tag never given");
        assertFalse(tags.settle(0, sink));
        assertEquals(List.of("7:101-101"), settled);
        assertEquals(2, tags.size());
    }

    @Test
    void multipleSettlesAllUpToTheTag() {
        Holding a = new Holding(1);
        Holding b = new Holding(2);
        tags.add(a, 1, 10, 2);
        tags.add(b, 3, 50, 2);
        tags.add(a, 5, 12, 4);
        assertTrue(tags.settle(3, sink));
        settled.clear();
        assertTrue(tags.settleUpTo(6, sink));
        assertEquals(List.of("1:10-11", "2:51-51", "1:12-13"), settled);
        assertEquals(2, tags.size());
        assertFalse(tags.settleUpTo(6, sink), "multiple with a tag that is not outstanding");
    }

    @Test
    void runsOfOneHolderAreSettledAsOneRange() {
        Holding a = new Holding(1);
        for (int i = 0; i < 1000; i++) {
            tags.add(a, 1 + i, 10 + i, 1);
        }
        tags.settleAll(sink);
        assertEquals(List.of("1:10-1009"), settled);
        assertEquals(0, tags.size());
    }

    /** The same as a map from tag to message, whatever the order of acks. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void behavesLikeAMap(long seed) {
        Random random = new Random(seed);
        Holding[] holders = {new Holding(1), new Holding(2, true), new Holding(3, true)};
        long[] seqs = {10, 20, 30};
        TreeMap<Long, String> model = new TreeMap<>();
        long next = 1;
        for (int step = 0; step < 20_000; step++) {
            int what = random.nextInt(100);
            if (what < 45) {
                int h = random.nextInt(3);
                int count = 1 + random.nextInt(5);
                seqs[h] += random.nextInt(2);
                tags.add(holders[h], next, seqs[h], count);
                for (int i = 0; i < count; i++) {
                    model.put(next++, (h + 1) + ":" + seqs[h]++);
                }
            } else {
                long tag = pick(random, model, next);
                settled.clear();
                Map<Long, String> expected;
                boolean known = model.containsKey(tag);
                assertEquals(known, tags.contains(tag));
                assertTrue(model.isEmpty() || tags.highest() >= model.lastKey());
                if (what == 99) {
                    tags.settleThrough(tag, sink);
                    expected = new TreeMap<>(model.headMap(tag, true));
                } else if (what < 97) {
                    assertEquals(known, tags.settle(tag, sink));
                    expected = known ? new TreeMap<>(Map.of(tag, model.get(tag))) : Map.of();
                } else {
                    assertEquals(known, tags.settleUpTo(tag, sink));
                    expected = known ? new TreeMap<>(model.headMap(tag, true)) : Map.of();
                }
                model.keySet().removeAll(expected.keySet());
                assertEquals(List.copyOf(expected.values()), singles());
            }
            assertEquals(model.size(), tags.size());
            assertTrue(Math.abs(budget.runs() - (TagBudget.MOST_OF_CHANNEL - tags.room())) <= 256);
            int[] ranges = {0};
            tags.forEach((holder, first, last) -> ranges[0]++);
            assertEquals(ranges[0], tags.ranges());
            if (step % 100 == 0) {
                ofEachHolder(holders, model);
            }
        }
        settled.clear();
        tags.settleAll(sink);
        assertEquals(List.copyOf(model.values()), singles());
        assertEquals(0, budget.runs());
    }

    private void ofEachHolder(Holding[] holders, NavigableMap<Long, String> model) {
        Map<Holding, Long> readers = new HashMap<>();
        for (Holding holder : holders) {
            String whose = holder.number() + ":";
            List<String> expected =
                    model.values().stream().filter(m -> m.startsWith(whose)).toList();
            settled.clear();
            tags.forEachOf(holder, sink);
            assertEquals(expected, singles());
            long first =
                    expected.isEmpty() ? -1 : Long.parseLong(expected.get(0).substring(whose.length()));
            assertEquals(first, tags.firstOf(holder));
            if (holder.isReader() && first >= 0) {
                readers.put(holder, first);
            }
        }
        assertEquals(readers, new HashMap<>(tags.firstsOfReaders()));
    }

    /** Holders go again and again, and there are others: the client may settle what it has of either, and gets the same answers. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void ofHoldersThatAreGoneItMaySettleTheSame(long seed) {
        Random random = new Random(seed);
        TreeMap<Long, Holding> model = new TreeMap<>();
        List<Holding> holders = new ArrayList<>();
        Set<Long> gone = new HashSet<>();
        long next = 1;
        for (int step = 0; step < 20_000; step++) {
            int what = random.nextInt(100);
            if (what < 50) {
                if (holders.size() < 4) {
                    holders.add(new Holding(step, random.nextBoolean()));
                }
                Holding holder = holders.get(random.nextInt(holders.size()));
                int count = 1 + random.nextInt(3);
                tags.add(holder, next, next, count);
                for (int i = 0; i < count; i++) {
                    model.put(next++, holder);
                }
                next += random.nextInt(50) == 0 ? random.nextInt(10_000) : 0; // others need no ack
            } else if (what < 53 && !holders.isEmpty()) {
                long number = holders.remove(random.nextInt(holders.size())).number();
                gone.add(number);
                tags.gone(Set.of(number));
            } else {
                long tag = pick(random, model, next);
                List<Long> expected = settle(what, tag, model);
                assertEquals(expected, tags(model, gone));
                model.keySet().removeAll(expected);
            }
            assertEquals(model.size(), tags.size());
            assertEquals(model.isEmpty(), tags.highest() == 0);
        }
        List<Long> left = List.copyOf(model.keySet());
        int most = tags.ranges();
        settled.clear();
        tags.settleAll(sink);
        assertTrue(settled.size() <= most, settled.size() + " of " + most);
        assertEquals(left, tags(model, gone));
        assertEquals(0, tags.size());
    }

    private List<Long> settle(int what, long tag, NavigableMap<Long, Holding> model) {
        boolean known = model.containsKey(tag);
        settled.clear();
        assertEquals(known, tags.contains(tag));
        if (what == 99) {
            tags.settleThrough(tag, sink);
            return List.copyOf(model.headMap(tag, true).keySet());
        }
        if (what == 98) {
            assertEquals(known, tags.settleUpTo(tag, sink));
            return known ? List.copyOf(model.headMap(tag, true).keySet()) : List.of();
        }
        if (what == 97) {
            tags.settleAllBut(kept -> kept != tag, sink);
            return known ? List.of(tag) : List.of();
        }
        assertEquals(known, tags.settle(tag, sink));
        return known ? List.of(tag) : List.of();
    }

    /** The tags of what was settled, ascending; those of holders that are there were told as theirs. */
    private List<Long> tags(Map<Long, Holding> model, Set<Long> gone) {
        List<Long> all = new ArrayList<>();
        for (String one : singles()) {
            int colon = one.indexOf(':');
            long holder = Long.parseLong(one.substring(0, colon));
            long tag = Long.parseLong(one.substring(colon + 1));
            long expected = model.get(tag).number();
            assertTrue(gone.contains(expected) ? gone.contains(holder) : holder == expected, one);
            all.add(tag);
        }
        Collections.sort(all);
        return all;
    }

    @Test
    void ofVeryManyHoldersThatAreGoneLittleIsKept() {
        long[] runs = {0};
        for (int i = 0; i < 100_000; i++) {
            tags.add(new Holding(i), 1 + 2L * i, 1, 1);
            if (tags.mayHaveGone()) {
                tags.gone(Arrays.stream(tags.holders()).boxed().collect(Collectors.toSet()));
            }
        }
        tags.forEach((holder, first, last) -> runs[0]++);
        assertTrue(runs[0] <= 257, runs[0] + " runs");
        assertEquals(100_000, tags.size());
    }

    private static long pick(Random random, NavigableMap<Long, ?> model, long next) {
        if (model.isEmpty() || random.nextInt(10) == 0) {
            return random.nextLong(next + 3);
        }
        Long at = model.ceilingKey(random.nextLong(next));
        return at == null ? model.lastKey() : at;
    }

    private List<String> singles() {
        List<String> all = new ArrayList<>();
        for (String range : settled) {
            int colon = range.indexOf(':');
            int dash = range.indexOf('-');
            long last = Long.parseLong(range.substring(dash + 1));
            for (long seq = Long.parseLong(range.substring(colon + 1, dash)); seq <= last; seq++) {
                all.add(range.substring(0, colon) + ":" + seq);
            }
        }
        return all;
    }
}
