package io.tallymq.broker.queue;

import io.tallymq.broker.store.SeqRuns;

/** Why a message leaves a queue without having been consumed. */
public enum Death {
    /** basic.nack or basic.reject without requeue. */
    REJECTED("rejected"),
    /** Its time to live is over. */
    EXPIRED("expired"),
    /** It was the oldest in a queue that had no room. */
    MAXLEN("maxlen"),
    /** It failed too often. */
    DELIVERY_LIMIT("delivery_limit");

    private static final Death[] ALL = values();

    private final String reason;

    Death(String reason) {
        this.reason = reason;
    }

    /** As the header x-death says it. */
    public String reason() {
        return reason;
    }

    /** By the number under which {@link SeqRuns} keeps it. */
    static Death of(int number) {
        return ALL[number];
    }
}
