package io.tallymq.broker.receipts;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import java.util.ArrayList;
import java.util.List;

/** What became of {@link #SIZE} neighbours of a producer. */
final class ReceiptBlock {
    /** Publishes in a block; the remainder of a number by it is its place. */
    static final int SIZE = 64;

    private final Note[] notes = new Note[SIZE];

    static long blockOf(long seq) {
        return seq / SIZE;
    }

    void put(long seq, Note note) {
        notes[(int) (seq % SIZE)] = note;
    }

    /** Null when nothing is noted. */
    Note get(long seq) {
        return notes[(int) (seq % SIZE)];
    }

    /**
     * Runs of neighbours with the same note: place of the first, how many, and the note.
     *
     * @param block its number
     */
    byte[] encode(long block) {
        ByteWriter w = new ByteWriter(128);
        List<int[]> runs = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            if (notes[i] == null) {
                continue;
            }
            if (i > 0 && notes[i] == notes[i - 1]) {
                runs.get(runs.size() - 1)[1]++;
            } else {
                runs.add(new int[] {i, 1});
            }
        }
        w.varint(runs.size());
        for (int[] run : runs) {
            w.varint(run[0]).varint(run[1]);
            write(w, notes[run[0]], block * SIZE + run[0]);
        }
        return w.toBytes();
    }

    private static void write(ByteWriter w, Note n, long seq) {
        w.uint8(n.outcome().code()).varint(n.term()).varint(n.index()).varint(n.time());
        if (n.outcome() == Outcome.REFUSED) {
            w.varint(n.code()).string(n.text());
        }
        w.varint(n.queues()).varint(n.places().size());
        for (Placed p : n.places()) {
            w.varint(p.queue()).string(p.name()).varint(p.seq() + seq - n.base());
            w.string(p.from()).string(p.why());
        }
    }

    /** What {@link #encode} made; an empty one of null. */
    static ReceiptBlock decode(long block, byte[] bytes) {
        ReceiptBlock b = new ReceiptBlock();
        if (bytes == null) {
            return b;
        }
        ByteReader r = new ByteReader(bytes);
        for (long n = r.varint(); n > 0; n--) {
            int at = (int) r.varint();
            int count = (int) r.varint();
            Note note = read(r, block * SIZE + at);
            for (int i = at; i < at + count; i++) {
                b.notes[i] = note;
            }
        }
        TaggedFields.endRecord(r);
        return b;
    }

    private static Note read(ByteReader r, long seq) {
        Outcome outcome = Outcome.of(r.uint8());
        long term = r.varint();
        long index = r.varint();
        long time = r.varint();
        boolean refused = outcome == Outcome.REFUSED;
        int code = refused ? (int) r.varint() : 0;
        String text = refused ? r.string() : "";
        int queues = (int) r.varint();
        int n = (int) r.varint();
        List<Placed> places = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            places.add(new Placed(r.varint(), r.string(), r.varint(), r.string(), r.string()));
        }
        return new Note(outcome, seq, term, index, time, code, text, queues, places);
    }
}
