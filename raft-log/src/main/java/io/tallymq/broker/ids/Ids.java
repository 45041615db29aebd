package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.receipts.Placed;
import io.tallymq.broker.settings.IdSettings;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.DigestWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * The ids of all exchanges that remember any: each for its window, and as many as its exchange wants, of which the oldest go. What is forgotten, and what
 * is left of exchanges that do not remember any more, is taken out of the store some per entry.
 */
public final class Ids {
    /** So many exchanges keep the block in memory that ids come to, 64 ids with what is known of them: for the next commit it need not be read again. */
    private static final int MOST_OPEN = 64;

    /** Most ids that go where one comes: an entry's work is bounded, and what is over still goes faster than it comes. */
    private static final int AT_ONCE = 2;

    /** Units of reading an id that is there, with its neighbours, from wherever in the store: 6 to 12 us, 10 times one that is new. A slice is 20 ms of that. */
    private static final int READ = 20;

    private static final int BYTES_PER_WORK = 512;

    private record Due(long time, long number) implements Comparable<Due> {
        @Override
        public int compareTo(Due o) {
            int c = Long.compare(time, o.time);
            return c != 0 ? c : Long.compare(number, o.number);
        }
    }

    private final MessageStore store;
    private final LongSupplier newNumber;
    private final LongSupplier awayUntil;
    private final int most;
    private final TreeMap<Long, IdSet> byExchange = new TreeMap<>();
    /** Also those that are forgotten. */
    private final TreeMap<Long, IdSet> byNumber = new TreeMap<>();

    private final TreeMap<Long, IdSet> leaving = new TreeMap<>();
    private final TreeSet<Due> due = new TreeSet<>();
    /** These are due as of this end of a time without a cluster. */
    private long dueSince;
    /** What changed since the last commit. */
    private final List<IdSet> dirty = new ArrayList<>();
    /** Of these the block that ids come to is in memory, too. */
    private final List<IdSet> open = new ArrayList<>();

    private long count;

    /**
     * Made once.
     *
     * @param newNumber numbers never given before
     * @param awayUntil when there was no cluster last, milliseconds since the epoch: nothing could come again before, so what is remembered is
     *     remembered for its window from then on
     */
    public Ids(MessageStore store, LongSupplier newNumber, LongSupplier awayUntil) {
        this(store, newNumber, awayUntil, IdSettings.MOST);
    }

    Ids(MessageStore store, LongSupplier newNumber, LongSupplier awayUntil, int most) {
        this.awayUntil = awayUntil;
        this.store = store;
        this.newNumber = newNumber;
        this.most = most;
    }

    /** Whether no exchange remembers ids. */
    public boolean isEmpty() {
        return byExchange.isEmpty();
    }

    /** How many are remembered; those are among them whose time is over and that are not taken out yet. */
    public long count() {
        return count;
    }

    /** Those of an exchange, by its number; null if it remembers none. */
    public IdSet of(long exchange) {
        return byExchange.get(exchange);
    }

    /** An exchange goes by these from now on, null: it does not remember. With another kind of id it begins anew. */
    public void goBy(long exchange, IdSettings settings, long now) {
        IdSet s = byExchange.get(exchange);
        if (s != null && (settings == null || !settings.isBySame(s.settings()))) {
            forget(exchange);
            s = null;
        }
        if (settings == null || s != null && s.settings().equals(settings)) {
            return;
        }
        if (s == null) {
            s = new IdSet(newNumber.getAsLong(), exchange, settings, now, store);
            byExchange.put(exchange, s);
            byNumber.put(s.number(), s);
        }
        s.goBy(settings);
        changed(s);
    }

    /** The exchange is gone, or does not remember any more. */
    public void forget(long exchange) {
        IdSet s = byExchange.remove(exchange);
        if (s != null) {
            count -= s.size();
            s.leaves = true;
            leaving.put(s.number(), s);
            changed(s);
        }
    }

    /** When its oldest is to go. */
    private long due(IdSet s) {
        return s.due(awayUntil.getAsLong());
    }

    private void changed(IdSet s) {
        if (!s.dirty) {
            s.dirty = true;
            dirty.add(s);
        }
        arrange(s);
    }

    /** Puts it where it stands among what is due. */
    private void arrange(IdSet s) {
        long at = s.leaves ? IdSet.NEVER : due(s);
        if (at != s.dueAt) {
            due.remove(new Due(s.dueAt, s.number()));
            s.dueAt = at;
            if (at != IdSet.NEVER) {
                due.add(new Due(at, s.number()));
            }
        }
    }

    /** What is there of an id, be its time over or not; null for nothing. */
    public Kept find(IdSet s, byte[] id) {
        return s.find(id);
    }

    /** What {@link #find} and {@link #add} begin with: for who does both. */
    public long hash(IdSet s, byte[] id) {
        return s.hash(id);
    }

    /** The same, of an id whose {@link #hash} is known. */
    public Kept find(IdSet s, byte[] id, long hash) {
        return s.find(id, hash);
    }

