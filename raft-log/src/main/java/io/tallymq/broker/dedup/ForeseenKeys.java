package io.tallymq.broker.dedup;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What {@link SeenKeys} will have seen behind messages that are only looked at so far, at one moment. It changes nothing and costs what
 * it is told, not what is remembered.
 */
public final class ForeseenKeys implements KeyCache {
    private final class Cache {
        final long owner;
        /** Those that are there, the oldest first; some of them may have gone. */
        final Iterator<String> old;

        final Set<String> gone = new TreeSet<>();
        final ArrayDeque<String> come = new ArrayDeque<>();
        final Set<String> known = new TreeSet<>();
        long size;
        /** The oldest that is there and has not gone; null behind the last one. */
        String oldest;

        Cache(long owner) {
            this.owner = owner;
            this.old = seen.keys(owner).iterator();
            this.size = seen.count(owner);
            next();
        }

        private void next() {
            do {
                oldest = old.hasNext() ? old.next() : null;
            } while (oldest != null && gone.contains(oldest));
        }

        void remove(String key) {
            gone.add(key);
            less();
            if (key.equals(oldest)) {
                next();
            }
        }

        void removeOldest() {
            if (oldest != null) {
                remove(oldest);
            } else {
                known.remove(come.poll());
                less();
            }
        }

        private void less() {
            size--;
            count--;
        }

        boolean isOver(long now) {
            return oldest != null && !seen.has(owner, oldest, now);
        }
    }

    private final SeenKeys seen;
    private final Map<Long, Cache> caches = new TreeMap<>();
    private long count;

    public ForeseenKeys(SeenKeys seen) {
        this.seen = seen;
        this.count = seen.count();
    }

    private Cache of(long owner) {
        return caches.computeIfAbsent(owner, Cache::new);
    }

    @Override
    public boolean has(long owner, String key, long now) {
        Cache c = of(owner);
        return c.known.contains(key) || !c.gone.contains(key) && seen.has(owner, key, now);
    }

    @Override
    public boolean hasRoom(long owner) {
        return seen.hasRoom(count, of(owner).size);
    }

    @Override
    public void add(long owner, String key, long now, long timeToLive, long size) {
        Cache c = of(owner);
        if (!c.gone.contains(key) && seen.contains(owner, key)) {
            c.remove(key); // its time is over
        }
        for (int n = 0;
                n < SeenKeys.AT_ONCE && c.size > 0 && (c.size >= size || seen.isCrowded(count, n) || c.isOver(now));
                n++) {
            c.removeOldest();
        }
        c.come.add(key);
        c.known.add(key);
        c.size++;
        count++;
    }

    @Override
    public int most() {
        return seen.most();
    }
}
