package io.tallymq.broker.dedup;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.DigestWalk;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;

/**
 * The keys that exchanges and queues have seen, each under its number: as many as it asks for, the oldest go first, and each for as long as
 * it asks for. All of them are in memory and in the store.
 */
public final class SeenKeys implements KeyCache {
    /** @param expires milliseconds since the epoch; {@link #NEVER} */
    private record Seen(long place, long expires) {}

    private static final long NEVER = 0;
    /** In place of a time: it was over before all messages. */
    private static final long OVER = 1;
    /** The level of the state from which on an owner may live on without what it has seen, and what is being taken out counts. */
    public static final int LEVEL = 5;

    /** In the place of a key: the owner has forgotten all that stand before the place that is told here. */
    private static final long MARK = 0;
    /** In place of a place. */
    private static final long NOTHING = -1;
    /** Most keys that go where one comes: an entry's work is bounded, and what is over still goes faster than it comes. */
    static final int AT_ONCE = 2;

    private static final class Cache {
        final TreeMap<String, Seen> byKey = new TreeMap<>();
        /** In the order in which they came. */
        final TreeMap<Long, String> byPlace = new TreeMap<>();
    }

    /** How far a walk is: of one owner up to a place. */
    private record Digested(long owner, long upTo) {}

    private final MessageStore store;
    private final IntSupplier level;
    private final int most;
    private final TreeMap<Long, Cache> caches = new TreeMap<>();
    /**
     * Of owners that are gone, or remember other things now, by their places: these keys are taken out of the store by later entries, owner by owner, for
     * places begin anew when all of one's are out.
     */
    private final TreeMap<Long, TreeMap<Long, String>> leaving = new TreeMap<>();
    /** By owner, while some of its keys are leaving: the place behind the last of them. */
    private final TreeMap<Long, Long> beginnings = new TreeMap<>();

    private int count;
    private int leavingKeys;

    /**
     * Made once.
     *
     * @param level of the state
     * @param most keys of all together
     */
    public SeenKeys(MessageStore store, IntSupplier level, int most) {
        this.store = store;
        this.level = level;
        this.most = most;
    }

    @Override
    public int most() {
        return most;
    }

    /** Keys that are remembered. */
    public int count() {
        return count;
    }

    /** How many of them are this owner's. */
    long count(long owner) {
        Cache c = caches.get(owner);
        return c == null ? 0 : c.byKey.size();
    }

    /** The owner's, the oldest first. */
    Iterable<String> keys(long owner) {
        Cache c = caches.get(owner);
        return c == null ? List.of() : c.byPlace.values();
    }

    /** Whether it is there, be its time over or not. */
    boolean contains(long owner, String key) {
        Cache c = caches.get(owner);
        return c != null && c.byKey.containsKey(key);
    }

    @Override
    public boolean has(long owner, String key, long now) {
        Cache c = caches.get(owner);
        Seen s = c == null ? null : c.byKey.get(key);
        return s != null && (s.expires == NEVER || s.expires > now);
    }

    @Override
    public boolean hasRoom(long owner) {
        return used(count) < most || caches.containsKey(owner);
    }

    /** The same, where so many are remembered of which so many are the owner's. Below that level nobody asked ahead. */
    boolean hasRoom(long remembered, long its) {
        return level.getAsInt() < LEVEL || used(remembered) < most || its > 0;
    }

    /** So many that are remembered, and what is not taken out yet. */
    private long used(long remembered) {
        return level.getAsInt() < LEVEL ? remembered : remembered + leavingKeys;
    }

    /**
     * Whether one of its own has to go for the one that comes, with so many that are remembered. Only the first goes for what is being taken out.
     *
     * @param n how many have gone for it
     */
    boolean isCrowded(long remembered, int n) {
        return remembered >= most || n == 0 && used(remembered) >= most;
    }

    @Override
    public void add(long owner, String key, long now, long timeToLive, long size) {
        Cache c = caches.computeIfAbsent(owner, o -> new Cache());
        final long next = next(owner, c);
        Seen before = c.byKey.get(key);
        if (before != null) {
            remove(owner, c, before.place, key);
        }
        for (int n = 0;
                n < AT_ONCE && !c.byKey.isEmpty() && (c.byKey.size() >= size || isCrowded(count, n) || isOver(c, now));
                n++) {
            Map.Entry<Long, String> oldest = c.byPlace.firstEntry();
            remove(owner, c, oldest.getKey(), oldest.getValue());
        }
        long place = level.getAsInt() < LEVEL ? next(owner, c) : next;
        Seen came = new Seen(place, timeToLive < 0 ? NEVER : end(now, timeToLive));
        put(c, key, came);
        write(owner, place, key, came.expires);
    }

    /** Before room is made for it: the place of the last one is not used again. */
    private long next(long owner, Cache c) {
        return c.byPlace.isEmpty() ? beginnings.getOrDefault(owner, 1L) : c.byPlace.lastKey() + 1;
    }

    private void write(long owner, long place, String key, long number) {
        ByteWriter w = new ByteWriter(16 + key.length()).string(key).varint(number);
        store.put(Keys.of(Keys.SEEN, owner, place), w.toBytes());
    }

