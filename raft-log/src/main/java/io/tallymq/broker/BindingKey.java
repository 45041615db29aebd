package io.tallymq.broker;

/** What makes a binding unique: source exchange, destination (queue or exchange by command), key and arguments. */
public record BindingKey(String source, String destination, String routingKey, Arguments arguments) {}
