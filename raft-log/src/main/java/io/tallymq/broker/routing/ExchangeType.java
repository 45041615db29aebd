package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.BindingKey;

/** The types an exchange can have: the four of AMQP (3.1.3) and those that RabbitMQ added. What is missing is refused by name. */
public enum ExchangeType {
    DIRECT("direct"),
    FANOUT("fanout"),
    TOPIC("topic"),
    HEADERS("headers"),
    CONSISTENT_HASH("x-consistent-hash"),
    MODULUS_HASH("x-modulus-hash"),
    RANDOM("x-random"),
    /** Every node has every queue, so all are local. */
    LOCAL_RANDOM("x-local-random"),
    /** Routes as the type that its argument names; what its messages' headers say of their time holds on every exchange. */
    DELAYED_MESSAGE("x-delayed-message"),
    /** Routes as a fanout; what it remembers is the {@link Exchange}'s, as on every exchange that is asked to. */
    DEDUPLICATION("x-message-deduplication"),
    /** Routes as a fanout, and hands the last messages to new bindings. */
    RECENT_HISTORY("x-recent-history");

    /** How an exchange of {@link #DELAYED_MESSAGE} routes. */
    static final String DELAYED_TYPE = "x-delayed-type";

    private static final int LATER_LEVEL = 3;

    private final String amqpName;

    ExchangeType(String amqpName) {
        this.amqpName = amqpName;
    }

    /** The type as exchange.declare names it. */
    public String amqpName() {
        return amqpName;
    }

    /** The level of the state from which on there is a type of this name, with the type that the arguments may name beside it. */
    public static int level(String name, Arguments arguments) {
        ExchangeType t = of(name);
        if (t == DELAYED_MESSAGE && arguments.get(DELAYED_TYPE) instanceof String inner) {
            t = of(inner);
        }
        return t == DEDUPLICATION || t == RECENT_HISTORY ? LATER_LEVEL : 1;
    }

    /** The type of this name, or null when there is none: then {@link #refusal} says why. */
    static ExchangeType of(String name) {
        for (ExchangeType t : values()) {
            if (t.amqpName.equals(name)) {
                return t;
            }
        }
        return null;
    }

    /** How an exchange of this type with these arguments routes. They were not refused. */
    ExchangeType routing(Arguments arguments) {
        return this == DELAYED_MESSAGE ? of((String) arguments.get(DELAYED_TYPE)) : this;
    }

    /** 540 for a type other brokers have, 406 for one that nobody knows, null when the type is fine. */
    static Reply.Rejected refusal(String name) {
        if (of(name) != null) {
            return null;
        }
        ArgumentRow missing = ArgumentTable.find(ArgumentRow.Owner.EXCHANGE_TYPE, name);
        return missing == null
                ? Reply.precondition(Reply.Reason.INVALID_ARGUMENT, "unknown exchange type '" + name + "'")
                : Reply.notImplemented("exchange type '" + name + "' (" + missing.purpose()
                        + ") is not built yet: use direct, fanout, topic or headers");
    }

    /** Why an exchange of this type can not have these arguments, or null when it can. */
    Reply.Rejected refusalOf(Arguments arguments, String resource) {
        if (this == DELAYED_MESSAGE) {
            ExchangeType inner = arguments.get(DELAYED_TYPE) instanceof String name ? of(name) : null;
            return inner == null || inner == DELAYED_MESSAGE
                    ? Reply.precondition(
                            Reply.Reason.INVALID_ARGUMENT,
                            "invalid arg '" + DELAYED_TYPE + "' for " + resource
                                    + ": the type by which it routes expected, such as direct or topic")
                    : inner.refusalOf(arguments, resource);
        }
        return this == CONSISTENT_HASH ? HashRing.refusal(arguments, resource) : null;
    }

    /** An empty table for the bindings of an exchange of this type. */
    BindingTable newTable(Arguments arguments) {
        return switch (this) {
            case DIRECT -> new DirectTable();
            case FANOUT, DEDUPLICATION, RECENT_HISTORY -> new FanoutTable();
            case TOPIC -> new TopicTrie();
            case HEADERS -> new HeadersTable();
            case CONSISTENT_HASH -> new HashRing(arguments);
            case MODULUS_HASH -> new OneOfAll(false);
            case RANDOM, LOCAL_RANDOM -> new OneOfAll(true);
            case DELAYED_MESSAGE -> throw new IllegalStateException("it routes as another type");
        };
    }

    /**
     * Why an exchange of this type can not have the binding, or null when it can.
     *
     * @param level of the state
     */
    Reply.Rejected refusalOf(BindingKey binding, int level) {
        return switch (this) {
            case DIRECT, FANOUT, MODULUS_HASH, RANDOM, LOCAL_RANDOM, DELAYED_MESSAGE, DEDUPLICATION, RECENT_HISTORY ->
                null;
            case CONSISTENT_HASH -> HashRing.refusalOfWeight(binding.routingKey());
            case TOPIC -> TopicPattern.refusal(binding.routingKey(), level);
            case HEADERS -> HeadersMatch.refusal(binding.arguments());
        };
    }
}
