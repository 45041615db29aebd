package io.tallymq.broker.spec;

import io.tallymq.broker.message.Arguments;

/** The properties of a queue that a redeclare must repeat. */
public record QueueSpec(boolean durable, boolean exclusive, boolean autoDelete, Arguments arguments) {}
