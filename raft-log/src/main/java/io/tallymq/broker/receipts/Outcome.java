package io.tallymq.broker.receipts;

/** What became of a publish that has a name. */
public enum Outcome {
    /** It is in its queues, or waits for its time. It comes there once, whatever is published again. */
    STORED(1, true),
    /** It may never come any more. */
    VOID(2, true),
    /** It was confirmed, and there was no queue for it. It may be published again. */
    UNROUTABLE(3, false),
    /** Nothing of it happened. It may be published again. */
    REFUSED(4, false),
    /** It has not come yet. It still may. */
    UNSEEN(5, false),
    /** Whether it came is not known any more. */
    FORGOTTEN(6, false),
    /** It was confirmed, and is nowhere: a message with its deduplication key or its id was there before, or it called a scheduled one off. */
    DUPLICATE(7, true);

    private static final Outcome[] ALL = values();

    private final int code;
    private final boolean isFinal;

    Outcome(int code, boolean isFinal) {
        this.code = code;
        this.isFinal = isFinal;
    }

    /** Whether it never changes any more, as long as it is known. */
    public boolean isFinal() {
        return isFinal;
    }

    int code() {
        return code;
    }

    static Outcome of(int code) {
        return ALL[code - 1];
    }
}
