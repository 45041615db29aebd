package io.tallymq.broker.routing;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.spec.ExchangeSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Arguments of x-consistent-hash exchanges as LavinMQ's clients write them. What is declared says so itself from then on, beside what came: so an
 * exchange that was declared while nobody knew them goes by the routing key as before, on every replica.
 */
final class LavinArguments {
    /** The level of the state from which on they are known. */
    private static final int LEVEL = 5;

    private static final List<String> NAMES = List.of(ArgumentTable.HASH_ON, ArgumentTable.HASH_ALGORITHM);

    private LavinArguments() {}

    /** What is looked at of them: below that level nothing. */
    static ExchangeSpec known(ExchangeSpec spec, int level) {
        Map<String, Object> given = spec.arguments().values();
        if (level >= LEVEL || NAMES.stream().noneMatch(given::containsKey)) {
            return spec;
        }
        TreeMap<String, Object> rest = new TreeMap<>(given);
        NAMES.forEach(rest::remove);
        return with(spec, rest);
    }

    /** The same, with what is meant in the words of all others. */
    static ExchangeSpec meant(ExchangeSpec spec, int level) {
        Arguments given = spec.arguments();
        Object header = given.get(ArgumentTable.HASH_ON);
        boolean hashes = ExchangeType.of(spec.type()).routing(given) == ExchangeType.CONSISTENT_HASH;
        if (level < LEVEL || !hashes || header == null || given.get(ArgumentTable.HASH_HEADER) != null) {
            return spec;
        }
        TreeMap<String, Object> all = new TreeMap<>(given.values());
        all.put(ArgumentTable.HASH_HEADER, header);
        return with(spec, all);
    }

    private static ExchangeSpec with(ExchangeSpec spec, Map<String, Object> arguments) {
        return new ExchangeSpec(
                spec.type(), spec.durable(), spec.autoDelete(), spec.internal(), new Arguments(arguments));
    }
}
