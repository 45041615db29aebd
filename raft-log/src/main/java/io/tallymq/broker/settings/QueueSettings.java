package io.tallymq.broker.settings;

import io.tallymq.broker.message.Arguments;

/**
 * What a queue goes by, whoever asked for it.
 *
 * @param maxLength most messages that are to be had, -1 for no limit
 * @param maxBytes most bytes of their bodies, -1 for no limit
 * @param overflow what becomes of what is too much
 * @param singleActiveConsumer whether one consumer alone is given messages
 */
public record QueueSettings(long maxLength, long maxBytes, Overflow overflow, boolean singleActiveConsumer) {
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
                number(arguments, ArgumentTable.MAX_LENGTH),
                number(arguments, ArgumentTable.MAX_LENGTH_BYTES),
                Overflow.of(arguments.get(ArgumentTable.OVERFLOW)),
                Boolean.TRUE.equals(arguments.get(ArgumentTable.SINGLE_ACTIVE_CONSUMER)));
    }

    private static long number(Arguments arguments, String name) {
        return arguments.get(name) instanceof Long n ? n : -1;
    }

    private boolean hasLimit() {
        return maxLength >= 0 || maxBytes >= 0;
    }

    /** Whether a publish may be refused for want of room. */
    public boolean refuses() {
        return hasLimit() && overflow != Overflow.DROP_HEAD;
    }

    /** Whether the oldest messages go for want of room. */
    public boolean dropsHead() {
        return hasLimit() && overflow == Overflow.DROP_HEAD;
    }
}
