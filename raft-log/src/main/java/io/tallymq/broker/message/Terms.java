package io.tallymq.broker.message;

/**
 * What a publisher says of one publish beside the message: its name, by which it is published once and can be asked for, on what conditions it
 * wants it published, and what it wants to be told of it.
 *
 * @param producer who names it; empty: it has no name
 * @param seq its number among the producer's, 0 to {@link #MOST_SEQ}
 * @param expectLast only if this is the producer's last one, -1: whatever that is
 * @param below only if each of its queues has fewer messages ready than this, -1: however many these are
 * @param reports bits of {@link ReportEvent}
 * @param epoch that of which the publisher says that it is its own, -1: it says nothing of it
 */
public record Terms(String producer, long seq, long expectLast, long below, int reports, long epoch) {
    /** Most octets of a producer's id. */
    public static final int MOST_PRODUCER_BYTES = 255;

    /** The highest number. */
    public static final long MOST_SEQ = 1L << 62;

    public static final Terms NONE = new Terms("", 0, -1, -1);

    /** Of whatever epoch. */
    public Terms(String producer, long seq, long expectLast, long below, int reports) {
        this(producer, seq, expectLast, below, reports, -1);
    }

    /** Of nothing that is to be told. */
    public Terms(String producer, long seq, long expectLast, long below) {
        this(producer, seq, expectLast, below, 0);
    }

    /** A name without conditions. */
    public static Terms named(String producer, long seq) {
        return new Terms(producer, seq, -1, -1);
    }

    public boolean hasName() {
        return !producer.isEmpty();
    }

    /** The same of a publisher who says that he is of this epoch; -1: of nothing of that kind. */
    public Terms of(long its) {
        return its == epoch ? this : new Terms(producer, seq, expectLast, below, reports, its);
    }

    /** The same, and these events are to be told. */
    public Terms telling(int events) {
        return events == reports ? this : new Terms(producer, seq, expectLast, below, events, epoch);
    }

    /** Whether this is to be told. */
    public boolean tells(ReportEvent e) {
        return e.isIn(reports);
    }

    /** What stays of it once it is published: later moves of the message have no conditions. */
    public Terms published() {
        return hasName() || reports != 0 ? new Terms(producer, seq, -1, -1, reports) : NONE;
    }
}
