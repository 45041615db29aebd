package io.tallymq.broker.queue;

import io.tallymq.broker.aside.Deferred;
import io.tallymq.broker.aside.RestingRanges;
import io.tallymq.broker.lane.Attempts;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.limits.StateLimits;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.SeqRanges;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.reports.Parting;
import io.tallymq.broker.settings.RetryDelay;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.store.QueueRecords;
import java.util.ArrayList;
import java.util.List;
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

    /** The level of the state from which on what rests is bounded, and is taken out by several entries. */
    private static final int LEVEL = 5;
    /** Of a record that a purge has made void, or would have: how many purges were before, varint. */
    private static final int PURGES = 1;
    /** Messages of a range that are so many take as long to be taken out as a range. */
    private static final int PER_UNIT = 16;

    private final Queue queue;
    private final Common common;
    private final MessageStore store;
    private RestingRanges live;
    /** Those that a purge took, by the purges before: they are gone for everybody, and later entries take them out. */
    private final TreeMap<Long, RestingRanges> gone = new TreeMap<>();

    /** The same of those that were put aside. */
    private final TreeMap<Long, Deferred> goneAside = new TreeMap<>();

    private long goneBytes;
    /** Of those that were to rest, what has no room: they come back at once. */
    private final List<RestingRanges.Range> tooMany = new ArrayList<>();

    /** While some rested or were aside. */
    private long purges;

    Resting(Queue queue, Common common) {
        this.queue = queue;
        this.common = common;
        this.store = common.store();
        this.live = new RestingRanges(common.aside());
    }

    private boolean isBounded() {
        return common.level().getAsInt() >= LEVEL;
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
        takeOut(first, last, failed, wanted, now);
        tooMany.forEach(r -> queue.lanes().putReturned(r.first(), r.last()));
        tooMany.clear();
    }

    private void takeOut(long first, long last, boolean failed, long wanted, long now) {
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

    /** They rest, with their neighbours, or are {@link #tooMany}. */
    private void rest(long first, long last, long due) {
        if (!isBounded()) {
            put(first, last, due);
            return;
        }
        RestingRanges.Range before = live.before(first, due, last - first + 1);
        long from = before == null ? first : before.first();
        RestingRanges.Range behind = live.behind(last, due, last - from + 1);
        if (queue.holdings().bounds().isTooMuchBegun() || before == null && behind == null && !hasRoom()) {
            tooMany.add(new RestingRanges.Range(first, last));
            return;
        }
        if (before != null) {
            live.remove(before, due, bytes(before));
        }
        if (behind != null) {
            live.remove(behind, due, bytes(behind));
            store.delete(key(behind.first()));
        }
        put(from, behind == null ? last : behind.last(), due);
    }

    private boolean hasRoom() {
        StateLimits limits = common.limits().state();
        int ofQueue = live.ranges();
        for (RestingRanges some : gone.values()) {
            ofQueue += some.ranges();
        }
        return ofQueue < limits.ofOne(StateLimit.RESTING) && common.aside().resting() < limits.of(StateLimit.RESTING);
    }

    private void put(long first, long last, long due) {
        live.add(first, last, due, queue.lanes().bytes(first, last));
        ByteWriter w = new ByteWriter(24).varint(last - first).varint(due);
        if (purges > 0) {
            TaggedFields.write(w, PURGES, new ByteWriter(9).varint(purges).toBytes());
        }
        store.put(key(first), w.toBytes());
    }

    private byte[] key(long first) {
        return Keys.of(Keys.RESTING, queue.number(), first);
    }

    private long bytes(RestingRanges.Range r) {
        return queue.lanes().bytes(r.first(), r.last());
    }

    /** A message that has just gone back is put aside. */
    void putAside(long seq, String token, long due) {
        queue.lanes().takeReturned(seq, seq, (a, b, record) -> queue.makeAside()
                .deferred()
                .put(seq, token, due, queue.lanes().bytes(seq, seq), purges));
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
            RestingRanges.Range range = live.first();
            live.remove(range, live.due(), bytes(range));
            store.delete(key(range.first()));
            queue.lanes().putReturned(range.first(), range.last());
            queue.cameBack(range.first(), range.last());
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
        return live.isEmpty() ? Agenda.NEVER : live.due();
    }

    private long dueAside() {
        return queue.aside() == null ? Agenda.NEVER : queue.aside().deferred().due();
    }

    /** When a message that rests comes again, milliseconds since the epoch; 0 if it would take long to find out. */
    long dueOf(long seq) {
        return live.dueOf(seq, MOST_LOOKED);
    }

    /** How many come again by themselves. */
    public long count() {
        return live.count();
    }

    /** The queue is deleted: its messages go without us, and the records later; before the level they are to be had, for an end. */
    public void leave() {
        if (!isBounded()) {
            wakeAll();
            return;
        }
        gone.values().forEach(some -> common.aside().left().add(queue.number(), some));
        gone.clear();
        goneAside.values().forEach(common.aside().asideLeft()::add);
        goneAside.clear();
        goneBytes = 0;
        common.aside().left().add(queue.number(), live);
        live = new RestingRanges(common.aside());
        if (queue.aside() != null) {
            queue.aside().leave();
        }
    }

    private void wakeAll() {
        wake(Long.MAX_VALUE - 1, Integer.MAX_VALUE);
        while (aside() > 0) {
            comesBack(queue.aside().deferred().lowest());
        }
    }

    /** What a deleted queue knows beside of messages that are to be taken out with it. */
    public int leftWithQueue() {
        return isBounded() || queue.aside() == null ? 0 : queue.aside().count();
    }

    /** The queue is purged. Returns how many of those that rest or are aside go with that; {@link #takeOut} follows. */
    public long purge() {
        if (!isBounded()) {
            wakeAll();
            return 0;
        }
        long n = live.count() + aside();
        if (!live.isEmpty()) {
            gone.put(purges, live);
            goneBytes += live.bytes();
            live = new RestingRanges(common.aside());
        }
        if (aside() > 0) {
            Deferred some = queue.aside().takeDeferred();
            goneAside.put(purges, some);
            goneBytes += some.bytes();
        }
        purges += n > 0 ? 1 : 0;
        return n;
    }

    /** Whether something is left of what a purge took. */
    public boolean isTakingOut() {
        return !gone.isEmpty() || !goneAside.isEmpty();
    }

    /** Whether a purge took a message that was put aside and is still to be taken out. */
    boolean isPurged(long seq) {
        return goneAside.values().stream().anyMatch(some -> some.token(seq) != null);
    }

    /** Which of some messages that are. */
    SeqRanges gone(long first, long last) {
        SeqRanges found = new SeqRanges();
        gone.values().forEach(some -> some.within(first, last, found));
        return found;
    }

    /** Some of that goes: about so many units of work, of which it returns how many it took. */
    public int takeOut(int most) {
        int cost = takeOutRanges(most);
        while (cost < most && !goneAside.isEmpty()) {
            Deferred some = goneAside.firstEntry().getValue();
            long seq = some.lowest();
            goneBytes -= some.remove(seq);
            if (some.count() == 0) {
                goneAside.pollFirstEntry();
            }
            queue.lanes().partings().part(seq, seq, Parting.PURGED);
            cost++;
        }
        return cost;
    }

    private int takeOutRanges(int most) {
        int cost = 0;
        while (cost < most && !gone.isEmpty()) {
            RestingRanges some = gone.firstEntry().getValue();
            RestingRanges.Range range = some.first();
            long body = bytes(range);
            some.remove(range, some.due(), body);
            goneBytes -= body;
            if (some.isEmpty()) {
                gone.pollFirstEntry();
            }
            store.delete(key(range.first()));
            queue.lanes().partings().part(range.first(), range.last(), Parting.PURGED);
            cost += 1 + (int) (range.count() / PER_UNIT);
        }
        return cost;
    }

    /** Body bytes of all that rests. */
    long bytes() {
        return live.bytes() + asideBytes();
    }

    /** Body bytes of what is put aside, or gone and still to be taken out. */
    long asideBytes() {
        return goneBytes + (queue.aside() == null ? 0 : queue.aside().deferred().bytes());
    }

    /** How many are put aside. */
    public int aside() {
        return queue.aside() == null ? 0 : queue.aside().deferred().count();
    }

    /** The records of attempts are restored: those that rest have one, and are not ready. */
    void restore(QueueRecords records) {
        records.scan(Keys.RESTING, queue.number(), (k, v) -> {
            ByteReader r = new ByteReader(v);
            long first = ByteReader.int64(k, 9);
            long last = first + r.varint();
            long due = r.varint();
            long[] before = {0};
            TaggedFields.readRecord(r, (tag, value) -> {
                before[0] = tag == PURGES ? value.varint() : 0;
                return tag == PURGES;
            });
            long body = queue.lanes().bytes(first, last);
            if (before[0] == purges) {
                live.add(first, last, due, body);
            } else {
                gone.computeIfAbsent(before[0], n -> new RestingRanges(common.aside()))
                        .add(first, last, due, body);
                goneBytes += body;
            }
            queue.lanes().isNotReady(first, last);
        });
    }

    /** The same of a message that was put aside, behind {@link #restore}. */
    public void restoreAside(long seq, byte[] value) {
        long before = Deferred.purgesBefore(value);
        if (before != purges) {
            goneBytes += goneAside
                    .computeIfAbsent(before, n -> new Deferred(queue.number(), queue.vhost(), store, common.aside()))
                    .restoreVoid(seq, value);
        } else if (queue.deleted) {
            queue.makeAside().deferred().restoreVoid(seq, value);
        } else {
            queue.makeAside().deferred().restore(seq, value);
        }
        queue.lanes().isNotReady(seq, seq); // though it was tried before
    }

    /** How often it was purged while some rested or were aside; null for never. */
    byte[] encodePurges() {
        return purges == 0 ? null : new ByteWriter(9).varint(purges).toBytes();
    }

    /** Takes up what {@link #encodePurges} wrote, before {@link #restore}. */
    void decodePurges(ByteReader r) {
        purges = r.varint();
    }

    void digest(StateDigest d) {
        live.digest(d);
        gone.forEach((before, some) -> some.digest(d.add(before)));
        goneAside.forEach((before, some) -> some.digest(d.add(before)));
    }
}
