package io.tallymq.broker.spec;

import io.tallymq.broker.message.Arguments;

/** The properties of an exchange that a redeclare must repeat. */
public record ExchangeSpec(String type, boolean durable, boolean autoDelete, boolean internal, Arguments arguments) {}
