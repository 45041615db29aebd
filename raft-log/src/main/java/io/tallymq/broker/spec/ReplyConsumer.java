package io.tallymq.broker.spec;

/**
 * A channel that consumes direct replies.
 *
 * @param token names it, see {@link DirectReplyTo}
 */
public record ReplyConsumer(ConnectionId connection, int channel, String token) {}
