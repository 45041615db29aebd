package io.tallymq.broker.dedup;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.DigestWalk;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * The keys that exchanges and queues have seen, each under its number: as many as it asks for, the oldest go first, and each for as long as
 * it asks for. All of them are in memory and in the store.
 */
public final class SeenKeys implements KeyCache {
    /** Keys of all together: each takes some hundred bytes of memory. */
    public static final int MOST = 1_000_000;

    /** @param expires milliseconds since the epoch; {@link #NEVER} */
    private record Seen(long place, long expires) {}

    private static final long NEVER = 0;
    /** Most keys that go where one comes: an entry's work is bounded, and what is over still goes faster than it comes. */
    static final int AT_ONCE = 2;

    private static final class Cache {
        final TreeMap<String, Seen> byKey = new TreeMap<>();
        /** In the order in which they came. */
        final TreeMap<Long, String> byPlace = new TreeMap<>();
    }

    private final MessageStore store;
    private final TreeMap<Long, Cache> caches = new TreeMap<>();
    /** Those of owners that are gone: their keys are taken out of the store by later entries. */
    private final ArrayDeque<Long> leaving = new ArrayDeque<>();

    private final TreeMap<Long, Cache> left = new TreeMap<>();
    private int count;

    public SeenKeys(MessageStore store) {
        this.store = store;
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

    /** Whether the owner can remember one more, if need be in place of its own oldest. */
    public boolean hasRoom(long owner) {
        return count < MOST || caches.containsKey(owner);
    }

    @Override
    public void add(long owner, String key, long now, long timeToLive, long size) {
        Cache c = caches.computeIfAbsent(owner, o -> new Cache());
        Seen before = c.byKey.get(key);
        if (before != null) {
            remove(owner, c, before.place, key);
        }
        for (int n = 0;
                n < AT_ONCE && !c.byKey.isEmpty() && (c.byKey.size() >= size || count >= MOST || isOver(c, now));
                n++) {
            Map.Entry<Long, String> oldest = c.byPlace.firstEntry();
            remove(owner, c, oldest.getKey(), oldest.getValue());
        }
        long place = c.byPlace.isEmpty() ? 1 : c.byPlace.lastKey() + 1;
        put(c, key, new Seen(place, timeToLive < 0 ? NEVER : end(now, timeToLive)));
        ByteWriter w = new ByteWriter(16 + key.length()).string(key).varint(c.byKey.get(key).expires);
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

    /** The exchange or queue is gone. */
    public void forget(long owner) {
        Cache c = caches.remove(owner);
        if (c != null) {
            count -= c.byKey.size();
            left.put(owner, c);
            leaving.add(owner);
        }
    }

    /** Whether keys are still to be taken out. */
    public boolean owes() {
        return !leaving.isEmpty();
    }

    /** Takes some keys out of the store, of owners that are gone. */
    public void step(int most) {
        for (int n = most; n > 0 && !leaving.isEmpty(); n--) {
            long owner = leaving.peek();
            Map.Entry<Long, String> some = left.get(owner).byPlace.pollFirstEntry();
            if (some == null) {
                left.remove(owner);
                leaving.poll();
            } else {
                store.delete(Keys.of(Keys.SEEN, owner, some.getKey()));
            }
        }
    }

    /** @param lives whether an exchange or queue with this number is there */
    public void restore(LongPredicate lives) {
        store.scan(Keys.of(Keys.SEEN), (k, v) -> {
            long owner = ByteReader.int64(k, 1);
            ByteReader r = new ByteReader(v);
            String key = r.string();
            Seen seen = new Seen(ByteReader.int64(k, 9), r.varint());
            TaggedFields.endRecord(r);
            put(caches.computeIfAbsent(owner, o -> new Cache()), key, seen);
        });
        caches.keySet().stream().filter(owner -> !lives.test(owner)).toList().forEach(this::forget);
    }

    /**
     * As {@link DigestWalk.Part}; a cache is a whole. Nothing for programs that do not know of it, as long as nothing is remembered. What is
     * being taken out does not count.
     */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        for (Map.Entry<Long, Cache> e : (from == null ? caches : caches.tailMap((Long) from, false)).entrySet()) {
            Cache c = e.getValue();
            d.add(e.getKey());
            c.byPlace.forEach((place, key) -> d.add(key).add(c.byKey.get(key).expires));
            units.spend(1 + c.byKey.size());
            if (units.areSpent()) {
                return e.getKey();
            }
        }
        return null;
    }
}
