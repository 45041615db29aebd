package io.tallymq.broker.queue;

import io.tallymq.broker.aside.Deferred;
import io.tallymq.broker.lane.Attempts;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.settings.RetryDelay;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.Map;
import java.util.TreeMap;

/**
 * x-delayed-retry: messages that a client gave back and that rest before they come again, in their old place. Nobody has them meanwhile, and
 * they are not to be had. And those that a client put aside, see {@link Deferred}: they rest until somebody names their token, or their
 * time comes.
 */
public final class Resting {
    /** In place of a delay: the message does not come back, something else becomes of it. */
    static final long NOT_BACK = -1;

    /** Times that are looked through to find a message's. */
    private static final int MOST_LOOKED = 16;

    private final Queue queue;
    private final MessageStore store;
    /** By the time when they come again: the last number of each range by its first. What order they came in does not count. */
    private final TreeMap<Long, TreeMap<Long, Long>> byDue = new TreeMap<>();

    private long count;
    /** Body bytes of these. */
    private long bytes;

    Resting(Queue queue, MessageStore store) {
        this.queue = queue;
        this.store = store;
    }

    /**
     * Of some messages that went back those rest that have to.
     *
     * @param wanted so many milliseconds, if it is not 0: who gave them back said so; {@link #NOT_BACK}
     */
    void settleDown(long first, long last, boolean failed, long wanted, long now) {
        if (wanted == NOT_BACK) {
            return;
        }
        if (wanted > 0) {
            queue.lanes().takeReturned(first, last, (a, b, record) -> rest(a, b, now + wanted));
            return;
        }
        RetryDelay delay = queue.settings().retryDelay();
        if (delay == null || !(failed ? delay.afterFailure() : delay.afterReturn())) {
            return;
        }
        queue.lanes().takeReturned(first, last, (a, b, record) -> {
            int times = failed ? Attempts.failures(record) : Math.max(1, Attempts.returns(record));
            rest(a, b, now + delay.millis(times));
        });
    }

    private void rest(long first, long last, long due) {
        add(first, last, due);
        ByteWriter w = new ByteWriter(16).varint(last - first).varint(due);
        store.put(Keys.of(Keys.RESTING, queue.number(), first), w.toBytes());
    }

    private void add(long first, long last, long due) {
        byDue.computeIfAbsent(due, d -> new TreeMap<>()).put(first, last);
        count += last - first + 1;
        bytes += queue.lanes().bytes(first, last);
    }

    /** A message that has just gone back is put aside. */
    void putAside(long seq, String token, long due) {
        queue.lanes().takeReturned(seq, seq, (a, b, record) -> queue.makeAside()
                .deferred()
                .put(seq, token, due, queue.lanes().bytes(seq, seq)));
    }

    private void comesBack(long seq) {
        queue.aside().deferred().remove(seq);
        queue.lanes().putReturned(seq, seq);
        queue.cameBack(seq, seq);
    }

    /** Those that have rested are to be had again: at most so many ranges of them. Returns how many these were. */
    public int wake(long now, int most) {
        int n = 0;
        while (n < most && dueOfRanges() <= now) {
            TreeMap<Long, Long> some = byDue.firstEntry().getValue();
            Map.Entry<Long, Long> range = some.pollFirstEntry();
            if (some.isEmpty()) {
                byDue.pollFirstEntry();
            }
            count -= range.getValue() - range.getKey() + 1;
            bytes -= queue.lanes().bytes(range.getKey(), range.getValue());
            store.delete(Keys.of(Keys.RESTING, queue.number(), range.getKey()));
            queue.lanes().putReturned(range.getKey(), range.getValue());
            queue.cameBack(range.getKey(), range.getValue());
            n++;
        }
        for (; n < most && dueAside() <= now; n++) {
            comesBack(queue.aside().deferred().first());
        }
        return n;
    }

    /** When the first come again, milliseconds since the epoch; {@link Agenda#NEVER}. */
    long due() {
        return Math.min(dueOfRanges(), dueAside());
    }

    private long dueOfRanges() {
        return byDue.isEmpty() ? Agenda.NEVER : byDue.firstKey();
    }

    private long dueAside() {
        return queue.aside() == null ? Agenda.NEVER : queue.aside().deferred().due();
    }

    /** When a message that rests comes again, milliseconds since the epoch; 0 if it would take long to find out. */
    long dueOf(long seq) {
        if (byDue.size() <= MOST_LOOKED) {
            for (Map.Entry<Long, TreeMap<Long, Long>> e : byDue.entrySet()) {
                Map.Entry<Long, Long> range = e.getValue().floorEntry(seq);
                if (range != null && range.getValue() >= seq) {
                    return e.getKey();
                }
            }
        }
        return 0;
    }

    /** How many come again by themselves. */
    public long count() {
        return count;
    }

    /** The queue is purged or deleted: they are to be had, for an end. */
    public void wakeAll() {
        wake(Long.MAX_VALUE - 1, Integer.MAX_VALUE);
        while (aside() > 0) {
            comesBack(queue.aside().deferred().lowest());
        }
    }

    /** Body bytes of all that rests. */
    long bytes() {
        return bytes + asideBytes();
    }

    /** Body bytes of what is put aside. */
    long asideBytes() {
        return queue.aside() == null ? 0 : queue.aside().deferred().bytes();
    }

    /** How many are put aside. */
    public int aside() {
        return queue.aside() == null ? 0 : queue.aside().deferred().count();
    }

    /** The records of attempts are restored: those that rest have one, and are not ready. */
    void restore() {
        store.scan(Keys.of(Keys.RESTING, queue.number()), (k, v) -> {
            ByteReader r = new ByteReader(v);
            long first = ByteReader.int64(k, 9);
            long last = first + r.varint();
            add(first, last, r.varint());
            TaggedFields.endRecord(r);
            queue.lanes().isNotReady(first, last);
        });
    }

    void digest(StateDigest d) {
        byDue.forEach((due, ranges) -> {
            d.add(due);
            ranges.forEach((first, last) -> d.add(first).add(last));
        });
    }
}