    /**
     * Units of publishes' work of having looked for what {@link #find} found last, and of telling something of it: it is read, with its neighbours and
     * all the places where it stands, and what later entries told is written with that of its neighbours.
     */
    public int work(IdSet s, Kept found) {
        return found == null
                ? 1
                : READ + found.places().size() + s.read() / BYTES_PER_WORK + s.beside() / BYTES_PER_WORK;
    }

    /** As {@link IdIndex#touch}. */
    public int touch(IdSet s, long[] hashes) {
        return s.touch(hashes);
    }

    /** Whether the exchange still remembers it. */
    public boolean isKnown(IdSet s, Kept k, long now) {
        return s.isKnown(k, now, awayUntil.getAsLong());
    }

    /** Whether an exchange can remember one more, if need be in place of its own oldest. */
    public boolean hasRoom(IdSet s) {
        return count < most || s.size() > 0;
    }

    /**
     * An id has come that is not known. It counts from now on.
     *
     * @param hash its {@link #hash}
     * @param scheduled the number of the scheduled message that it is; 0: none
     * @param isVoid nothing came, and nothing may
     * @return its place in the order in which the exchange's ids came
     */
    public long add(IdSet s, byte[] id, long hash, Stamp entry, long scheduled, boolean isVoid) {
        for (int n = 0; n < AT_ONCE && s.size() > 0 && (s.isFull() || count >= most || due(s) <= entry.time()); n++) {
            s.takeOldest();
            count--;
        }
        long place = s.add(id, hash, entry, scheduled, isVoid);
        count++;
        changed(s);
        return place;
    }

    /** What {@link #add} added with this entry stands in these queues. */
    public void stands(IdSet s, long place, int queues, List<Placed> places) {
        s.stands(place, queues, places);
        changed(s);
    }

    /** As {@link IdSet#now}. */
    Kept now(IdSet s, Kept found) {
        return s.now(found);
    }

    /** What {@link #find} found stands in these queues now. */
    public void moved(IdSet s, Kept k, int queues, List<Placed> places) {
        s.put(k.at(queues, places));
        changed(s);
    }

    /** What {@link #find} found came again. */
    public void again(IdSet s, Kept k) {
        s.put(k.again());
        changed(s);
    }

    /** When some are to go next, milliseconds since the epoch; {@link Long#MAX_VALUE}: never. While there are any, a pause in the log's time tells that there was no cluster. */
    public long next() {
        return due.isEmpty() ? Long.MAX_VALUE : due.first().time;
    }

    /** Whether ids are to be taken out at this time. */
    public boolean owes(long now) {
        return !leaving.isEmpty() || !due.isEmpty() && due.first().time <= now;
    }

    /** Some of what is over goes, and some of what is left of exchanges that do not remember any more. */
    public void step(long now, int units) {
        int left = units;
        if (dueSince != awayUntil.getAsLong()) {
            dueSince = awayUntil.getAsLong();
            byExchange.values().forEach(this::arrange);
        }
        while (left > 0 && !due.isEmpty() && due.first().time <= now) {
            IdSet s = byNumber.get(due.first().number);
            while (left > 0 && due(s) <= now) {
                s.takeOldest();
                left--;
                count--;
            }
            changed(s);
        }
        while (left > 0 && !leaving.isEmpty()) {
            IdSet s = leaving.firstEntry().getValue();
            while (left > 0 && s.size() > 0) {
                s.takeOldest();
                left--;
            }
            changed(s);
            if (s.size() == 0) {
                s.isGone = true;
                leaving.remove(s.number());
                byNumber.remove(s.number());
                left--;
            }
        }
    }

    /** What changed is written. */
    public void write() {
        dirty.forEach(IdSet::write);
    }

    /** What was written can be read. */
    public void committed() {
        open.stream().filter(s -> !s.dirty).forEach(IdSet::letGo);
        open.clear();
        for (IdSet s : dirty) {
            s.committed();
            if (open.size() < MOST_OPEN) {
                open.add(s);
            } else {
                s.letGo();
            }
        }
        dirty.clear();
    }

    /** Finds what the store has; of the ids themselves only where they are. */
    public void restore() {
        store.scan(Keys.of(Keys.IDS), (k, v) -> {
            IdSet s = IdSet.read(ByteReader.int64(k, 1), v, store);
            byNumber.put(s.number(), s);
            if (s.leaves) {
                leaving.put(s.number(), s);
            } else {
                byExchange.put(s.exchange(), s);
                count += s.size();
                s.dueAt = due(s);
                if (s.dueAt != IdSet.NEVER) {
                    due.add(new Due(s.dueAt, s.number()));
                }
            }
        });
        dueSince = awayUntil.getAsLong();
        byExchange.values().forEach(IdSet::fillIndex);
    }

    /** As {@link DigestWalk.Part}. What is being taken out counts, for it decides when later entries come to what. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        for (Map.Entry<Long, IdSet> e : (from == null ? byNumber : byNumber.tailMap((Long) from, false)).entrySet()) {
            e.getValue().digest(d);
            units.spend(1);
            if (units.areSpent()) {
                return e.getKey();
            }
        }
        return null;
    }
}
