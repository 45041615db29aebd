package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.receipts.NotedPlaces;
import io.tallymq.broker.receipts.Placed;
import java.util.Arrays;

/** Neighbours among an exchange's ids, in the order in which they came, with what is known of them since the entry that brought them. */
final class IdBlock {
    /** Ids in a block; a place's block is its number divided by this. */
    static final int SIZE = 64;

    /** Nothing has come, and nothing may. */
    static final int VOID = 1;
    /** It stands right behind the one before, in the same queues. */
    static final int BEHIND = 2;
    /** It waits for its time. */
    static final int SCHEDULED = 4;
    /** It came again. */
    static final int AGAIN = 8;

    private final byte[][] ids = new byte[SIZE][];
    private final Kept[] kept = new Kept[SIZE];
    private int count;
    /** It is not stored as it is. */
    boolean dirty;
    /** Bytes that it takes; -1: it changed. */
    private int length = -1;

    static long of(long place) {
        return place / SIZE;
    }

    static int in(long place) {
        return (int) (place % SIZE);
    }

    /** The next one. */
    void add(byte[] id, Kept k) {
        ids[count] = id;
        kept[count] = k;
        count++;
        changed();
    }

    private void changed() {
        dirty = true;
        length = -1;
    }

    /** Bytes of what is stored, or will be. */
    int length() {
        length = length < 0 ? encode().length : length;
        return length;
    }

    /** Something else is known of one that is there. */
    void put(Kept k) {
        kept[in(k.place())] = k;
        changed();
    }

    /** When it came, milliseconds since the epoch. */
    long time(long place) {
        return kept[in(place)].entry().time();
    }

    Kept kept(long place) {
        return kept[in(place)];
    }

    /** The newest of an id; null for none. */
    Kept find(byte[] id) {
        for (int i = count - 1; i >= 0; i--) {
            if (Arrays.equals(ids[i], id)) {
                return kept[i];
            }
        }
        return null;
    }

    /** How many; then each as {@link IdBlockReader} reads it: what it has in common with the one before costs next to nothing. */
    byte[] encode() {
        ByteWriter w = new ByteWriter(count * 32).varint(count);
        NotedPlaces.Writer places = new NotedPlaces.Writer(w);
        Stamp before = new Stamp(0, 0, 0);
        for (int i = 0; i < count; i++) {
            Kept k = kept[i];
            Stamp e = k.entry();
            w.varint(ids[i].length)
                    .raw(ids[i], 0, ids[i].length)
                    .varint(e.term() - before.term())
                    .varint(e.index() - before.index());
            w.varint(e.time() - before.time());
            before = e;
            boolean behind = i > 0 && isBehind(k, kept[i - 1]);
            w.uint8((k.isVoid() ? VOID : 0)
                    | (behind ? BEHIND : 0)
                    | (k.scheduled() > 0 ? SCHEDULED : 0)
                    | (k.duplicates() > 0 ? AGAIN : 0));
            if (k.scheduled() > 0) {
                w.varint(k.scheduled());
            }
            if (k.duplicates() > 0) {
                w.varint(k.duplicates());
            }
            if (!behind) {
                places.write(k.queues(), k.places(), 0);
            }
        }
        return w.toBytes();
    }

    private static boolean isBehind(Kept k, Kept before) {
        return k.queues() == before.queues() && Placed.areNext(k.places(), before.places());
    }
}
