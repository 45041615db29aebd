package io.tallymq.broker.aside;

import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Headers that settles added to messages of one queue. They are in the store; in memory is which messages have some. They go with their
 * message, whichever way it leaves.
 */
public final class Overlays {
    private final long queue;
    private final MessageStore store;
    private final AsideTotals totals;
    /** Of each message that has headers, a hash of them: replicas that differ in them differ in their digest. */
    private final TreeMap<Long, Long> hashes = new TreeMap<>();
    /** Those that the store can't yet read back. */
    private final TreeMap<Long, HeaderOverlay> uncommitted = new TreeMap<>();

    Overlays(long queue, MessageStore store, AsideTotals totals) {
        this.queue = queue;
        this.store = store;
        this.totals = totals;
    }

    long queue() {
        return queue;
    }

    /** How many messages have some. */
    public int count() {
        return hashes.size();
    }

    public boolean has(long seq) {
        return hashes.containsKey(seq);
    }

    /** Those of a message; null for none. May block on the disk. */
    public HeaderOverlay of(long seq) {
        if (!hashes.containsKey(seq)) {
            return null;
        }
        HeaderOverlay fresh = uncommitted.get(seq);
        return fresh != null ? fresh : HeaderOverlay.decode(store.get(Keys.of(Keys.OVERLAY, queue, seq)));
    }

    /** As {@link io.tallymq.broker.view.BrokerView#overlays}. */
    public SortedMap<Long, Optional<HeaderOverlay>> between(long from, long to) {
        TreeMap<Long, Optional<HeaderOverlay>> some = new TreeMap<>();
        for (long seq : hashes.subMap(from, true, to, true).keySet()) {
            some.put(seq, Optional.ofNullable(uncommitted.get(seq)));
        }
        return some;
    }

    /** How many messages from this one on may be given to somebody at once, at most so many: one with headers is given alone. */
    public long together(long seq, long most) {
        if (has(seq)) {
            return Math.min(1, most);
        }
        Long next = hashes.higherKey(seq);
        return next == null ? most : Math.min(most, next - seq);
    }

    /** A message has these from now on, and none of those it had. */
    public void put(long seq, HeaderOverlay headers) {
        add(seq, headers);
        uncommitted.put(seq, headers);
        store.put(Keys.of(Keys.OVERLAY, queue, seq), headers.encode());
    }

    private void add(long seq, HeaderOverlay headers) {
        long hash = new StateDigest().add(headers.fields()).value();
        totals.overlays += hashes.put(seq, hash) == null ? 1 : 0;
    }

    /** Messages are gone. */
    void gone(long first, long last) {
        if (hashes.ceilingKey(first) == null) {
            return;
        }
        for (long seq : new ArrayList<>(hashes.subMap(first, true, last, true).keySet())) {
            remove(seq);
        }
    }

    private void remove(long seq) {
        hashes.remove(seq);
        uncommitted.remove(seq);
        totals.overlays--;
        store.delete(Keys.of(Keys.OVERLAY, queue, seq));
    }

    /** The lowest message has none any more. Returns whether it was the last one. */
    boolean removeLowest() {
        remove(hashes.firstKey());
        return hashes.isEmpty();
    }

    /** The store has all of them. */
    void committed() {
        uncommitted.clear();
    }

    /** For the start. */
    public void restore(long seq, byte[] value) {
        add(seq, HeaderOverlay.decode(value));
    }

    void digest(StateDigest d) {
        for (Map.Entry<Long, Long> e : hashes.entrySet()) {
            d.add(e.getKey()).add(e.getValue());
        }
    }
}
