package io.tallymq.broker.aside;

import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import java.util.Map;
import java.util.TreeMap;

/** Ranges of messages that rest, by the time when they come again. What order they came in does not count. */
public final class RestingRanges {
    /** A range does not grow beyond so many messages by its neighbours: what wakes together is bounded. */
    private static final int MOST_JOINED = 1_024;

    /** Some messages, both ends among them. */
    public record Range(long first, long last) {
        public long count() {
            return last - first + 1;
        }
    }

    /** The last number of each range by its first. */
    private final TreeMap<Long, TreeMap<Long, Long>> byDue = new TreeMap<>();

    private final AsideTotals totals;
    private int ranges;
    private long count;
    private long bytes;

    public RestingRanges(AsideTotals totals) {
        this.totals = totals;
    }

    public boolean isEmpty() {
        return ranges == 0;
    }

    public int ranges() {
        return ranges;
    }

    /** Messages. */
    public long count() {
        return count;
    }

    /** Body bytes of these. */
    public long bytes() {
        return bytes;
    }

    /** When the first come again; there are some. */
    public long due() {
        return byDue.firstKey();
    }

    public void add(long first, long last, long due, long body) {
        byDue.computeIfAbsent(due, d -> new TreeMap<>()).put(first, last);
        ranges++;
        totals.resting++;
        count += last - first + 1;
        bytes += body;
    }

    /** The neighbour of this message that comes again at the same time and may become one with so many; null for none. */
    public Range before(long first, long due, long more) {
        TreeMap<Long, Long> some = byDue.get(due);
        Map.Entry<Long, Long> e = some == null ? null : some.lowerEntry(first);
        return e == null || e.getValue() != first - 1 ? null : joining(new Range(e.getKey(), e.getValue()), more);
    }

    /** The same behind it. */
    public Range behind(long last, long due, long more) {
        TreeMap<Long, Long> some = byDue.get(due);
        Long end = some == null ? null : some.get(last + 1);
        return end == null ? null : joining(new Range(last + 1, end), more);
    }

    private static Range joining(Range r, long more) {
        return r.count() + more <= MOST_JOINED ? r : null;
    }

    /** @param body bytes of its messages' bodies */
    public void remove(Range r, long due, long body) {
        TreeMap<Long, Long> some = byDue.get(due);
        some.remove(r.first);
        if (some.isEmpty()) {
            byDue.remove(due);
        }
        ranges--;
        totals.resting--;
        count -= r.count();
        bytes -= body;
    }

    /** The first of those that come first; there are some. */
    public Range first() {
        Map.Entry<Long, Long> e = byDue.firstEntry().getValue().firstEntry();
        return new Range(e.getKey(), e.getValue());
    }

    /** When a message comes again; 0 if it does not, or if it would take a look at more than so many times to find out. */
    public long dueOf(long seq, int most) {
        if (byDue.size() <= most) {
            for (Map.Entry<Long, TreeMap<Long, Long>> e : byDue.entrySet()) {
                Map.Entry<Long, Long> range = e.getValue().floorEntry(seq);
                if (range != null && range.getValue() >= seq) {
                    return e.getKey();
                }
            }
        }
        return 0;
    }

    /** What it has of some messages. It looks at all of it. */
    public void within(long first, long last, SeqRanges found) {
        for (TreeMap<Long, Long> some : byDue.values()) {
            Long from = some.floorKey(first);
            for (Map.Entry<Long, Long> e :
                    some.subMap(from == null ? first : from, true, last, true).entrySet()) {
                long begin = Math.max(first, e.getKey());
                long end = Math.min(last, e.getValue());
                if (begin <= end) {
                    found.add(begin, end);
                }
            }
        }
    }

    public void digest(StateDigest d) {
        byDue.forEach((due, some) -> {
            d.add(due);
            some.forEach((first, last) -> d.add(first).add(last));
        });
    }
}
