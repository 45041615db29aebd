package io.tallymq.broker.reports;

import io.tallymq.broker.store.SeqRuns;

/** Why a message leaves a queue without having been consumed. */
public enum Death {
    /** basic.nack or basic.reject without requeue. */
    REJECTED("rejected", Parting.REJECTED),
    /** Its time to live is over. */
    EXPIRED("expired", Parting.EXPIRED),
    /** It was the oldest in a queue that had no room. */
    MAXLEN("maxlen", Parting.MAXLEN),
    /** It failed too often. */
    DELIVERY_LIMIT("delivery_limit", Parting.DELIVERY_LIMIT);

    private static final Death[] ALL = values();

    private final String reason;
    private final Parting parting;

    Death(String reason, Parting parting) {
        this.reason = reason;
        this.parting = parting;
    }

    /** How a message leaves its queue that dies of it and goes nowhere. */
    public Parting parting() {
        return parting;
    }

    /** As the header x-death says it. */
    public String reason() {
        return reason;
    }

    /** By the number under which {@link SeqRuns} keeps it. */
    public static Death of(int number) {
        return ALL[number];
    }
}
