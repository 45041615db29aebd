package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import java.util.TreeMap;

/** What later entries tell of some neighbours among an exchange's ids, whose block is not written anew for that. */
final class IdChanges {
    /** Few, for all of them are written again with each of them: a place's group is its number divided by this. */
    private static final int SIZE = 8;

    static long groupOf(long place) {
        return place / SIZE;
    }

    private final TreeMap<Long, Kept> byPlace = new TreeMap<>();
    private int length;

    void put(Kept k) {
        Kept before = byPlace.put(k.place(), k);
        length += k.length() - (before == null ? 0 : before.length());
    }

    /** Bytes that it takes, about: the same whether it was read or is still to be written. */
    int length() {
        return length;
    }

    /** Null if nothing is told of it. */
    Kept of(long place) {
        return byPlace.get(place);
    }

    byte[] encode() {
        ByteWriter w = new ByteWriter(byPlace.size() * 64).varint(byPlace.size());
        byPlace.values().forEach(k -> k.write(w));
        return w.toBytes();
    }

    /** Of null: there are none. */
    static IdChanges decode(byte[] bytes) {
        IdChanges c = new IdChanges();
        if (bytes == null) {
            return c;
        }
        ByteReader r = new ByteReader(bytes);
        for (long n = r.varint(); n > 0; n--) {
            c.put(Kept.read(r));
        }
        TaggedFields.endRecord(r);
        return c;
    }
}
