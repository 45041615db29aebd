package io.tallymq.node.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every key, once: {@code --help}, the example file, the checks and the documentation come from here. A key is in the part that it concerns.
 */
public final class ConfigKeys {
    /** In the order in which people should read them. */
    public static final List<Key<?>> ALL = Stream.of(
                    NodeKeys.ALL,
                    AmqpKeys.ALL,
                    HttpKeys.ALL,
                    AccessKeys.ALL,
                    RaftKeys.ALL,
                    StoreKeys.ALL,
                    ObserveKeys.ALL)
            .<Key<?>>flatMap(List::stream)
            .toList();

    private static final Map<String, Key<?>> BY_NAME =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Key::name, Function.identity()));
    private static final Map<String, Key<?>> BY_ENV =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Key::env, Function.identity()));

    private ConfigKeys() {}

    public static Optional<Key<?>> byName(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    public static Optional<Key<?>> byEnv(String env) {
        return Optional.ofNullable(BY_ENV.get(env));
    }
}
