package io.tallymq.amqp.channel;

import io.tallymq.amqp.config.AmqpServerConfig;
import io.tallymq.broker.Broker;
import io.tallymq.timer.Timers;
import java.security.SecureRandom;

/**
 * What a node lends to all its connections. Thread-safe.
 *
 * @param timers runs what has to be done by the clock
 * @param random for names that nobody can guess
 * @param totals counts messages over all connections
 */
public record NodeContext(
        AmqpServerConfig config, Broker broker, Timers timers, SecureRandom random, MessageTotals totals) {}
