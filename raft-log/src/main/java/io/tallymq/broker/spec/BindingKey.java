package io.tallymq.broker.spec;

import io.tallymq.broker.message.Arguments;

/** What makes a binding unique: source exchange, destination (queue or exchange by command), key and arguments. */
public record BindingKey(String source, String destination, String routingKey, Arguments arguments) {}
