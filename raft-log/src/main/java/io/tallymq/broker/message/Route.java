package io.tallymq.broker.message;

/** Where a message is sent. One value serves all messages of a batch that share it. */
public record Route(String vhost, String exchange, String routingKey) {}
