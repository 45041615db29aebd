package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.receipts.NotedPlaces;
import java.util.Arrays;

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
    private final NotedPlaces.Reader noted;
    /** Where it stands, or those before it that it is right behind. */
    private NotedPlaces.Its places;
    /** How far behind. */
    private int behind;

    IdBlockReader(long block, byte[] bytes) {
        this.bytes = bytes;
        r = new ByteReader(bytes);
        first = block * IdBlock.SIZE;
        count = (int) r.varint();
        noted = new NotedPlaces.Reader(r, true);
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
            places = noted.read();
            behind = 0;
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
        return new Kept(
                place(),
                has(IdBlock.VOID),
                new Stamp(term, index, time),
                scheduled,
                places.queues(),
                places.places(behind),
                duplicates);
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
