package io.tallymq.broker.settings;

import io.tallymq.broker.message.Arguments;

/**
 * What a queue goes by, whoever asked for it.
 *
 * @param maxLength most messages that are to be had, -1 for no limit
 * @param maxBytes most bytes of their bodies, -1 for no limit
 * @param overflow what becomes of what is too much
 * @param singleActiveConsumer whether one consumer alone is given messages
 * @param messageTtl milliseconds after which its messages expire, or are as old as a stream keeps them, -1: never
 * @param expires milliseconds after which it is deleted if nobody uses it, -1: never
 * @param deadLetter where its messages go when they die; null: nowhere
 * @param deliveryLimit failed attempts that a message survives, -1 for no limit
 * @param retryDelay how long a message rests that went back; null: not at all
 * @param consumerTimeout milliseconds that a client may take for an ack, 0: for ever
 * @param groupBy header by which messages are in groups, each one consumer's at a time; null: they are not
 * @param lastValue header of whose values only the newest message waits each; null: none
 * @param fairBy header whose values take turns; null: none
 * @param deduplication what it remembers of its messages; null: nothing
 * @param audited whether what comes and leaves is told in the virtual host's stream of receipts
 * @param maxPriority highest priority that a classic queue tells apart, -1 or 0: all its messages are alike
 * @param confirmsByAll whether publishes are confirmed when all members of the cluster have them, not only a majority
 */
