package io.tallymq.broker.message;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The arguments of a declare, bind or consume: names to plain Java values, in name order.
 *
 * <p>Values are String, Long (every AMQP integer), Boolean, Double, byte[], java.util.List, nested Map, java.util.Date
 * for timestamps as Long milliseconds wrapped in {@link Timestamp}, or null (AMQP void). Integers of all widths are equal
 * when their values are, as in RabbitMQ.
 */
public record Arguments(Map<String, Object> values) {
    /** AMQP's T: seconds since the epoch. */
    public record Timestamp(long seconds) {}

    public static final Arguments NONE = new Arguments(Map.of());

    public Arguments {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    public Object get(String name) {
        return values.get(name);
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }
}
