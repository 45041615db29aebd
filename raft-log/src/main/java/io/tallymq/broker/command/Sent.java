package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client was sent by one holder and has not settled. All else that the holder has was assigned, but never sent.
 *
 * @param ranges pairs of first and last sequence number, inclusive, ascending
 */
public record Sent(long holder, long[] ranges) {
    /** Of a command that names these, as {@link Command#units}. */
    static int units(List<Sent> all) {
        int ranges = all.stream().mapToInt(s -> s.ranges.length / 2).sum();
        return Math.max(1, ranges / Settle.PER_UNIT);
    }

    static void write(ByteWriter w, List<Sent> all) {
        w.varint(all.size());
        for (Sent s : all) {
            Fields.writeRanges(w.varint(s.holder), s.ranges, s.ranges.length);
        }
    }

    static List<Sent> readAll(ByteReader r) {
        int n = Fields.count(r, "holders");
        List<Sent> all = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            all.add(new Sent(r.varint(), Fields.readRanges(r)));
        }
        return all;
    }
}
