package io.tallymq.broker.queue;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.settings.RetryDelay;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * x-delayed-retry: messages that a client gave back and that rest before they come again, in their old place. Nobody has them meanwhile, and
 * they are not to be had.
 */
public final class Resting {
    /** Some messages, by their numbers. */
    private record Range(long first, long last) {}

    private final Queue queue;
    private final MessageStore store;
    /** By the time when they come again. */
    private final TreeMap<Long, List<Range>> byDue = new TreeMap<>();

    private long count;

    Resting(Queue queue, MessageStore store) {
        this.queue = queue;
        this.store = store;
    }

    /** Of some messages that went back those rest that have to. */
    void settleDown(long first, long last, boolean failed, long now) {
        RetryDelay delay = queue.settings().retryDelay();
        if (delay == null || !(failed ? delay.afterFailure() : delay.afterReturn())) {
            return;
        }
        queue.lanes().takeReturned(first, last, (a, b, record) -> {
            int times = failed ? Attempts.failures(record) : Math.max(1, Attempts.returns(record));
            rest(new Range(a, b), now + delay.millis(times));
        });
    }

    private void rest(Range r, long due) {
        byDue.computeIfAbsent(due, d -> new ArrayList<>()).add(r);
        count += r.last - r.first + 1;
        ByteWriter w = new ByteWriter(16).varint(r.last - r.first).varint(due);
        store.put(Keys.of(Keys.RESTING, queue.number(), r.first), w.toBytes());
    }

    /** Those that have rested are to be had again: at most so many ranges of them. Returns how many these were. */
    public int wake(long now, int most) {
        int n = 0;
        while (n < most && due() <= now) {
            List<Range> some = byDue.firstEntry().getValue();
            Range r = some.remove(some.size() - 1);
            if (some.isEmpty()) {
                byDue.pollFirstEntry();
            }
            forget(r);
            queue.lanes().putReturned(r.first, r.last);
            n++;
        }
        return n;
    }

    private void forget(Range r) {
        count -= r.last - r.first + 1;
        store.delete(Keys.of(Keys.RESTING, queue.number(), r.first));
    }

    /** When the first come again, milliseconds since the epoch; {@link Agenda#NEVER}. */
    long due() {
        return byDue.isEmpty() ? Agenda.NEVER : byDue.firstKey();
    }

    long count() {
        return count;
    }

    /** The queue is purged or deleted: they are to be had, for an end. */
    public void wakeAll() {
        wake(Long.MAX_VALUE - 1, Integer.MAX_VALUE);
    }

    /** The records of attempts are restored: those that rest have one, and are not ready. */
    void restore() {
        store.scan(Keys.of(Keys.RESTING, queue.number()), (k, v) -> {
            ByteReader r = new ByteReader(v);
            long first = ByteReader.int64(k, 9);
            Range range = new Range(first, first + r.varint());
            byDue.computeIfAbsent(r.varint(), d -> new ArrayList<>()).add(range);
            TaggedFields.endRecord(r);
            count += range.last - range.first + 1;
            queue.lanes().isNotReady(range.first, range.last);
        });
    }

    void digest(StateDigest d) {
        for (Map.Entry<Long, List<Range>> e : byDue.entrySet()) {
            d.add(e.getKey());
            for (Range r : e.getValue()) {
                d.add(r.first).add(r.last);
            }
        }
    }
}