    /** A client may say any number: what would be beyond all times is the last one. */
    private static long end(long now, long timeToLive) {
        return now + Math.min(Math.max(1, timeToLive), Long.MAX_VALUE - now);
    }

    private static boolean isOver(Cache c, long now) {
        long expires = c.byKey.get(c.byPlace.firstEntry().getValue()).expires;
        return expires != NEVER && expires <= now;
    }

    private void put(Cache c, String key, Seen seen) {
        c.byKey.put(key, seen);
        c.byPlace.put(seen.place, key);
        count++;
    }

    private void remove(long owner, Cache c, long place, String key) {
        c.byKey.remove(key);
        c.byPlace.remove(place);
        count--;
        store.delete(Keys.of(Keys.SEEN, owner, place));
    }

    /** Where the owner has the key, for {@link #forget(long, String, long)}; 0: nowhere. */
    public long place(long owner, String key) {
        Cache c = caches.get(owner);
        Seen s = c == null ? null : c.byKey.get(key);
        return s == null ? 0 : s.place;
    }

    /** What came with this key never comes: it counts as not seen, unless the key came again since. Its place stays, as that of one whose time is over. */
    public void forget(long owner, String key, long place) {
        Cache c = caches.get(owner);
        Seen s = c == null ? null : c.byKey.get(key);
        if (s != null && s.place == place) {
            c.byKey.put(key, new Seen(place, OVER));
            write(owner, place, key, OVER);
        }
    }

    /** The exchange or queue is gone, or from now on remembers something else. */
    public void forget(long owner) {
        Cache c = caches.remove(owner);
        if (c == null) {
            return;
        }
        count -= c.byKey.size();
        if (level.getAsInt() >= LEVEL) {
            long next = c.byPlace.lastKey() + 1;
            beginnings.put(owner, next);
            write(owner, MARK, "", next);
        }
        leave(owner, c);
    }

    private void leave(long owner, Cache c) {
        leaving.computeIfAbsent(owner, o -> new TreeMap<>()).putAll(c.byPlace);
        leavingKeys += c.byPlace.size();
    }

    /** Whether keys are still to be taken out. */
    public boolean owes() {
        return !leaving.isEmpty();
    }

    /** Takes some keys out of the store that are forgotten. */
    public void step(int atMost) {
        for (int n = atMost; n > 0 && !leaving.isEmpty(); n--) {
            long owner = leaving.firstKey();
            TreeMap<Long, String> byPlace = leaving.firstEntry().getValue();
            long place = byPlace.pollFirstEntry().getKey();
            store.delete(Keys.of(Keys.SEEN, owner, place));
            leavingKeys--;
            if (beginnings.getOrDefault(owner, 0L) == place + 1) {
                beginnings.remove(owner);
                store.delete(Keys.of(Keys.SEEN, owner, MARK));
            }
            if (byPlace.isEmpty()) {
                leaving.pollFirstEntry();
            }
        }
    }

    /** @param lives whether an exchange or queue with this number is there */
    public void restore(LongPredicate lives) {
        TreeMap<Long, Cache> left = new TreeMap<>();
        store.scan(Keys.of(Keys.SEEN), (k, v) -> {
            long owner = ByteReader.int64(k, 1);
            ByteReader r = new ByteReader(v);
            String key = r.string();
            Seen seen = new Seen(ByteReader.int64(k, 9), r.varint());
            TaggedFields.endRecord(r);
            if (seen.place == MARK) {
                beginnings.put(owner, seen.expires);
            } else if (seen.place < beginnings.getOrDefault(owner, 0L) || !lives.test(owner)) {
                left.computeIfAbsent(owner, o -> new Cache()).byPlace.put(seen.place, key);
            } else {
                put(caches.computeIfAbsent(owner, o -> new Cache()), key, seen);
            }
        });
        left.forEach(this::leave);
    }

    /**
     * As {@link DigestWalk.Part}; below the level a cache is a whole. Nothing for programs that do not know of it, as long as nothing is remembered. Of
     * what is being taken out the number counts.
     */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        Digested before = (Digested) from;
        for (Map.Entry<Long, Cache> e : (before == null ? caches : caches.tailMap(before.owner)).entrySet()) {
            boolean isBegun = before != null && before.owner == e.getKey();
            long upTo = digest(d, e, isBegun ? before.upTo : NOTHING, units);
            if (units.areSpent()) {
                return new Digested(e.getKey(), upTo);
            }
        }
        if (level.getAsInt() >= LEVEL && leavingKeys > 0) {
            d.add((long) leavingKeys);
        }
        return null;
    }

    /** Returns the place up to which it is digested. */
    private long digest(StateDigest d, Map.Entry<Long, Cache> of, long before, DigestWalk.Units units) {
        if (before == NOTHING) {
            d.add(of.getKey());
            units.spend(1);
        }
        Cache c = of.getValue();
        for (Map.Entry<Long, String> e : c.byPlace.tailMap(before, false).entrySet()) {
            d.add(e.getValue()).add(c.byKey.get(e.getValue()).expires);
            units.spend(1);
            if (units.areSpent() && level.getAsInt() >= LEVEL) {
                return e.getKey();
            }
        }
        return Long.MAX_VALUE;
    }
}
