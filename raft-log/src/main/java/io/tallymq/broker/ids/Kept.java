package io.tallymq.broker.ids;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.receipts.Placed;
import java.util.ArrayList;
import java.util.List;

/**
 * What is known of one id.
 *
 * @param place its number in the order in which the exchange's ids came
 * @param isVoid nothing has come, and nothing may
 * @param entry that brought it
 * @param scheduled the number of the scheduled message that it still is; 0: none
 * @param queues how many it went to; {@code places} are the first ones
 * @param duplicates how often it came again, and was confirmed
 */
public record Kept(
        long place, boolean isVoid, Stamp entry, long scheduled, int queues, List<Placed> places, long duplicates) {
    private static final int STORED = 1;
    private static final int VOID = 2;
    /** Bytes of numbers, about: of one, and of each of its places. */
    private static final int NUMBERS = 24;

    private static final int NUMBERS_OF_PLACE = 10;

    Kept again() {
        return new Kept(place, isVoid, entry, scheduled, queues, places, duplicates + 1);
    }

    /** It stands elsewhere, and waits no more. */
    Kept at(int inAll, List<Placed> now) {
        return new Kept(place, isVoid, entry, 0, inAll, now, duplicates);
    }

    /** Bytes of what {@link #write} writes, about. */
    int length() {
        int bytes = NUMBERS;
        for (Placed p : places) {
            bytes += NUMBERS_OF_PLACE
                    + p.name().length()
                    + p.from().length()
                    + p.why().length();
        }
        return bytes;
    }

    void write(ByteWriter w) {
        w.uint8(isVoid ? VOID : STORED).varint(place);
        w.varint(entry.term()).varint(entry.index()).varint(entry.time());
        w.varint(scheduled).varint(duplicates);
        write(w, queues, places);
    }

    static Kept read(ByteReader r) {
        final boolean isVoid = r.uint8() == VOID;
        final long place = r.varint();
        final Stamp entry = new Stamp(r.varint(), r.varint(), r.varint());
        final long scheduled = r.varint();
        final long duplicates = r.varint();
        final int queues = (int) r.varint();
        return new Kept(place, isVoid, entry, scheduled, queues, places(r), duplicates);
    }

    static void write(ByteWriter w, int queues, List<Placed> places) {
        w.varint(queues).varint(places.size());
        for (Placed p : places) {
            w.varint(p.queue()).string(p.name()).varint(p.seq());
            w.string(p.from()).string(p.why());
        }
    }

    static List<Placed> places(ByteReader r) {
        int n = (int) r.varint();
        List<Placed> places = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            places.add(new Placed(r.varint(), r.string(), r.varint(), r.string(), r.string()));
        }
        return places;
    }
}
