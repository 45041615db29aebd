package io.tallymq.broker.receipts;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The places of a block's notes, or ids, as they are stored: those of a note that stands in the same queues as the one before it, all at one distance, are this
 * distance only, and in memory both have one list. Each name is written once.
 */
public final class NotedPlaces {
    private static final int NEW = 0;
    private static final int SAME = 1;
    /** Of a text that follows; others are the numbers of those before it, behind that of the empty one. */
    private static final int NEW_TEXT = 0;

    private static final int EMPTY = 1;

    private NotedPlaces() {}

    /** One note after the other. */
    public static final class Writer {
        private final ByteWriter w;
        /** By the texts that are not empty, with their numbers. */
        private final Map<String, Integer> texts = new LinkedHashMap<>();

        private List<Placed> before = List.of();
        /** What is to be added to the numbers of those before. */
        private long shift;

        public Writer(ByteWriter w) {
            this.w = w;
        }

        /** Of a note that begins with this number. */
        void write(Note n, long seq) {
            write(n.queues(), n.places(), seq - n.base());
        }

        /**
         * Of what stands in so many queues.
         *
         * @param places the first ones
         * @param its what is to be added to their numbers
         */
        public void write(int queues, List<Placed> places, long its) {
            w.varint(queues);
            if (!places.isEmpty() && areSame(places, before)) {
                long distance = places.get(0).seq() + its - before.get(0).seq() - shift;
                w.uint8(SAME).varint(zigzag(distance));
            } else {
                w.uint8(NEW).varint(places.size());
                for (Placed p : places) {
                    w.varint(p.queue()).varint(p.seq() + its);
                    text(p.name());
                    text(p.from());
                    text(p.why());
                }
            }
            if (!places.isEmpty()) {
                before = places;
                shift = its;
            }
        }

        private void text(String text) {
            Integer known = text.isEmpty() ? Integer.valueOf(EMPTY) : texts.putIfAbsent(text, EMPTY + texts.size() + 1);
            if (known != null) {
                w.varint(known);
            } else {
                w.varint(NEW_TEXT).string(text);
            }
        }

        private static long zigzag(long value) {
            return value << 1 ^ value >> Long.SIZE - 1;
        }
    }

    /** Whether all of these are at one distance from all of those. */
    private static boolean areSame(List<Placed> these, List<Placed> those) {
        if (these == those) {
            return true;
        }
        if (these.size() != those.size()) {
            return false;
        }
        long distance = these.get(0).seq() - those.get(0).seq();
        for (int i = 0; i < these.size(); i++) {
            if (!these.get(i).isBehind(those.get(i), distance)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Of one note.
     *
     * @param queues how many they are
     * @param places the first ones, as a note before it has them
     * @param shift what is to be added to their numbers
     */
    public record Its(int queues, List<Placed> places, long shift) {
        /** So much further. */
        public List<Placed> places(long behind) {
            return Placed.next(places, shift + behind);
        }
    }

    /** Reads what {@link Writer} wrote. */
    public static final class Reader {
        private final ByteReader r;
        private final List<String> texts = new ArrayList<>();
        private List<Placed> before = List.of();
        private long shift;
        private final boolean together;

        /** @param together whether {@link Writer} wrote it; else each stands alone, with all of its names */
        public Reader(ByteReader r, boolean together) {
            this.r = r;
            this.together = together;
            texts.add("");
        }

        public Its read() {
            int queues = (int) r.varint();
            if (!together) {
                return new Its(queues, alone(), 0);
            }
            if (r.uint8() == SAME) {
                long zigzag = r.varint();
                shift += zigzag >>> 1 ^ -(zigzag & 1);
                return new Its(queues, before, shift);
            }
            int n = (int) r.varint();
            if (n == 0) {
                return new Its(queues, List.of(), 0);
            }
            before = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                long queue = r.varint();
                long at = r.varint();
                before.add(new Placed(queue, text(), at, text(), text()));
            }
            shift = 0;
            return new Its(queues, before, 0);
        }

        private List<Placed> alone() {
            int n = (int) r.varint();
            List<Placed> places = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                places.add(new Placed(r.varint(), r.string(), r.varint(), r.string(), r.string()));
            }
            return places;
        }

        private String text() {
            int number = (int) r.varint();
            if (number != NEW_TEXT) {
                return texts.get(number - 1);
            }
            String text = r.string();
            texts.add(text);
            return text;
        }
    }
}
