package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;

/** Neighbours among an exchange's ids, in the order in which they came. */
final class IdBlock {
    /** Ids in a block; a place's block is its number divided by this. */
    static final int SIZE = 64;

    private final String[] ids = new String[SIZE];
    private final long[] times = new long[SIZE];
    private int count;
    /** It is not stored as it is. */
    boolean dirty;

    static long of(long place) {
        return place / SIZE;
    }

    private static int in(long place) {
        return (int) (place % SIZE);
    }

    /** The next one. */
    void add(String id, long time) {
        ids[count] = id;
        times[count] = time;
        count++;
        dirty = true;
    }

    String id(long place) {
        return ids[in(place)];
    }

    /** When it came, milliseconds since the epoch. */
    long time(long place) {
        return times[in(place)];
    }

    /** How many; then of each how long after the one before, and the id. */
    byte[] encode() {
        ByteWriter w = new ByteWriter(1024).varint(count);
        for (int i = 0; i < count; i++) {
            w.varint(i == 0 ? times[0] : times[i] - times[i - 1]).string(ids[i]);
        }
        return w.toBytes();
    }

    static IdBlock decode(byte[] bytes) {
        ByteReader r = new ByteReader(bytes);
        IdBlock b = new IdBlock();
        b.count = (int) r.varint();
        for (int i = 0; i < b.count; i++) {
            b.times[i] = r.varint() + (i == 0 ? 0 : b.times[i - 1]);
            b.ids[i] = r.string();
        }
        TaggedFields.endRecord(r);
        return b;
    }
}
