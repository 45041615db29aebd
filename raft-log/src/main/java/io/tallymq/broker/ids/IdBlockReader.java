package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.receipts.Placed;
import java.util.Arrays;
import java.util.List;

/** Goes through what {@link IdBlock#encode} made; only what is asked for is made into objects. */
final class IdBlockReader {
    private final byte[] bytes;
    private final ByteReader r;
    private final long first;
    private final int count;
    private int at = -1;

    // The one in hand.
    private int idFrom;
    private int idLength;
    private long term;
    private long index;
    private long time;
    private int flags;
    private long scheduled;
    private long duplicates;
    /** Where it is written where it stands, or those before it that it is right behind. */
    private int placesFrom;
    /** How far behind. */
    private int behind;

    IdBlockReader(long block, byte[] bytes) {
        this.bytes = bytes;
        r = new ByteReader(bytes);
        first = block * IdBlock.SIZE;
        count = (int) r.varint();
    }

    /** On to the next one; false behind the last. */
    boolean next() {
        if (++at >= count) {
            TaggedFields.endRecord(r);
            return false;
        }
        idLength = (int) r.varint();
        idFrom = r.skip(idLength);
        term += r.varint();
        index += r.varint();
        time += r.varint();
        flags = r.uint8();
        scheduled = has(IdBlock.SCHEDULED) ? r.varint() : 0;
        duplicates = has(IdBlock.AGAIN) ? r.varint() : 0;
        if (has(IdBlock.BEHIND)) {
            behind++;
        } else {
            placesFrom = r.position();
            behind = 0;
            Kept.skipPlaces(r);
        }
        return true;
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    byte[] id() {
        return Arrays.copyOfRange(bytes, idFrom, idFrom + idLength);
    }

    long place() {
        return first + at;
    }

    /** When it came, milliseconds since the epoch. */
    long time() {
        return time;
    }

    Kept kept() {
        ByteReader places = new ByteReader(bytes, placesFrom, bytes.length - placesFrom);
        int queues = (int) places.varint();
        List<Placed> there = Placed.next(Kept.places(places), behind);
        return new Kept(place(), has(IdBlock.VOID), new Stamp(term, index, time), scheduled, queues, there, duplicates);
    }

    /** The newest of an id; null for none. */
    static Kept find(long block, byte[] bytes, byte[] id) {
        IdBlockReader b = new IdBlockReader(block, bytes);
        Kept found = null;
        while (b.next()) {
            if (Arrays.equals(bytes, b.idFrom, b.idFrom + b.idLength, id, 0, id.length)) {
                found = b.kept();
            }
        }
        return found;
    }

    /** When each of them came. */
    static long[] times(long block, byte[] bytes) {
        IdBlockReader b = new IdBlockReader(block, bytes);
        long[] times = new long[b.count];
        while (b.next()) {
            times[b.at] = b.time;
        }
        return times;
    }

    /** All of it, to be changed. */
    static IdBlock whole(long block, byte[] bytes) {
        IdBlockReader from = new IdBlockReader(block, bytes);
        IdBlock b = new IdBlock();
        while (from.next()) {
            b.add(from.id(), from.kept());
        }
        b.dirty = false;
        return b;
    }
}
