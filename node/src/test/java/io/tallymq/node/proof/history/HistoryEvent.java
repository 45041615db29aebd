package io.tallymq.node.proof.history;

import java.util.Map;

/**
 * What a client did or saw. A history is a list of these, in the order in which they were noted; the times are nanoseconds of
 * one monotonic clock, so all clients of a history run on one machine.
 */
public sealed interface HistoryEvent {
    /** Its letter begins the event's line in a history file. */
    enum Kind {
        PUBLISHED('P'),
        CONFIRMED('C'),
        NACKED('N'),
        RETURNED('R'),
        DELIVERED('D'),
        ACKED('A'),
        REQUEUED('Q'),
        FAILED('B'),
        REJECTED('X'),
        GONE('G'),
        CLOSED('E'),
        CANCELLED('K'),
        ASKED('U'),
        SETTLED('Y'),
        READING('S'),
        READ('O'),
        DEAD_LETTERED('L'),
        INQUIRED('I'),
        TOLD('T'),
        VOIDING('V'),
        VOIDED('W'),
        TAKING('H'),
        TAKEN('M'),
        REPORTED('J'),
        SETTLING('s'),
        STANDS('k'),
        MARKED('m'),
        FETCHING('f'),
        MISSED('n'),
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
     * @param queue where it should arrive; several have a + between
     * @param crc of its body
     * @param notes what else is known of it, by the names below
     */
    record Published(long time, MessageId id, String queue, String crc, Map<String, String> notes)
            implements HistoryEvent {
        /** The value of its header x-group-id. */
        public static final String GROUP = "group";
        /** The value of its header x-deduplication-header, or its name: the producer, a dot, and the number. */
        public static final String KEY = "key";
        /** What its publisher has to be told: events, each with an @ and its queue, a + between two. */
        public static final String ENDS = "ends";
        /** All: its confirm comes when every node has it. */
        public static final String CONFIRM = "confirm";
        /** The transaction that it was published in. */
        public static final String TX = "tx";
        /** Its priority, as far as its queue tells priorities apart. */
        public static final String LEVEL = "level";
        /** The header that x-last-value names. */
        public static final String VALUE = "value";
        /** Its x-schedule-id. */
        public static final String PLAN = "plan";
        /** Whose filter lets it through: the last part of the names of consumers. */
        public static final String FOR = "for";
        /** Milliseconds after which it should come: it is scheduled, or has to expire first. */
        public static final String AFTER = "after";

        public Published {
            notes = Map.copyOf(notes);
        }

        public Published(long time, MessageId id, String queue, String crc) {
            this(time, id, queue, crc, Map.of());
        }

        /** Null if there is none. */
        public String note(String name) {
            return notes.get(name);
        }

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

    /**
     * The consumer is about to send an ack (ACKED), a nack that requeues (REQUEUED), a reject that requeues and so counts as a failure
     * (FAILED), or one that does not requeue (REJECTED).
     */
    record Answering(Kind kind, long time, String consumer, MessageId id) implements HistoryEvent {}

    /**
     * GONE: the channel is lost, what it held goes back. CLOSED: the client is about to close it, with what it still holds, and knows of
     * all that it was sent. CANCELLED: the broker has cancelled its consumer. ASKED: it is about to ask something that the broker can only
     * answer after it has applied all acks sent on this channel before. SETTLED: that answer has come.
     */
    record Channel(Kind kind, long time, String consumer) implements HistoryEvent {}

    /**
     * A reader of a stream begins, or begins again.
     *
     * @param consumer its channel: the reader's name, a dot, and a number
     * @param from the offset it asks for, or {@link #STORED}
     */
    record Reading(long time, String consumer, long from) implements HistoryEvent {
        /** Where the broker knows that this reader was. */
        public static final long STORED = -1;

        @Override
        public Kind kind() {
            return Kind.READING;
        }
    }

    /** A reader of a stream got a message. */
    record Read(long time, String consumer, long offset, MessageId id, String crc) implements HistoryEvent {
        @Override
        public Kind kind() {
            return Kind.READ;
        }
    }

    /** Seen in the queue for dead letters. */
    record DeadLettered(long time, String queue, MessageId id) implements HistoryEvent {
        @Override
        public Kind kind() {
            return Kind.DEAD_LETTERED;
        }
    }

    /**
     * INQUIRED: somebody is about to ask for the receipt of a name. VOIDING: he is about to make it void. TAKING: he is about to take a producer's
     * place; TAKEN: he has it, who came before may not publish any more. An answer that does not come is not noted.
     *
     * @param who asks one thing after the other
     * @param name of a publish: the producer, a dot, and the number; or of the producer
     */
    record Inquiring(Kind kind, long time, String who, String name) implements HistoryEvent {}

    /**
     * TOLD or VOIDED: the answer to what the same one asked last.
     *
     * @param outcome as the receipt says; or {@link #DONE} or {@link #CAME}, which is all that AMQP says to a void
     * @param isFinal whether the receipt says so
     * @param entry that decided it; -1: it tells none
     * @param askedAt the entry of which the answer knows; -1: it tells none
     */
    record Told(
            Kind kind,
            long time,
            String who,
            String name,
            String outcome,
            boolean isFinal,
            long entry,
            long askedAt,
            Times times)
            implements HistoryEvent {
        /** It is void. */
        public static final String DONE = "done";
        /** It came before, or is too old. */
        public static final String CAME = "came";

        public Told(
                Kind kind,
                long time,
                String who,
                String name,
                String outcome,
                boolean isFinal,
                long entry,
                long askedAt) {
            this(kind, time, who, name, outcome, isFinal, entry, askedAt, Times.NONE);
        }
    }

    /**
     * What an answer says of times: milliseconds since the epoch, of the log but for the last.
     *
     * @param decided of the entry that decided it; -1: it tells none
     * @param since what came from then on is known; 0: all is; -1: it tells none
     * @param now by the clock of who was told
     */
    record Times(long decided, long since, long now) {
        public static final Times NONE = new Times(-1, -1, -1);
    }

    /**
     * A report came.
     *
     * @param who got it
     * @param queue that the message left
     * @param id of the message
     * @param entry of which it tells
     */
    record Reported(long time, String who, String event, String queue, MessageId id, long entry, boolean redelivered)
            implements HistoryEvent {
        @Override
        public Kind kind() {
            return Kind.REPORTED;
        }
    }

    /**
     * SETTLING: about to settle a message by amq.settle. STANDS: the confirm of that. MARKED: what settles had said came with the message. FETCHING:
     * about to get one that was put aside, by its token; MISSED: it was not there.
     *
     * @param notes by the names below
     */
    record Remark(Kind kind, long time, String who, MessageId id, Map<String, String> notes) implements HistoryEvent {
        /** Of SETTLING, STANDS, FETCHING and MISSED: the number of the settle; of MARKED: of the one whose headers the message has, none without any. */
        public static final String STEP = "step";
        /** Of SETTLING: x-outcome. */
        public static final String OUTCOME = "outcome";
        /** Of SETTLING: x-delay in milliseconds, if there is one. */
        public static final String DELAY = "delay";

        public Remark {
            notes = Map.copyOf(notes);
        }

        /** Null if there is none. */
        public String note(String name) {
            return notes.get(name);
        }
    }

    /**
     * Something is done to the nodes; {@link #OVER} begins the text when all of them serve again. In between, {@link #AWAY} when some get nothing of what
     * is published from now on, and {@link #BACK} before they may.
     */
    record Fault(long time, String what) implements HistoryEvent {
        public static final String AWAY = "away ";
        public static final String BACK = "back ";
        public static final String OVER = "all serve again";

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
