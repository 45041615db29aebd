package io.tallymq.broker.message;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a publisher may want to be told of a message: the words of the header x-report. Kept as bits, so the order never changes. */
public enum ReportEvent {
    /** It is in its queues, or waits for its time. */
    STORED,
    /** A consumer of a queue acked it, or was sent it and does not ack. */
    ACKED,
    /** Its time was over, and it had nowhere to go on. */
    EXPIRED,
    /** It left a queue for those that its dead letter exchange leads to. */
    DEAD_LETTERED,
    /** It was not taken. */
    REFUSED,
    /** It is gone in another way: no room, purged, deleted with its queue, nowhere to go. */
    DROPPED,
    /** Somebody moved it into another queue by hand. */
    MOVED;

    private static final ReportEvent[] ALL = values();
    /** Those by which it leaves a queue. */
    private static final int LEAVING = ACKED.bit() | EXPIRED.bit() | DEAD_LETTERED.bit() | DROPPED.bit() | MOVED.bit();

    /** As clients write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All words, for people. */
    public static String words() {
        return Stream.of(ALL).map(ReportEvent::word).collect(Collectors.joining(", "));
    }

    /** The bit of a word; 0 for another word. */
    public static int bit(String word) {
        for (ReportEvent e : ALL) {
            if (e.word().equals(word)) {
                return e.bit();
            }
        }
        return 0;
    }

    /** The bits of words with commas between them, which may have blanks around; 0 if one is another word, or there is none. */
    public static int bits(String words) {
        int all = 0;
        for (String word : words.split(",", -1)) {
            int bit = bit(word.trim());
            if (bit == 0) {
                return 0;
            }
            all |= bit;
        }
        return all;
    }

    /** That with this place among all. */
    public static ReportEvent of(int ordinal) {
        return ALL[ordinal];
    }

    public int bit() {
        return 1 << ordinal();
    }

    /** Whether it is one of these. */
    public boolean isIn(int bits) {
        return (bits & bit()) != 0;
    }

    /** Whether some of these tell that a message left a queue. */
    public static boolean haveLeaving(int bits) {
        return (bits & LEAVING) != 0;
    }
}
