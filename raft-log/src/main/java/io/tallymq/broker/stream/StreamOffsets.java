package io.tallymq.broker.stream;

import io.tallymq.broker.aside.AsideTotals;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/** How far readers of a stream were, by their names: where they go on. Of the names that were used longest ago some are forgotten. */
public final class StreamOffsets {
    /** Names of one stream. */
    public static final int MOST = 1_000;

    /** The level of the state from which on there is a limit for all streams. */
    private static final int LEVEL = 5;

    /** @param time when it was told, milliseconds since the epoch */
    private record Offset(long offset, long time) {}

    private final long queue;
    private final MessageStore store;
    private final AsideTotals totals;
    private final int mostInAll;
    private final IntSupplier level;
    private final TreeMap<String, Offset> byName = new TreeMap<>();

    /**
     * Those of a stream, none yet.
     *
     * @param totals of all streams
     * @param mostInAll names
     * @param level of the state
     */
    public StreamOffsets(long queue, MessageStore store, AsideTotals totals, int mostInAll, IntSupplier level) {
        this.queue = queue;
        this.store = store;
        this.totals = totals;
        this.mostInAll = mostInAll;
        this.level = level;
    }

    /** The message that a reader of this name goes on with; -1 if it is not known. */
    public long of(String name) {
        Offset o = byName.get(name);
        return o == null ? -1 : o.offset;
    }

    /** A reader has done with all messages before this one. */
    public void put(String name, long offset, long now) {
        boolean isNew = !byName.containsKey(name);
        boolean isFull = level.getAsInt() >= LEVEL && totals.readers() >= mostInAll;
        if (isNew && isFull && byName.isEmpty()) {
            return; // others have all the room
        }
        if (isNew && (isFull || byName.size() >= MOST)) {
            String oldest = byName.entrySet().stream()
                    .min(Comparator.comparingLong(e -> e.getValue().time))
                    .map(Map.Entry::getKey)
                    .orElseThrow();
            byName.remove(oldest);
            store.delete(key(oldest));
            totals.readersChange(-1);
        }
        totals.readersChange(isNew ? 1 : 0);
        byName.put(name, new Offset(offset, now));
        store.put(key(name), new ByteWriter(16).varint(offset).varint(now).toBytes());
    }

    private byte[] key(String name) {
        byte[] n = name.getBytes(StandardCharsets.UTF_8);
        return new ByteWriter(9 + n.length)
                .uint8(Keys.STREAM_OFFSET)
                .int64(queue)
                .raw(n, 0, n.length)
                .toBytes();
    }

    /** How many names there are. */
    public int count() {
        return byName.size();
    }

    /** The stream is deleted: so many go. Returns how many these were. */
    public int deleteSome(int most) {
        int n = 0;
        for (; n < most && !byName.isEmpty(); n++) {
            store.delete(key(byName.pollFirstEntry().getKey()));
        }
        totals.readersChange(-n);
        return n;
    }

    /** The stream is deleted. */
    public void deleteAll() {
        byName.keySet().forEach(name -> store.delete(key(name)));
        totals.readersChange(-byName.size());
        byName.clear();
    }

    /** For the start. */
    public void restore() {
        byte[] prefix = key("");
        store.scan(prefix, (k, v) -> {
            ByteReader r = new ByteReader(v);
            String name = new String(k, prefix.length, k.length - prefix.length, StandardCharsets.UTF_8);
            byName.put(name, new Offset(r.varint(), r.varint()));
            TaggedFields.endRecord(r);
        });
        totals.readersChange(byName.size());
    }

    public void digest(StateDigest d) {
        byName.forEach((name, o) -> d.add(name).add(o.offset).add(o.time));
    }
}
