package io.tallymq.broker.spec;

/**
 * The names of direct reply-to, as RabbitMQ has them: a channel consumes from {@link #QUEUE}, which is no queue, and is reached through
 * the default exchange by a name of its own, which ends with a token that only those know whom it asked.
 */
public final class DirectReplyTo {
    public static final String QUEUE = "amq.rabbitmq.reply-to";

    /** The default exchange. */
    public static final String EXCHANGE = "";

    private static final String PREFIX = QUEUE + '.';

    private DirectReplyTo() {}

    /** Whether it is the name that all clients consume from, or one channel's. */
    public static boolean isName(String queue) {
        return queue.startsWith(QUEUE) && (queue.length() == QUEUE.length() || queue.charAt(QUEUE.length()) == '.');
    }

    /** The token of a channel's name; null when it is not one. */
    public static String token(String name) {
        return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : null;
    }

    /** The channel's name. */
    public static String name(String token) {
        return PREFIX + token;
    }
}
