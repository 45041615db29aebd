package io.tallymq.broker.spec;

import io.tallymq.broker.message.Arguments;

/**
 * A policy as an operator writes it.
 *
 * @param pattern which names it is for
 * @param applyTo the kind of what it is for, in RabbitMQ's words
 * @param priority of several that are for the same, the highest one acts
 * @param definition keys and values
 */
public record PolicySpec(String pattern, String applyTo, long priority, Arguments definition) {}
