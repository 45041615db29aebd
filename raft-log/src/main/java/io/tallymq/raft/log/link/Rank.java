package io.tallymq.raft.log.link;

/**
 * How well a node would lead at this moment, the best first: what it says of itself in each answer to a ping. It is a matter of order among nodes that may be elected, never of
 * who may.
 */
public enum Rank {
    /** Nothing is known against it, also of a node that tells nothing. */
    FIT,
    /** Each flush of its log takes long. */
    SLOW,
    /** It has much to apply before it would take entries. */
    BEHIND,
    /** Its log is not flushed, or its store takes nothing. */
    LATE;

    private static final Rank[] ALL = values();

    public boolean isBetter(Rank than) {
        return compareTo(than) < 0;
    }

    /** One more that a newer version tells is none to lead. */
    static Rank of(int code) {
        return code < ALL.length ? ALL[code] : LATE;
    }
}
