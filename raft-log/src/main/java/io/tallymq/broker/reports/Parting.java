package io.tallymq.broker.reports;

import io.tallymq.broker.message.ReportEvent;
import java.util.Locale;

/** How a message leaves a queue for good, if it does not go on as a dead letter. By these numbers the store keeps it, so the order never changes. */
public enum Parting {
    ACKED(ReportEvent.ACKED),
    EXPIRED(ReportEvent.EXPIRED),
    /** basic.nack or basic.reject without requeue. */
    REJECTED(ReportEvent.DROPPED),
    /** It was the oldest in a queue that had no room. */
    MAXLEN(ReportEvent.DROPPED),
    /** It failed too often. */
    DELIVERY_LIMIT(ReportEvent.DROPPED),
    PURGED(ReportEvent.DROPPED),
    /** With its queue. */
    DELETED(ReportEvent.DROPPED),
    /** A newer one took its place. */
    REPLACED(ReportEvent.DROPPED);

    private static final Parting[] ALL = values();

    private final ReportEvent event;

    Parting(ReportEvent event) {
        this.event = event;
    }

    /** By the number under which the store keeps it. */
    static Parting of(int number) {
        return ALL[number];
    }

    /** As what it is told. */
    public ReportEvent event() {
        return event;
    }

    /** The reason that is told; empty where the event says it all. */
    public String reason() {
        return this == ACKED ? "" : name().toLowerCase(Locale.ROOT);
    }
}
