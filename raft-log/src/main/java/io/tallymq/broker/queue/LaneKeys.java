package io.tallymq.broker.queue;

import io.tallymq.broker.chunk.PublishRun;
import io.tallymq.broker.lane.Common;
import io.tallymq.broker.limits.StateLimit;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntToLongFunction;

/**
 * Which of some lanes the messages of one key are in: always the same one as long as it has messages, so that they stay in order. A new key
 * gets an empty lane if there is one, else the one with the least in it. Of {@link #MOST} keys it is known, and of so many of all queues as
 * {@link StateLimit#LANE_KEYS} says; those beyond go where their hash says, which is as right, and less even.
 */
final class LaneKeys {
    /** Keys that are known at a time. */
    static final int MOST = 4_096;

    /** The level of the state from which on there is a limit for all queues together. */
    private static final int LEVEL = 5;
    /** Units of work that a new key is. */
    private static final int WORK = 8;

    private final Lanes lanes;
    private final Common common;
    private final MessageStore store;
    private final long queue;
    private final int first;
    private final int count;
    private final IntToLongFunction load;
    private final TreeMap<String, Integer> laneOf = new TreeMap<>();
    /** By lane; null for none. */
    private final List<TreeSet<String>> keys = new ArrayList<>();
    /** Lanes, as bits, that have had keys that are not known here since they were empty. */
    private long unknown;

    /**
     * @param first lane
     * @param count how many lanes, up to 64
     * @param load how much is in a lane that is not empty
     */
    LaneKeys(Lanes lanes, Common common, long queue, int first, int count, IntToLongFunction load) {
        this.load = load;
        this.lanes = lanes;
        this.common = common;
        this.store = common.store();
        this.queue = queue;
        this.first = first;
        this.count = count;
        for (int i = 0; i < count; i++) {
            keys.add(null);
        }
    }

    /** The lane of the next message with this key; it is of a run that hears how much work that is. */
    int lane(String key, PublishRun of) {
        Integer known = laneOf.get(key);
        if (known != null) {
            return known;
        }
        of.looks(WORK);
        int own = first + Math.floorMod(key.hashCode(), count);
        int hashed = lanes.room().before(own, first, first + count - 1);
        if (hasUnknown(hashed) && !lanes.chain().isEmpty(hashed)) {
            return hashed;
        }
        if (isFull()) {
            forgetEmpty();
        }
        if (isFull()) {
            hashed = lanes.room().instead(own, first, first + count - 1);
            unknown |= bit(hashed);
            return hashed;
        }
        int lane = leastUsed();
        if (lanes.chain().isEmpty(lane)) {
            forget(lane);
        }
        put(key, lane);
        store.put(key(lane, key), new byte[0]);
        return lane;
    }

    private boolean isFull() {
        return laneOf.size() >= MOST
                || common.level().getAsInt() >= LEVEL
                        && common.aside().laneKeys() >= common.limits().state().of(StateLimit.LANE_KEYS);
    }

    private long bit(int lane) {
        return 1L << (lane - first);
    }

    private boolean hasUnknown(int lane) {
        return (unknown & bit(lane)) != 0;
    }

    private int leastUsed() {
        int least = first;
        long messages = Long.MAX_VALUE;
        boolean any = lanes.room().mayHaveMore();
        for (int lane = first; lane < first + count && messages > 0; lane++) {
            if (!any && !lanes.chain().isThere(lane)) {
                continue;
            }
            long its = lanes.chain().isEmpty(lane) ? 0 : 1 + load.applyAsLong(lane);
            if (its < messages) {
                least = lane;
                messages = its;
            }
        }
        return least;
    }

    private void put(String key, int lane) {
        laneOf.put(key, lane);
        common.aside().laneKeysChange(1);
        if (keys.get(lane - first) == null) {
            keys.set(lane - first, new TreeSet<>());
        }
        keys.get(lane - first).add(key);
    }

    private void forgetEmpty() {
        for (int lane = first; lane < first + count; lane++) {
            if (lanes.chain().isEmpty(lane)) {
                forget(lane);
            }
        }
    }

    private void forget(int lane) {
        unknown &= ~bit(lane);
        TreeSet<String> its = keys.set(lane - first, null);
        if (its != null) {
            its.forEach(key -> {
                laneOf.remove(key);
                store.delete(key(lane, key));
            });
            common.aside().laneKeysChange(-its.size());
        }
    }

    int known() {
        return laneOf.size();
    }

    /** The queue is deleted: so many keys go. Returns how many these were. */
    int deleteSome(int most) {
        int n = 0;
        for (; n < most && !laneOf.isEmpty(); n++) {
            Map.Entry<String, Integer> next = laneOf.pollFirstEntry();
            keys.get(next.getValue() - first).remove(next.getKey());
            common.aside().laneKeysChange(-1);
            store.delete(key(next.getValue(), next.getKey()));
        }
        return n;
    }

    private byte[] key(int lane, String key) {
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        ByteWriter w = new ByteWriter(10 + name.length).uint8(Keys.LANE_KEY).int64(queue);
        return w.uint8(lane).raw(name, 0, name.length).toBytes();
    }

    /** For the start. */
    void restore(long unknownLanes) {
        unknown = unknownLanes;
        for (int lane = first; lane < first + count; lane++) {
            byte[] prefix = key(lane, "");
            int at = lane;
            store.scan(prefix, (k, v) -> {
                TaggedFields.endRecord(new ByteReader(v));
                put(new String(k, prefix.length, k.length - prefix.length, StandardCharsets.UTF_8), at);
            });
        }
    }

    long unknown() {
        return unknown;
    }

    void digest(StateDigest d) {
        laneOf.forEach((key, lane) -> d.add(key).add((long) lane));
        if (unknown != 0) {
            d.add(unknown);
        }
    }
}
