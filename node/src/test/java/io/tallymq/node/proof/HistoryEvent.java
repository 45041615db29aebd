package io.tallymq.node.proof;

/**
 * What a client did or saw. A history is a list of these, in the order in which they were noted; the times are nanoseconds of
 * one monotonic clock, so all clients of a history run on one machine.
 */
sealed interface HistoryEvent {
    /** Its letter begins the event's line in a history file. */
    enum Kind {
        PUBLISHED('P'),
        CONFIRMED('C'),
        NACKED('N'),
        RETURNED('R'),
        DELIVERED('D'),
        ACKED('A'),
        REQUEUED('Q'),
        REJECTED('X'),
        GONE('G'),
        SETTLED('Y'),
        DEAD_LETTERED('L'),
        FAULT('F'),
        DRAINED('Z');

        final char letter;

        Kind(char letter) {
            this.letter = letter;
        }
    }

    Kind kind();

    long time();

    /**
     * About to be published.
     *
     * @param queue where it should arrive
     * @param crc of its body
     */
    record Published(long time, MessageId id, String queue, String crc) implements HistoryEvent {
        @Override
        public Kind kind() {
            return Kind.PUBLISHED;
        }
    }

    /** basic.ack (CONFIRMED), basic.nack (NACKED) or basic.return (RETURNED) for a published message; each tag on its own. */
    record Answered(Kind kind, long time, MessageId id) implements HistoryEvent {}

    /**
     * A delivery.
     *
     * @param consumer one consuming channel; a consumer that connects again is another one
     * @param count of the header x-delivery-count, or -1 without it
     */
    record Delivered(
            long time, String consumer, String queue, MessageId id, boolean redelivered, long count, String crc)
            implements HistoryEvent {
        @Override
        public Kind kind() {
            return Kind.DELIVERED;
        }
    }

    /** The consumer is about to send an ack (ACKED), a nack that requeues (REQUEUED) or one that does not (REJECTED). */
    record Answering(Kind kind, long time, String consumer, MessageId id) implements HistoryEvent {}

    /**
     * GONE: the channel is lost, what it held goes back. SETTLED: a reply has come that the broker can only give after it has
     * applied all acks sent on this channel so far.
     */
    record Channel(Kind kind, long time, String consumer) implements HistoryEvent {}

    /** Seen in the queue for dead letters. */
    record DeadLettered(long time, String queue, MessageId id) implements HistoryEvent {
        @Override
        public Kind kind() {
            return Kind.DEAD_LETTERED;
        }
    }

    /** For the reader only. */
    record Fault(long time, String what) implements HistoryEvent {
        @Override
        public Kind kind() {
            return Kind.FAULT;
        }
    }

    /**
     * The queue was drained at the end.
     *
     * @param depth what the broker says is still in it, ready and unacknowledged
     */
    record Drained(long time, String queue, long depth) implements HistoryEvent {
        @Override
        public Kind kind() {
            return Kind.DRAINED;
        }
    }
}