public record QueueSettings(
        long maxLength,
        long maxBytes,
        Overflow overflow,
        boolean singleActiveConsumer,
        long messageTtl,
        long expires,
        DeadLetter deadLetter,
        long deliveryLimit,
        RetryDelay retryDelay,
        long consumerTimeout,
        String groupBy,
        String lastValue,
        String fairBy,
        Deduplication deduplication,
        boolean audited,
        long maxPriority,
        boolean confirmsByAll) {
    /** What a quorum queue with dead letters has if it does not say: as RabbitMQ's. Without dead letters nothing is lost for a default. */
    private static final long DELIVERY_LIMIT = 20;

    /** Messages that wait at most in a queue with x-last-value: each is known in memory. */
    private static final long LAST_VALUES = 20_000;
    /** The level of the state from which on a queue with x-last-value refuses nothing. */
    private static final int ALWAYS_DROPS = 5;
    /** The header of x-message-groups. */
    private static final String GROUP_ID = "x-group-id";
    /** Half an hour: RabbitMQ's. */
    private static final long CONSUMER_TIMEOUT = 30 * 60 * 1_000L;

    /**
     * Where dead letters go.
     *
     * @param exchange its name; it need not exist
     * @param routingKey theirs from then on, null: the one they have
     * @param atLeastOnce whether they wait for as long as they can't go there; else they are gone
     */
    public record DeadLetter(String exchange, String routingKey, boolean atLeastOnce) {
        static DeadLetter of(Arguments arguments) {
            return arguments.get(ArgumentTable.DEAD_LETTER_EXCHANGE) instanceof String exchange
                    ? new DeadLetter(
                            exchange,
                            (String) arguments.get(ArgumentTable.DEAD_LETTER_ROUTING_KEY),
                            "at-least-once".equals(arguments.get(ArgumentTable.DEAD_LETTER_STRATEGY)))
                    : null;
        }
    }

    /** What becomes of what a limit leaves no room for, as clients name it. */
    public enum Overflow {
        /** The oldest make room for the newest. */
        DROP_HEAD("drop-head"),
        /** A publish is refused, all of it. */
        REJECT_PUBLISH("reject-publish"),
        /** The same; what is refused goes to the dead letters, if there are any. */
        REJECT_PUBLISH_DLX("reject-publish-dlx");

        private final String argument;

        Overflow(String argument) {
            this.argument = argument;
        }

        static Overflow of(Object value) {
            for (Overflow o : values()) {
                if (o.argument.equals(value)) {
                    return o;
                }
            }
            return DROP_HEAD;
        }
    }

    /** @param arguments which the {@link ArgumentTable} has let through */
    public static QueueSettings of(Arguments arguments) {
        return new QueueSettings(
                maxLength(arguments),
                number(arguments, ArgumentTable.MAX_LENGTH_BYTES),
                Overflow.of(arguments.get(ArgumentTable.OVERFLOW)),
                Boolean.TRUE.equals(arguments.get(ArgumentTable.SINGLE_ACTIVE_CONSUMER)),
                messageTtl(arguments),
                number(arguments, ArgumentTable.EXPIRES),
                DeadLetter.of(arguments),
                deliveryLimit(arguments),
                RetryDelay.of(arguments),
                consumerTimeout(arguments),
                groupBy(arguments),
                arguments.get(ArgumentTable.LAST_VALUE) instanceof String s ? s : null,
                header(arguments, ArgumentTable.FAIR_BY),
                Deduplication.of(arguments),
                arguments.get(ArgumentTable.RECEIPTS) != null,
                number(arguments, ArgumentTable.MAX_PRIORITY),
                "all".equals(arguments.get(ArgumentTable.CONFIRM)));
    }

    private static long deliveryLimit(Arguments arguments) {
        if (arguments.get(ArgumentTable.DELIVERY_LIMIT) instanceof Long n) {
            return n < 0 ? -1 : n;
        }
        boolean byDefault = "quorum".equals(arguments.get(ArgumentTable.QUEUE_TYPE))
                && arguments.get(ArgumentTable.DEAD_LETTER_EXCHANGE) != null;
        return byDefault ? DELIVERY_LIMIT : -1;
    }

    private static long messageTtl(Arguments arguments) {
        return arguments.get(ArgumentTable.MAX_AGE) instanceof String age
                ? Age.millis(age)
                : number(arguments, ArgumentTable.MESSAGE_TTL);
    }

    private static long maxLength(Arguments arguments) {
        long said = number(arguments, ArgumentTable.MAX_LENGTH);
        boolean bounded = arguments.get(ArgumentTable.LAST_VALUE) instanceof String;
        return !bounded || said >= 0 && said < LAST_VALUES ? said : LAST_VALUES;
    }

    private static long consumerTimeout(Arguments arguments) {
        return arguments.get(ArgumentTable.CONSUMER_TIMEOUT) instanceof Long n ? n : CONSUMER_TIMEOUT;
    }

    private static String groupBy(Arguments arguments) {
        String named = header(arguments, ArgumentTable.GROUP_BY);
        return named == null && Boolean.TRUE.equals(arguments.get(ArgumentTable.MESSAGE_GROUPS)) ? GROUP_ID : named;
    }

    private static String header(Arguments arguments, String name) {
        return arguments.get(name) instanceof String s ? s.substring(ArgumentTable.HEADER.length()) : null;
    }

    /** Whether messages are told apart by a header. */
    public boolean sortsByHeader() {
        return groupBy != null || fairBy != null;
    }

    private static long number(Arguments arguments, String name) {
        return arguments.get(name) instanceof Long n ? n : -1;
    }

    public boolean hasLimit() {
        return maxLength >= 0 || maxBytes >= 0;
    }

    /**
     * Whether a publish may be refused for want of room. Not where it may take the place of the one before it: there the oldest go, whatever
     * a policy says.
     *
     * @param level of the state
     */
    public boolean refuses(int level) {
        return isToRefuse() && !alwaysDrops(level);
    }

    private boolean alwaysDrops(int level) {
        return level >= ALWAYS_DROPS && lastValue != null;
    }

    /** Whether the arguments and policies say so. */
    public boolean isToRefuse() {
        return hasLimit() && overflow != Overflow.DROP_HEAD;
    }

    /** Whether what a limit refuses goes to the dead letters. */
    public boolean refusedAreDeadLetters() {
        return overflow == Overflow.REJECT_PUBLISH_DLX && deadLetter != null;
    }

    /** Whether the oldest messages go for want of room. */
    public boolean dropsHead(int level) {
        return hasLimit() && (overflow == Overflow.DROP_HEAD || alwaysDrops(level));
    }
}
