package io.tallymq.admin.cluster;

import io.tallymq.broker.routing.ExchangeType;

/** What types of exchanges are, in a line for people: RabbitMQ's for those that it has. */
final class ExchangeTypes {
    private ExchangeTypes() {}

    static String description(ExchangeType type) {
        return switch (type) {
            case DIRECT, FANOUT, TOPIC, HEADERS ->
                "AMQP " + type.amqpName() + " exchange, as per the AMQP specification";
            case CONSISTENT_HASH -> "Consistent Hashing Exchange";
            case MODULUS_HASH -> "Modulus Hashing Exchange";
            case RANDOM -> "AMQP Random Exchange.";
            case LOCAL_RANDOM -> "Picks one random local binding (queue) to route via (to).";
            case DELAYED_MESSAGE -> "Delayed Message Exchange.";
            case DEDUPLICATION -> "Message Deduplication Exchange.";
            case RECENT_HISTORY -> "Recent History Exchange.";
        };
    }
}
