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

    /** So many places are a unit of work. */
    static final int PLACES = 16;
    /** A refusal's text takes as much as so many places. */
    private static final int TEXT = 4;

    /** Is added to how many runs there are where places are stored as {@link NotedPlaces} does it; earlier ones stand alone. */
    private static final int TOGETHER = 128;

    private final Note[] notes = new Note[SIZE];
    /** Places of all notes, also if several have the same. */
    private int places;
    /** The run that needed it last. */
    private long neededBy;

    static long blockOf(long seq) {
        return seq / SIZE;
    }

    void put(long seq, Note note) {
        put((int) (seq % SIZE), 1, note);
    }

    /** So many neighbours from a place on have this note. */
    void put(int first, int count, Note note) {
        places += weight(note) * count;
        for (int i = first; i < first + count; i++) {
            places -= notes[i] == null ? 0 : weight(notes[i]);
            notes[i] = note;
        }
    }

    private static int weight(Note n) {
        return n.places().size() + (n.text().isEmpty() ? 0 : TEXT);
    }

    /** Units of going through all of it. The same on all nodes. */
    int units() {
        return places / PLACES;
    }

    /** Units of what it takes in memory, where neighbours share what they have in common. */
    int held() {
        int sum = 0;
        for (int i = 0; i < SIZE; i++) {
            boolean shares = i > 0
                    && notes[i] != null
                    && notes[i - 1] != null
                    && (notes[i] == notes[i - 1]
                            || notes[i].places() == notes[i - 1].places()
                                    && notes[i].text().isEmpty());
            sum += notes[i] == null || shares ? 0 : weight(notes[i]);
        }
        return sum / PLACES;
    }

    /** A run needs it. Returns whether it did not before. */
    boolean isFirstOf(long run) {
        boolean first = neededBy != run;
        neededBy = run;
        return first;
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
        w.varint(TOGETHER + runs.size());
        NotedPlaces.Writer its = new NotedPlaces.Writer(w);
        for (int[] run : runs) {
            w.varint(run[0]).varint(run[1]);
            Note n = notes[run[0]];
            write(w, n);
            its.write(n, block * SIZE + run[0]);
        }
        return w.toBytes();
    }

    private static void write(ByteWriter w, Note n) {
        w.uint8(n.outcome().code()).varint(n.term()).varint(n.index()).varint(n.time());
        if (n.outcome() == Outcome.REFUSED) {
            w.varint(n.code()).string(n.text());
        }
    }

    /** What {@link #encode} made; an empty one of null. */
    static ReceiptBlock decode(long block, byte[] bytes) {
        ReceiptBlock b = new ReceiptBlock();
        if (bytes == null) {
            return b;
        }
        ByteReader r = new ByteReader(bytes);
        int runs = (int) r.varint();
        NotedPlaces.Reader its = new NotedPlaces.Reader(r, runs >= TOGETHER);
        for (int n = runs % TOGETHER; n > 0; n--) {
            int at = (int) r.varint();
            int count = (int) r.varint();
            Note note = read(r, its, block * SIZE + at);
            b.put(at, count, note);
        }
        TaggedFields.endRecord(r);
        return b;
    }

    private static Note read(ByteReader r, NotedPlaces.Reader places, long seq) {
        Outcome outcome = Outcome.of(r.uint8());
        long term = r.varint();
        long index = r.varint();
        long time = r.varint();
        boolean refused = outcome == Outcome.REFUSED;
        int code = refused ? (int) r.varint() : 0;
        String text = refused ? r.string() : "";
        NotedPlaces.Its its = places.read();
        return new Note(outcome, seq - its.shift(), term, index, time, code, text, its.queues(), its.places());
    }
}
