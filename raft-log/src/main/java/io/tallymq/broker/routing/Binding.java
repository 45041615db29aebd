package io.tallymq.broker.routing;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ArgumentsCodec;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.settings.ArgumentSize;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.Arrays;

/**
 * One binding in place: its identity and the two ends. Ordered by source, kind of destination, destination, routing key
 * and arguments, which is also what makes it unique. The ends count by number: a binding of a removed queue or exchange, which is
 * not taken out yet, is another one than that of its namesake.
 */
final class Binding implements Comparable<Binding> {
    private static final byte[] NO_ARGUMENTS = {};
    /** So much more they take where each pair is looked up. */
    private static final int IN_A_TREE = 4;
    /** Words of a topic exchange's key that cost nothing beside the binding. */
    private static final int FEW_WORDS = 6;

    private final BindingKey key;
    private final Exchange source;
    private final RoutingTarget queue;
    private final Exchange exchange;
    private final byte[] arguments;
    private final int cost;
    /** Of its destination. */
    private final long hash;
    /** One of its ends is removed: nothing goes this way. It is taken out of its tables some time later. */
    boolean dead;
    /** Where its table has it; null: the table does not say. */
    Object node;

    private Binding(BindingKey key, Exchange source, RoutingTarget queue, Exchange exchange) {
        this.key = key;
        this.source = source;
        this.queue = queue;
        this.exchange = exchange;
        this.arguments = encode(key.arguments());
        this.cost = ArgumentSize.cost(key.arguments()) * (source.type() == ExchangeType.HEADERS ? IN_A_TREE : 1)
                + (source.type() == ExchangeType.TOPIC ? manyWords(key.routingKey()) : 0);
        this.hash = RouteHash.of((toQueue() ? "q" : "x") + key.destination());
    }

    /** Each word may be a node of its own; the first ones are in what every binding takes. */
    private static int manyWords(String routingKey) {
        return (int) Math.max(0, routingKey.chars().filter(c -> c == '.').count() + 1 - FEW_WORDS);
    }

    static Binding toQueue(BindingKey key, Exchange source, RoutingTarget queue) {
        return new Binding(key, source, queue, null);
    }

    static Binding toExchange(BindingKey key, Exchange source, Exchange destination) {
        return new Binding(key, source, null, destination);
    }

    private static byte[] encode(Arguments a) {
        if (a.isEmpty()) {
            return NO_ARGUMENTS;
        }
        ByteWriter w = new ByteWriter(64);
        ArgumentsCodec.write(w, a);
        return w.toBytes();
    }

    BindingKey key() {
        return key;
    }

    Exchange source() {
        return source;
    }

    boolean toQueue() {
        return queue != null;
    }

    /** The destination when it is a queue, else null. */
    RoutingTarget queue() {
        return queue;
    }

    /** The destination when it is an exchange, else null. */
    Exchange exchange() {
        return exchange;
    }

    /** The number of the queue or exchange at the other end. */
    long destinationNumber() {
        return queue != null ? queue.number() : exchange.number();
    }

    /** What its arguments take, in the units of {@link ArgumentSize}. */
    int cost() {
        return cost;
    }

    /** What the points of a ring are made of that are its own: the same whatever its key and arguments. */
    long hash() {
        return hash;
    }

    /** The arguments in their one encoding; empty for no arguments. Not to be changed. */
    byte[] argumentBytes() {
        return arguments;
    }

    @Override
    public int compareTo(Binding o) {
        int c = Long.compare(source.number(), o.source.number());
        if (c == 0) {
            c = Boolean.compare(toQueue(), o.toQueue());
        }
        if (c == 0) {
            c = key.destination().compareTo(o.key.destination());
        }
        if (c == 0) {
            c = Long.compare(destinationNumber(), o.destinationNumber());
        }
        if (c == 0) {
            c = key.routingKey().compareTo(o.key.routingKey());
        }
        return c == 0 ? Arrays.compareUnsigned(arguments, o.arguments) : c;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Binding b && compareTo(b) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * key.destination().hashCode() + key.routingKey().hashCode();
    }
}
