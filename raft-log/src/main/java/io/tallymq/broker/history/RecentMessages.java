package io.tallymq.broker.history;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.DigestWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.LongPredicate;

/** The last messages of exchanges, by their numbers: in memory and in the store, the oldest go first. */
public final class RecentMessages {
    /** Bytes of the messages of one exchange, beside the last of them. */
    static final long MOST_BYTES = 1 << 20;
    /** Bytes of all together. */
    static final long MOST_BYTES_IN_ALL = 32 << 20;
    /** What each takes of the heap beside its own bytes. */
    private static final int EACH = 160;

    /** The level of the state from which on what exchanges kept that are gone is taken out by later entries, and counts until then. */
    private static final int LEVEL = 5;

    /** @param record as it will stand in a queue, with any route */
    public record Recent(Route route, byte[] record) {
        /** Bytes of heap, about. */
        private long size() {
            return EACH + route.exchange().length() + route.routingKey().length() + record.length;
        }

        byte[] encode() {
            ByteWriter w = new ByteWriter(record.length + 96);
            w.string(route.vhost()).string(route.exchange()).string(route.routingKey());
            return w.bytes(record).toBytes();
        }
    }

    private static final class Messages {
        final TreeMap<Long, Recent> byPlace = new TreeMap<>();
        long bytes;
    }

    private final MessageStore store;
    private final IntSupplier level;
    private final TreeMap<Long, Messages> byOwner = new TreeMap<>();
    /** Of exchanges that are gone; those with the lowest numbers go first, whenever a replica was restored. */
    private final TreeMap<Long, Messages> leaving = new TreeMap<>();

    private long bytes;

    /** @param level of the state */
    public RecentMessages(MessageStore store, IntSupplier level) {
        this.store = store;
        this.level = level;
    }

    /** Whether a message of so many bytes can be kept at all. */
    public static boolean fits(long length) {
        return length <= MOST_BYTES;
    }

    /**
     * One more.
     *
     * @param most messages of this exchange
     */
    public void add(long owner, Recent message, long most) {
        Messages its = byOwner.getOrDefault(owner, new Messages());
        long length = message.size();
        while (!its.byPlace.isEmpty()
                && (its.byPlace.size() >= most
                        || its.bytes + length > MOST_BYTES
                        || bytes + length > MOST_BYTES_IN_ALL)) {
            remove(owner, its, its.byPlace.firstKey());
        }
        if (bytes + length > MOST_BYTES_IN_ALL) {
            byOwner.remove(owner); // others have all the room
            return;
        }
        byOwner.put(owner, its);
        long place = its.byPlace.isEmpty() ? 1 : its.byPlace.lastKey() + 1;
        put(its, place, message);
        store.put(Keys.of(Keys.RECENT, owner, place), message.encode());
    }

    private void put(Messages its, long place, Recent message) {
        its.byPlace.put(place, message);
        its.bytes += message.size();
        bytes += message.size();
    }

    private void remove(long owner, Messages its, long place) {
        long length = its.byPlace.remove(place).size();
        its.bytes -= length;
        bytes -= length;
        store.delete(Keys.of(Keys.RECENT, owner, place));
    }

    /** How much an exchange keeps, in bytes. */
    public long bytes(long owner) {
        Messages its = byOwner.get(owner);
        return its == null ? 0 : its.bytes;
    }

    /** The oldest first. */
    public List<Recent> of(long owner) {
        Messages its = byOwner.get(owner);
        return its == null ? List.of() : new ArrayList<>(its.byPlace.values());
    }

    /** The exchange is gone. */
    public void forget(long owner) {
        Messages its = byOwner.remove(owner);
        if (its == null) {
            return;
        }
        if (level.getAsInt() >= LEVEL) {
            leaving.put(owner, its);
        } else {
            for (long place : new ArrayList<>(its.byPlace.keySet())) {
                remove(owner, its, place);
            }
        }
    }

    /** Whether messages are still to be taken out. */
    public boolean owes() {
        return !leaving.isEmpty();
    }

    /** Takes out some messages of exchanges that are gone. */
    public void step(int most) {
        for (int n = most; n > 0 && !leaving.isEmpty(); n--) {
            Map.Entry<Long, Messages> first = leaving.firstEntry();
            Messages its = first.getValue();
            remove(first.getKey(), its, its.byPlace.firstKey());
            if (its.byPlace.isEmpty()) {
                leaving.remove(first.getKey());
            }
        }
    }

    /** @param lives whether an exchange with this number is there */
    public void restore(LongPredicate lives) {
        store.scan(Keys.of(Keys.RECENT), (k, v) -> {
            ByteReader r = new ByteReader(v);
            Recent message = new Recent(new Route(r.string(), r.string(), r.string()), r.bytes());
            TaggedFields.endRecord(r);
            put(byOwner.computeIfAbsent(ByteReader.int64(k, 1), o -> new Messages()), ByteReader.int64(k, 9), message);
        });
        byOwner.keySet().stream().filter(owner -> !lives.test(owner)).toList().forEach(this::forget);
    }

    /** As {@link DigestWalk.Part}; an exchange is a whole. Nothing for programs that do not know of it, as long as nothing is kept. */
    public Object digest(StateDigest d, Object from, DigestWalk.Units units) {
        for (Map.Entry<Long, Messages> e : (from == null ? byOwner : byOwner.tailMap((Long) from, false)).entrySet()) {
            d.add(e.getKey());
            e.getValue().byPlace.values().forEach(m -> d.add(m.record));
            units.spend(1 + e.getValue().byPlace.size());
            if (units.areSpent()) {
                return e.getKey();
            }
        }
        if (!leaving.isEmpty()) {
            d.add(bytes); // it decides what there is room for
        }
        return null;
    }
}
