package io.tallymq.broker.message;

/**
 * What a publisher says of one publish beside the message: its name, by which it is published once and can be asked for, and on what conditions it
 * wants it published.
 *
 * @param producer who names it; empty: it has no name
 * @param seq its number among the producer's, 0 to {@link #MOST_SEQ}
 * @param expectLast only if this is the producer's last one, -1: whatever that is
 * @param below only if each of its queues has fewer messages ready than this, -1: however many these are
 */
public record Terms(String producer, long seq, long expectLast, long below) {
    /** Most octets of a producer's id. */
    public static final int MOST_PRODUCER_BYTES = 255;

    /** The highest number. */
    public static final long MOST_SEQ = 1L << 62;

    public static final Terms NONE = new Terms("", 0, -1, -1);

    /** A name without conditions. */
    public static Terms named(String producer, long seq) {
        return new Terms(producer, seq, -1, -1);
    }

    public boolean hasName() {
        return !producer.isEmpty();
    }

    /** What stays of it once it is published: later moves of the message have no conditions. */
    public Terms published() {
        return hasName() ? named(producer, seq) : NONE;
    }
}
