package io.tallymq.amqp.session;

import io.tallymq.broker.ConnectionInfo;

/**
 * What this node can tell about one of its client connections now.
 *
 * @param info null until connection.open was received
 * @param name {@code peer:port -> host:port}
 * @param state as RabbitMQ names it: starting, tuning, opening, running, flow, blocked, closing, closed
 * @param channels open channels
 * @param receivedBytes since the connection was accepted
 * @param sentBytes handed to the socket since the connection was accepted
 */
public record AmqpConnectionInfo(
        ConnectionInfo info, String name, String state, int channels, long receivedBytes, long sentBytes) {}
